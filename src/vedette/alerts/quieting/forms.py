"""The form of a silence."""

import datetime as dt
from collections.abc import Mapping

from django import forms

from vedette.alerts import matching
from vedette.alerts.governing import SilenceDraft
from vedette.alerts.quieting import spans
from vedette.alerts.quieting.spans import Span
from vedette.alerts.silencing import Recurrence, Silence
from vedette.core.errors import Invalid
from vedette.ui import words

_SPANS = [
    (Span.HOUR.value, "1 hour"),
    (Span.HOURS.value, "4 hours"),
    (Span.MORNING.value, "Until tomorrow 8:00"),
    (Span.UNTIL.value, "Until the time below"),
    (Span.WEEKLY.value, "Every week, at the hours below"),
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_CLOCK = forms.DateTimeInput(attrs={"type": "datetime-local"})


class SilenceForm(forms.Form):
    """Every span in one form, so that it works without a script; what a span does not need is ignored."""

    matchers = forms.CharField(
        label="Which alerts",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off"}),
        help_text='Labels: alertname="disk", severity=~"low|info". All of them must hold.',
    )
    span = forms.ChoiceField(label="How long", choices=_SPANS)
    comment = forms.CharField(label="Why", max_length=2_000, required=False)
    starts = forms.CharField(label="Starts", required=False, widget=_CLOCK, help_text="Now, when left empty.")
    until = forms.CharField(
        label="Until", required=False, widget=_CLOCK, help_text="May be left empty for every week."
    )
    days = forms.MultipleChoiceField(
        label="Begins on",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(str(number), name) for number, name in enumerate(_DAYS)],
    )
    start = forms.CharField(
        label="From", required=False, widget=forms.TimeInput(attrs={"type": "time"}), max_length=5
    )
    minutes = forms.IntegerField(label="For minutes", required=False, min_value=1)
    zone = forms.CharField(label="Time zone", required=False, max_length=64)

    def __init__(
        self,
        zone: str,
        now: float,
        initial: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
    ) -> None:
        standard = {"span": Span.HOUR.value, "start": "22:00", "minutes": 60, "zone": zone}
        super().__init__(data, initial={**standard, **(initial or {})})
        self._zone, self._now = words.zone_of(zone), now

    def draft(self) -> SilenceDraft:
        """Return the silence that was filled in; raises `Invalid` naming the wrong fields."""
        given = self.cleaned_data
        span, wrong = Span(given["span"]), dict[str, str]()
        starts = self._instant("starts", wrong) or self._now
        end = spans.end(span, starts, self._instant("until", wrong), self._zone)
        recurrence = self._recurrence() if span is Span.WEEKLY else None
        if recurrence is not None:
            wrong |= spans.of_recurrence(recurrence)
        if end is None:
            wrong.setdefault("until", "Say until when.")
        if wrong:
            raise Invalid("The silence cannot be kept.", wrong)
        return SilenceDraft(
            matchers=parsed(given["matchers"]),
            starts=starts,
            ends=end or 0.0,
            comment=given["comment"].strip(),
            recurrence=recurrence,
        )

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names, or above the form."""
        named = {"ends": "until", **{name: name for name in self.fields}}
        known = {named[name]: text for name, text in error.fields.items() if name in named}
        for name, text in known.items():
            self.add_error(name, text)
        if not known:
            self.add_error(None, str(error))

    def _instant(self, name: str, wrong: dict[str, str]) -> float | None:
        text = self.cleaned_data[name]
        found = spans.instant(text, self._zone) if text else None
        if text and found is None:
            wrong[name] = "Write a day and a time like 2026-11-25T08:00."
        return found

    def _recurrence(self) -> Recurrence:
        given = self.cleaned_data
        return Recurrence(
            days=tuple(int(day) for day in given["days"]),
            start=given["start"],
            minutes=given["minutes"] or 0,
            zone=given["zone"] or "UTC",
        )


def parsed(text: str) -> tuple[matching.Matcher, ...]:
    """Return the matchers of a text, which may be one a line; raises `Invalid` naming the field."""
    lines = [line.strip().rstrip(",") for line in text.splitlines() if line.strip()]
    try:
        return matching.parse(", ".join(lines))
    except Invalid as error:
        raise Invalid(str(error), {"matchers": str(error)}) from None


def initial(silence: Silence, zone: str) -> dict[str, object]:
    """Return what the form of a silence that is kept begins with."""
    rule = silence.recurrence
    recurring = (
        {}
        if rule is None
        else {
            "days": [str(day) for day in rule.days],
            "start": rule.start,
            "minutes": rule.minutes,
            "zone": rule.zone,
        }
    )
    return {
        "matchers": ",\n".join(str(each) for each in silence.matchers),
        "span": (Span.UNTIL if rule is None else Span.WEEKLY).value,
        "comment": silence.comment,
        "starts": _wall(silence.starts, zone),
        "until": _wall(silence.ends, zone),
        **recurring,
    }


def _wall(instant: float, zone: str) -> str:
    return dt.datetime.fromtimestamp(instant, words.zone_of(zone)).strftime("%Y-%m-%dT%H:%M")
