"""The form of a maintenance: of which monitors, and when."""

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from vedette.core.errors import Invalid
from vedette.monitors import spelling
from vedette.monitors.types import HOUR, ByCron, Maintenance, Once, Weekly
from vedette.projects.types import Project
from vedette.ui import words

_CLOCK = forms.DateTimeInput(attrs={"type": "datetime-local"})
_WORD = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ALL, NO_PROJECT = "all", "0"


class Span(enum.StrEnum):
    """How a maintenance comes: for a while from its start on, until a time, by the week, by cron."""

    HOUR = "1h"
    HOURS = "4h"
    UNTIL = "until"
    WEEKLY = "weekly"
    CRON = "cron"


_SPANS = [
    (Span.HOUR.value, "1 hour"),
    (Span.HOURS.value, "4 hours"),
    (Span.UNTIL.value, "Until the time below"),
    (Span.WEEKLY.value, "Every week"),
    (Span.CRON.value, "By cron"),
]


class MaintenanceForm(forms.Form):
    """Every way in one form, so that it works without a script; what a way does not need is ignored."""

    monitors = forms.CharField(
        label="Monitors", required=False, max_length=4_000, widget=forms.TextInput(attrs=_WORD),
        help_text="Slugs or ids, parted by spaces.",
    )  # fmt: skip
    project = forms.ChoiceField(label="or all of a project", required=False)
    why = forms.CharField(label="Why", required=False, max_length=200)
    span = forms.ChoiceField(label="How long", choices=_SPANS)
    starts = forms.CharField(label="Starts", required=False, widget=_CLOCK, help_text="Now, when left empty.")
    until = forms.CharField(label="Until", required=False, widget=_CLOCK)
    days = forms.MultipleChoiceField(
        label="Begins on", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(str(number), name) for number, name in enumerate(_DAYS)],
    )  # fmt: skip
    start = forms.CharField(
        label="From", required=False, widget=forms.TimeInput(attrs={"type": "time"}), max_length=5
    )
    expression = forms.CharField(
        label="Cron",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=_WORD),
        help_text="When it begins: 0 2 * * 0.",
    )
    lasts = forms.CharField(label="It takes", required=False, max_length=40, help_text="30 min, 2 h.")
    zone = forms.CharField(
        label="Time zone", required=False, max_length=64, widget=forms.TextInput(attrs=_WORD)
    )

    def __init__(
        self,
        projects: Sequence[Project],
        zone: str,
        now: float,
        start: Mapping[str, object] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        usual = {"span": Span.HOUR.value, "start": "02:00", "lasts": "1 h", "zone": zone}
        super().__init__(data, initial={**usual, **(start or {})})
        self._zone, self._now = words.zone_of(zone), now
        choice = self.fields["project"]
        if isinstance(choice, forms.ChoiceField):
            named = [(str(one.id), one.name) for one in projects]
            choice.choices = [
                ("", "Those named above"),
                *named,
                (NO_PROJECT, "Of no project"),
                (ALL, "Every monitor"),
            ]

    def window(self) -> Maintenance:
        """Return the maintenance that was filled in; raises `Invalid` naming the wrong fields."""
        given, span = self.cleaned_data, Span(self.cleaned_data["span"])
        if span in {Span.WEEKLY, Span.CRON}:
            return self._again(span, given)
        starts = self._instant("starts") or self._now
        lengths = {Span.HOUR: HOUR, Span.HOURS: 4 * HOUR}
        ends = starts + lengths[span] if span in lengths else self._instant("until")
        if ends is None:
            raise Invalid("Say until when.", {"until": "Say until when."})
        if ends <= starts:
            raise Invalid("It ends before it starts.", {"until": "It ends after it starts."})
        return Once(starts=float(round(starts)), ends=float(round(ends)), why=given["why"].strip())

    def _again(self, span: Span, given: Mapping[str, Any]) -> Maintenance:
        seconds = spelling.seconds(given["lasts"])
        if seconds is None or seconds < 60:
            text = "Write how long it takes, a minute at least: 30 min, 2 h."
            raise Invalid(text, {"lasts": text})
        minutes, zone, why = round(seconds / 60), given["zone"].strip() or "UTC", given["why"].strip()
        if span is Span.CRON:
            return ByCron(expression=given["expression"].strip(), minutes=minutes, zone=zone, why=why)
        return Weekly(
            days=tuple(int(day) for day in given["days"]),
            start=given["start"],
            minutes=minutes,
            zone=zone,
            why=why,
        )

    def _instant(self, name: str) -> float | None:
        text = self.cleaned_data[name].strip()
        if not text:
            return None
        try:
            found = dt.datetime.fromisoformat(text)
            return (found if found.tzinfo else found.replace(tzinfo=self._zone)).timestamp()
        except (ValueError, OverflowError):
            wrong = "Write a day and a time like 2026-11-25T08:00."
            raise Invalid(wrong, {name: wrong}) from None

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names, or above the form."""
        for name, text in error.fields.items() or [("", str(error))]:
            self.add_error(name if name in self.fields else None, text)
