"""The form of a schedule: its name, its zone, and a form for each layer; it works without a script."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django import forms

from vedette.accounts.types import UserRef
from vedette.core.errors import Invalid
from vedette.oncall import drafting, spelling
from vedette.oncall.types import Calendar, Layer, RotationKind, ScheduleDraft

_WORD = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
_KINDS = [
    (RotationKind.DAILY.value, "Days"),
    (RotationKind.WEEKLY.value, "Weeks"),
]
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DATE = forms.TextInput(attrs={"type": "date"})
PEOPLE = "turn_"


class HeadForm(forms.Form):
    """What a schedule is called and by which clock it goes."""

    name = forms.CharField(label="Name", max_length=drafting.LONGEST_NAME)
    zone = forms.CharField(
        label="Time zone", max_length=64, widget=forms.TextInput(attrs=_WORD),
        help_text="Shifts keep their wall time in it when the clock changes, such as Europe/Berlin.",
    )  # fmt: skip


class LayerForm(forms.Form):
    """One layer. People have a number: those of the same number are on together, who has none is not in it."""

    name = forms.CharField(label="Name of the layer", max_length=drafting.LONGEST_NAME, required=False)
    every = forms.IntegerField(label="A turn lasts", min_value=1, max_value=drafting.MOST_EVERY)
    rotation = forms.ChoiceField(label="days or weeks", choices=_KINDS)
    turns_on = forms.TypedChoiceField(label="Weeks begin on", coerce=int, choices=list(enumerate(_DAYS)))
    turns_at = forms.CharField(
        label="Changes at", max_length=5, widget=forms.TimeInput(attrs={"type": "time"})
    )
    first = forms.CharField(label="First day", required=False, max_length=10, widget=_DATE)
    until = forms.CharField(label="First day without", required=False, max_length=10, widget=_DATE)
    spans = forms.CharField(
        label="Only in these parts of the week", required=False, max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "Mon-Fri 08:30-17:30", **_WORD}),
        help_text="One a line. An end that is not after its start is the next day's.",
    )  # fmt: skip
    counts_spans = forms.BooleanField(
        label="A turn is one of these parts: nobody's turn passes while the layer rests", required=False
    )
    calendar = forms.TypedChoiceField(
        label="or take who is on from a calendar", required=False, coerce=int, empty_value=None
    )
    gone = forms.BooleanField(label="Remove this layer", required=False)

    def __init__(
        self,
        people: Sequence[UserRef],
        calendars: Sequence[Calendar],
        prefix: str,
        layer: Layer,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, prefix=prefix, initial=_initial(layer))
        chosen = self.fields["calendar"]
        if isinstance(chosen, forms.TypedChoiceField):
            chosen.choices = [("", "People, as above"), *((one.id, one.name) for one in calendars)]
        for one in people:
            self.fields[f"{PEOPLE}{one.id}"] = forms.IntegerField(
                label=one.name, required=False, min_value=1, max_value=drafting.MOST_PEOPLE
            )

    def turns(self) -> list[forms.BoundField]:
        """Return the fields of people, for the template."""
        return [self[name] for name in self.fields if name.startswith(PEOPLE)]

    def layer(self) -> Layer:
        """Return the layer that was filled in; raises `Invalid` for parts of the week that cannot be read."""
        given = self.cleaned_data
        places: dict[int, list[int]] = {}
        for name, place in given.items():
            if name.startswith(PEOPLE) and place is not None:
                places.setdefault(place, []).append(int(name.removeprefix(PEOPLE)))
        return Layer(
            name=given["name"], people=tuple(tuple(places[place]) for place in sorted(places)),
            rotation=RotationKind(given["rotation"]), every=given["every"], turns_on=given["turns_on"],
            turns_at=given["turns_at"], first=given["first"], until=given["until"],
            spans=spelling.read(given["spans"]), counts_spans=given["counts_spans"], calendar=given["calendar"],
        )  # fmt: skip


class ScheduleForm:
    """All of it: the head and one form for each layer; `layers` says how many were sent."""

    def __init__(
        self,
        people: Sequence[UserRef],
        calendars: Sequence[Calendar],
        draft: ScheduleDraft,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.is_bound = data is not None
        self.head = HeadForm(data, initial={"name": draft.name, "zone": draft.zone})
        adds = data is not None and data.get("act") == "add"
        count = _count(data, len(draft.layers))
        blank = Layer(name="", turns_at="09:00")
        known = [*draft.layers, *([blank] * count)][:count]
        self.layers = [
            LayerForm(people, calendars, f"l{place}", layer, data) for place, layer in enumerate(known)
        ]
        if adds and count < drafting.MOST_LAYERS:
            self.layers.append(LayerForm(people, calendars, f"l{count}", blank))
        self.problem = ""

    @property
    def count(self) -> int:
        """Return how many layers the form shows."""
        return len(self.layers)

    def is_valid(self) -> bool:
        """Tell whether every field could be read; what is wrong stands at its field."""
        return all([self.head.is_valid(), *(each.is_valid() for each in self.layers)])

    def draft(self) -> ScheduleDraft:
        """Return what was filled in, layers that are to go left out; raises `Invalid`."""
        made = []
        for place, each in enumerate(self._kept()):
            try:
                made.append(each.layer())
            except Invalid as error:
                raise Invalid(str(error), {f"layers.{place}.spans": str(error)}) from None
        return ScheduleDraft(
            name=self.head.cleaned_data["name"], zone=self.head.cleaned_data["zone"], layers=tuple(made)
        )

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names, or above the form."""
        kept = self._kept()
        for name, text in error.fields.items() or [("", str(error))]:
            _, _, rest = name.partition("layers.")
            place, _, field = rest.partition(".")
            if name in self.head.fields:
                self.head.add_error(name, text)
            elif place.isdecimal() and field in kept[int(place)].fields:
                kept[int(place)].add_error(field, text)
            else:
                self.problem = text

    def _kept(self) -> list[LayerForm]:
        return [each for each in self.layers if not each.cleaned_data.get("gone")]


def _count(data: Mapping[str, Any] | None, usual: int) -> int:
    told = "" if data is None else str(data.get("layers", ""))
    return min(int(told[:3]), drafting.MOST_LAYERS) if told.isascii() and told.isdecimal() else max(1, usual)


def _initial(layer: Layer) -> dict[str, object]:
    kind = RotationKind.WEEKLY if layer.rotation is RotationKind.WEEKLY else RotationKind.DAILY
    places = {f"{PEOPLE}{user}": place for place, turn in enumerate(layer.people, 1) for user in turn}
    plain = msgspec.structs.asdict(layer)
    return {**plain, **places, "rotation": kind.value, "spans": spelling.written(layer.spans)}
