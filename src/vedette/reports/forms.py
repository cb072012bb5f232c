"""The form by which a person says which digests they get."""

from collections.abc import Mapping, Sequence

from django import forms

from vedette.core.errors import Invalid
from vedette.projects.types import Project
from vedette.reports.types import Period, Subscription

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class SubscriptionForm(forms.Form):
    """When one person gets digests, and of which projects; `daily` and `weekly` are the same but for the day."""

    enabled = forms.BooleanField(label="Mail it to me", required=False)
    hour = forms.TypedChoiceField(
        label="At", coerce=int, choices=[(str(hour), f"{hour:02}:00") for hour in range(24)]
    )
    weekday = forms.TypedChoiceField(
        label="On", coerce=int, choices=[(str(n), day) for n, day in enumerate(_DAYS)], required=False
    )  # fmt: skip
    zone = forms.CharField(label="Time zone", max_length=60, help_text="As Europe/Berlin, or UTC.")
    projects = forms.TypedMultipleChoiceField(
        label="Of these projects", coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: one digest of all of them, with hosts and attacks.",
    )  # fmt: skip
    quiet = forms.BooleanField(label="Only when something happened", required=False)

    def __init__(
        self, asked: Subscription, projects: Sequence[Project], data: Mapping[str, object] | None = None
    ) -> None:
        initial = {
            "enabled": asked.enabled, "hour": asked.hour, "weekday": asked.weekday, "zone": asked.zone,
            "projects": asked.projects, "quiet": asked.quiet,
        }  # fmt: skip
        super().__init__(data, initial=initial, prefix=str(asked.period))
        self.period = asked.period
        self.user = asked.user
        chosen = self.fields["projects"]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = [(one.id, one.name) for one in projects]
        if asked.period is Period.DAILY:
            del self.fields["weekday"]

    def subscription(self) -> Subscription:
        """Return what was filled in."""
        given = self.cleaned_data
        return Subscription(
            user=self.user, period=self.period, hour=given["hour"], weekday=given.get("weekday") or 0, zone=given["zone"],
            projects=tuple(given["projects"]), quiet=given["quiet"], enabled=given["enabled"],
        )  # fmt: skip

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the field it names."""
        for name, text in error.fields.items():
            self.add_error(name if name in self.fields else None, text)
