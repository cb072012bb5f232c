"""The forms of a route and of a receiver."""

from collections.abc import Mapping, Sequence

from django import forms

from vedette.alerts import matching
from vedette.alerts.matching import Matcher
from vedette.alerts.quieting.forms import parsed
from vedette.alerts.routes import editing
from vedette.alerts.routing import ALL_LABELS, Route
from vedette.alerts.types import Receiver
from vedette.core.errors import Invalid

_TOGETHER = "-"
_ENDS = [("", "As the route above"), ("yes", "Yes"), ("no", "No")]
_TIME = "As 30 s, 5 min, 4 h. Empty: as the route above."


class RouteForm(forms.Form):
    """One route; what is left empty is inherited from the route above."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    matchers = forms.CharField(
        label="Takes alerts with",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "off"}),
        help_text='Labels: team="db", severity=~"high|critical". All must hold; empty takes everything.',
    )
    receiver = forms.ChoiceField(label="Tells", required=False)
    group_by = forms.CharField(
        label="Groups by",
        required=False,
        max_length=1_000,
        help_text="Labels parted by commas; … or ... for every label, - for all in one group.",
    )
    group_wait = forms.CharField(label="A new group waits", required=False, max_length=20, help_text=_TIME)
    group_interval = forms.CharField(
        label="A group looks every", required=False, max_length=20, help_text=_TIME
    )
    repeat_interval = forms.CharField(
        label="What lasts is told again after", required=False, max_length=20, help_text=_TIME
    )
    send_resolved = forms.ChoiceField(label="Tells when it is over", required=False, choices=_ENDS)
    goes_on = forms.BooleanField(label="Go on to the routes after it as well", required=False)

    def __init__(
        self,
        receivers: Sequence[str],
        version: int,
        before: Route | None = None,
        data: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial={"version": version, **_initial(before or Route())})
        chosen = self.fields["receiver"]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = [("", "As the route above"), *((name, name) for name in receivers)]

    def route(self) -> Route:
        """Return the route that was filled in; raises `Invalid` naming the wrong fields."""
        given, wrong = self.cleaned_data, dict[str, str]()
        made = Route(
            matchers=_matchers(given["matchers"]),
            receiver=given["receiver"] or None,
            group_by=_group_by(given["group_by"]),
            group_wait=_seconds("group_wait", given, wrong),
            group_interval=_seconds("group_interval", given, wrong),
            repeat_interval=_seconds("repeat_interval", given, wrong),
            send_resolved={"yes": True, "no": False}.get(given["send_resolved"]),
            goes_on=given["goes_on"],
        )
        if wrong:
            raise Invalid("The route cannot be used.", wrong)
        return made


class ReceiverForm(forms.Form):
    """A receiver: channels of everybody and people with channels of their own."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=80)
    channels = forms.MultipleChoiceField(
        label="Channels", required=False, widget=forms.CheckboxSelectMultiple
    )
    people = forms.MultipleChoiceField(
        label="People",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Told by the channels of their own; who has none is not told.",
    )
    policies = forms.MultipleChoiceField(
        label="Escalation policies",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Page people until somebody answers.",
    )

    def __init__(
        self,
        channels: Sequence[str],
        people: Sequence[tuple[str, str]],
        version: int,
        before: Receiver | None = None,
        data: Mapping[str, object] | None = None,
        *,
        policies: Sequence[str] = (),
    ) -> None:
        known = before or Receiver(name="")
        initial = {"name": known.name, "channels": list(known.channels), "people": list(known.people)}
        super().__init__(data, initial={"version": version, **initial, "policies": list(known.policies)})
        lists = {"channels": _same(channels), "people": list(people), "policies": _same(policies)}
        for name, choices in lists.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices

    def receiver(self) -> Receiver:
        """Return the receiver that was filled in; raises `Invalid` when it would tell nobody."""
        given = self.cleaned_data
        if not given["channels"] and not given["people"] and not given["policies"]:
            raise Invalid("Choose at least one channel, person or policy.")
        return Receiver(
            name=given["name"].strip(),
            channels=tuple(given["channels"]),
            people=tuple(given["people"]),
            policies=tuple(given["policies"]),
        )


def _same(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(each, each) for each in names]


def blame(form: forms.Form, error: Invalid) -> None:
    """Put what is wrong onto the fields it names, the rest above the form, each with its place."""
    for name, text in error.fields.items():
        if name in form.fields:
            form.add_error(name, text)
        else:
            form.add_error(None, f"{name.capitalize()}: {text}")
    if not error.fields:
        form.add_error(None, str(error))


def labels(text: str) -> dict[str, str]:
    """Read labels as they are typed in (`team=db, severity=high`); raises `Invalid`."""
    found = parsed(text)
    odd = next((each for each in found if each.op is not matching.Operator.EQUAL), None)
    if odd is not None:
        raise Invalid(f"Write labels, not conditions: {odd.name}=value instead of {odd}.")
    return {each.name: each.value for each in found}


def _initial(route: Route) -> dict[str, object]:
    times = {name: getattr(route, name) for name in ("group_wait", "group_interval", "repeat_interval")}
    return {
        "matchers": ",\n".join(str(each) for each in route.matchers),
        "receiver": route.receiver or "",
        "group_by": "" if route.group_by is None else ", ".join(route.group_by) or _TOGETHER,
        **{name: "" if value is None else editing.spoken(value) for name, value in times.items()},
        "send_resolved": {None: "", True: "yes", False: "no"}[route.send_resolved],
        "goes_on": route.goes_on,
    }


def _matchers(text: str) -> tuple[Matcher, ...]:
    return parsed(text) if text.strip() else ()


def _group_by(text: str) -> tuple[str, ...] | None:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        return None
    if names == (_TOGETHER,):
        return ()
    return (ALL_LABELS,) if {ALL_LABELS, "…"} & set(names) else names


def _seconds(name: str, given: Mapping[str, str], wrong: dict[str, str]) -> float | None:
    text = given[name]
    found = editing.seconds(text) if text.strip() else None
    if text.strip() and found is None:
        wrong[name] = "Write a number and s, min, h or d: 30 s."
    return found
