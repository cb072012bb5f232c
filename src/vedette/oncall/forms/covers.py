"""The forms of covers and swaps, and of calendars."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from vedette.accounts.types import UserRef
from vedette.core import zones
from vedette.core.errors import Invalid
from vedette.oncall.types import CoverKind

_CLOCK = forms.DateTimeInput(attrs={"type": "datetime-local"})
_KINDS = [
    (CoverKind.OVERRIDE.value, "Takes over"),
    (CoverKind.SHADOW.value, "Listens along (shadow): is told too, never alone"),
]


class _Timed(forms.Form):
    """A form with wall times of a zone."""

    def __init__(self, zone: str, data: Mapping[str, Any] | None, initial: Mapping[str, object]) -> None:
        super().__init__(data, initial=dict(initial))
        self.zone = zone

    def instant(self, name: str) -> float:
        """Return the instant of a field; raises `Invalid` naming it."""
        try:
            moment = dt.datetime.fromisoformat(self.cleaned_data[name].strip())
            at = zones.first(moment.toordinal(), f"{moment:%H:%M}", self.zone)
        except (ValueError, OverflowError):
            wrong = "Write a day and a time like 2026-11-28T18:00."
            raise Invalid(wrong, {name: wrong}) from None
        return at

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names, or above the form."""
        for name, text in error.fields.items() or [("", str(error))]:
            self.add_error(name if name in self.fields else None, text)


class CoverForm(_Timed):
    """Somebody takes over, or listens along."""

    kind = forms.ChoiceField(label="What", choices=_KINDS)
    user = forms.TypedChoiceField(label="Who", coerce=int)
    instead = forms.TypedChoiceField(label="Instead of", required=False, coerce=int, empty_value=None)
    starts = forms.CharField(label="From", widget=_CLOCK, max_length=25)
    ends = forms.CharField(label="Until", widget=_CLOCK, max_length=25)
    reason = forms.CharField(label="Reason", required=False, max_length=200)

    def __init__(
        self,
        people: Sequence[UserRef],
        takers: Sequence[UserRef],
        zone: str,
        data: Mapping[str, Any] | None,
        initial: Mapping[str, object],
    ) -> None:
        super().__init__(zone, data, initial)
        _offer(self.fields["user"], [(one.id, one.name) for one in takers])
        _offer(
            self.fields["instead"], [("", "Everybody on call then"), *((one.id, one.name) for one in people)]
        )


class SwapForm(_Timed):
    """One asks another to swap a time each."""

    starts = forms.CharField(label="You give away: from", widget=_CLOCK, max_length=25)
    ends = forms.CharField(label="until", widget=_CLOCK, max_length=25)
    other = forms.TypedChoiceField(label="With", coerce=int)
    their_starts = forms.CharField(label="You take: from", widget=_CLOCK, max_length=25)
    their_ends = forms.CharField(label="until", widget=_CLOCK, max_length=25)
    reason = forms.CharField(label="Reason", required=False, max_length=200)

    def __init__(
        self,
        people: Sequence[UserRef],
        zone: str,
        data: Mapping[str, Any] | None,
        initial: Mapping[str, object],
    ) -> None:
        super().__init__(zone, data, initial)
        _offer(self.fields["other"], [(one.id, one.name) for one in people])

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names."""
        names = {"mine": "starts", "theirs": "their_starts", "user": "other", "instead": "other"}
        super().blame(
            Invalid(str(error), {names.get(name, name): text for name, text in error.fields.items()})
        )


class CalendarForm(forms.Form):
    """A calendar of others: by its address, or pasted."""

    name = forms.CharField(label="Name", max_length=80)
    url = forms.CharField(
        label="Address", required=False, max_length=2_000, widget=forms.TextInput(attrs={"spellcheck": "false"}),
        help_text="https://… or webcal://…; it is kept sealed and read every quarter of an hour.",
    )  # fmt: skip
    text = forms.CharField(
        label="or its text", required=False, max_length=1_048_576, strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}), help_text="What an .ics file holds.",
    )  # fmt: skip

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names, or above the form."""
        for name, text in error.fields.items() or [("", str(error))]:
            self.add_error(name if name in self.fields else None, text)


def _offer(field: forms.Field, choices: Sequence[tuple[object, str]]) -> None:
    if isinstance(field, forms.TypedChoiceField):
        field.choices = list(choices)
