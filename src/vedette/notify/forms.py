"""The form of a channel, made from the fields its kind names."""

from collections.abc import Mapping, Sequence

import msgspec
from django import forms

from vedette.core.errors import Invalid
from vedette.notify import steps
from vedette.notify.types import (
    SEVERITIES,
    Channel,
    ChannelRef,
    Field,
    Preferences,
    QuietHours,
    Step,
    Wording,
)
from vedette.projects.types import Project

_LEAST = [("", "None, only what is mine"), *((each, f"From {each} on") for each in SEVERITIES)]
_DAYS = [
    (str(day), name)
    for day, name in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
]
_PASSES = [
    ("critical", "What is critical passes"),
    ("important", "Everything important passes"),
    ("nothing", "Nothing passes, not even what is critical"),
]
_NEVER = "never"
_MINUTES = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60)
_FROM = [("critical", "Critical"), ("high", "High and critical")]
_QUIETS = [
    ("3600", "For an hour"),
    ("28800", "For 8 hours"),
    ("86400", "For a day"),
    ("604800", "For a week"),
]


class ChannelForm(forms.Form):
    """Name, the kind's own fields, and whom it serves; a secret is never sent back to the browser."""

    def __init__(
        self,
        kind: Channel,
        before: ChannelRef | None = None,
        data: Mapping[str, object] | None = None,
        *,
        own: bool = False,
    ) -> None:
        initial = _initial(kind, before)
        super().__init__(data, initial=initial)
        self.kind = kind
        self.fields["name"] = forms.CharField(label="Name", max_length=80)
        for field in kind.fields:
            self.fields[field.name] = _field(field, kept=bool(before and before.config.get(field.name)))
        if not own:
            self.fields["default"] = forms.BooleanField(
                label="Told by every rule that names no channel", required=False
            )
        self.fields["enabled"] = forms.BooleanField(label="Switched on", required=False)

    def config(self) -> dict[str, str]:
        """Return what was filled in for the kind's own fields."""
        return {field.name: str(self.cleaned_data.get(field.name) or "") for field in self.kind.fields}

    def blame(self, error: Invalid) -> None:
        """Put what the service found wrong onto the fields it names, or above the form."""
        known = {name: text for name, text in error.fields.items() if name in self.fields}
        for name, text in known.items():
            self.add_error(name, text)
        if not known or self.errors.keys() & {field.name for field in self.hidden_fields()}:
            self.add_error(None, str(error))


class WordingForm(forms.Form):
    """The template of a notice's title and text."""

    title = forms.CharField(
        required=False, strip=False, max_length=2_000, widget=forms.Textarea({"rows": "2", "spellcheck": "false"}),
        help_text="Empty: the default.",
    )  # fmt: skip
    text = forms.CharField(
        required=False, strip=False, max_length=10_000, widget=forms.Textarea({"rows": "10", "spellcheck": "false"}),
        help_text="Empty: the default.",
    )  # fmt: skip
    last = forms.BooleanField(label="Preview the last notice instead of a sample", required=False)

    def wording(self) -> Wording:
        """Return what was filled in, with plain newlines."""
        given = {name: str(self.cleaned_data[name]).replace("\r\n", "\n") for name in ("title", "text")}
        return Wording(title=given["title"], text=given["text"])

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the field it names, or above the form."""
        for name, text in error.fields.items():
            self.add_error(name, text)
        if not error.fields:
            self.add_error(None, str(error))


class PreferencesForm(forms.Form):
    """What one person hears of by channels of their own."""

    severity = forms.ChoiceField(label="Every alert", required=False, choices=_LEAST)
    projects = forms.MultipleChoiceField(
        label="Of these projects",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: of every project.",
    )
    assigned = forms.BooleanField(label="What is assigned to me", required=False)
    followed = forms.BooleanField(
        label="Comments and alerts on issues I follow, and comments that mention me", required=False
    )
    quiet = forms.ChoiceField(
        label="Quiet", help_text="Nothing is told while it lasts, nor made up for after."
    )

    hours_from = forms.CharField(
        label="Quiet hours from", required=False, widget=forms.TextInput({"type": "time"}),
        help_text="Empty: no quiet hours.",
    )  # fmt: skip
    hours_to = forms.CharField(label="to", required=False, widget=forms.TextInput({"type": "time"}))
    hours_days = forms.MultipleChoiceField(
        label="On these days", required=False, widget=forms.CheckboxSelectMultiple, choices=_DAYS,
        help_text="The day on which it begins. None chosen: every day.",
    )  # fmt: skip
    hours_zone = forms.CharField(label="Time zone", required=False, max_length=64)
    hours_passes = forms.ChoiceField(label="In quiet hours", required=False, choices=_PASSES)

    def __init__(
        self,
        projects: Sequence[Project],
        wants: Preferences,
        now: float,
        data: Mapping[str, object] | None = None,
        zone: str = "UTC",
    ) -> None:
        self._before = wants
        self._until = wants.quiet_until if wants.quiet_until and wants.quiet_until > now else None
        super().__init__(data, initial=_of_preferences(wants, zone, quiet=self._until is not None))
        choices = {
            "projects": [(str(project.id), project.name) for project in projects],
            "quiet": [("off", "Off"), *([("keep", "As it is")] if self._until else []), *_QUIETS],
        }
        for name, given in choices.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = list(given)

    def wants(self, now: float) -> Preferences:
        """Return what was filled in."""
        given = self.cleaned_data
        quiet = given["quiet"]
        until = None if quiet == "off" else self._until if quiet == "keep" else now + float(quiet)
        return msgspec.structs.replace(
            self._before,
            severity=given["severity"] or None,
            projects=tuple(int(each) for each in given["projects"]),
            assigned=given["assigned"],
            followed=given["followed"],
            quiet_until=until,
            hours=self._hours(),
        )

    def _hours(self) -> QuietHours | None:
        given = self.cleaned_data
        if not given["hours_from"] and not given["hours_to"]:
            return None
        return QuietHours(
            start=given["hours_from"],
            end=given["hours_to"],
            days=tuple(int(day) for day in given["hours_days"]) or tuple(range(7)),
            zone=given["hours_zone"] or "UTC",
            critical=given["hours_passes"] == "nothing",
            important=given["hours_passes"] == "important",
        )


class StepsForm(forms.Form):
    """When each channel is told; a rule that is left as usual is not kept, so that it follows the channels there are."""

    important_from = forms.ChoiceField(label="What is important", choices=_FROM)

    def __init__(
        self, wants: Preferences, channels: Sequence[ChannelRef], data: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(data, initial={"important_from": wants.important_from})
        self._before, self._channels = wants, channels
        for rule in steps.RULES:
            after = steps.afters(steps.steps_of(wants, rule, channels))
            for channel in channels:
                self.fields[_name(rule, channel)] = _when(channel, after.get(channel.id))

    def rules(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields of each rule."""
        return [(rule, [self[_name(rule, one)] for one in self._channels]) for rule in steps.RULES]

    def wants(self) -> Preferences:
        """Return the preferences with what was filled in."""
        return msgspec.structs.replace(
            self._before,
            important_from=self.cleaned_data["important_from"],
            important=self._steps(steps.IMPORTANT),
            default=self._steps(steps.DEFAULT),
        )

    def blame(self, error: Invalid) -> None:
        """Say above the form what is wrong with which rule."""
        known = {rule: text for rule, text in error.fields.items() if rule in steps.RULES}
        for rule, text in known.items():
            self.add_error(None, f"{rule.capitalize()}: {text}")
        if not known:
            self.add_error(None, str(error))

    def _steps(self, rule: str) -> tuple[Step, ...] | None:
        given = {one.id: str(self.cleaned_data[_name(rule, one)]) for one in self._channels}
        made = steps.of_afters({channel: int(at) for channel, at in given.items() if at != _NEVER})
        usual = steps.usual(rule, self._channels)
        return None if steps.afters(made) == steps.afters(usual) else made


def _of_preferences(wants: Preferences, zone: str, *, quiet: bool) -> dict[str, object]:
    hours = wants.hours
    return {
        "severity": wants.severity or "",
        "projects": [str(each) for each in wants.projects],
        "assigned": wants.assigned,
        "followed": wants.followed,
        "quiet": "keep" if quiet else "off",
        "hours_from": hours.start if hours else "",
        "hours_to": hours.end if hours else "",
        "hours_days": [str(day) for day in hours.days] if hours else [],
        "hours_zone": hours.zone if hours else zone,
        "hours_passes": _passing(hours),
    }


def _passing(hours: QuietHours | None) -> str:
    if hours is not None and hours.critical:
        return "nothing"
    return "important" if hours is not None and hours.important else "critical"


def _initial(kind: Channel, before: ChannelRef | None) -> dict[str, object]:
    if before is None:
        return {
            "name": "This browser" if kind.kind == "webpush" else kind.label,
            "enabled": True,
            "default": True,
        }
    shown = {f.name: before.config.get(f.name, "") for f in kind.fields if not f.secret}
    return {**shown, "name": before.name, "enabled": before.enabled, "default": before.default}


def _field(field: Field, *, kept: bool) -> forms.Field:
    if field.kind == "push":
        told = {
            "required": "The browser gave no subscription: allow notifications, then press the button again."
        }
        return forms.CharField(required=not kept, widget=forms.HiddenInput(), error_messages=told)
    if field.choices:
        choices = [(each, each) for each in field.choices]
        return forms.ChoiceField(label=field.label, help_text=field.help, choices=choices)
    attributes = {"autocomplete": "off"}
    widgets: dict[str, forms.Widget] = {
        "textarea": forms.Textarea({**attributes, "rows": "2"}),
        "url": forms.TextInput({**attributes, "inputmode": "url", "placeholder": "https://"}),
        "text": forms.TextInput(attributes),
    }
    help_text = field.help
    if field.secret:
        dots = {"placeholder": "••••••••"} if kept else {}
        widgets["text"] = forms.PasswordInput({"autocomplete": "new-password", **dots})
        help_text = f"{help_text} Leave it blank to keep the one there is.".strip() if kept else help_text
    required = field.required and not (field.secret and kept)
    return forms.CharField(
        label=field.label, required=required, help_text=help_text, widget=widgets[field.kind]
    )


def _name(rule: str, channel: ChannelRef) -> str:
    return f"{rule}_{channel.id}"


def _when(channel: ChannelRef, after: int | None) -> forms.ChoiceField:
    minutes = sorted({*_MINUTES, *([after] if after else [])})
    choices = [("0", "At once"), *((str(m), f"After {m} min") for m in minutes), (_NEVER, "Not at all")]
    initial = _NEVER if after is None else str(after)
    return forms.ChoiceField(label=channel.name, choices=choices, initial=initial)
