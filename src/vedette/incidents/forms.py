"""The forms of incidents: declare one by hand, and the rules that declare them."""

from collections.abc import Mapping, Sequence

from django import forms

from vedette.alerts import service as alerts
from vedette.core.errors import Invalid
from vedette.incidents.severity import IMPACTS, URGENCIES
from vedette.incidents.types import (
    QUIET_MINUTES,
    Impact,
    IncidentDraft,
    IncidentRule,
    IncidentRuleDraft,
    Sev,
    Urgency,
)
from vedette.projects.types import Project
from vedette.signals.types import Severity

IMPACT_CHOICES = [(each.value, text) for each, text in IMPACTS.items()]
URGENCY_CHOICES = [(each.value, text[0].upper() + text[1:]) for each, text in URGENCIES.items()]
SEVERITY_CHOICES = [(str(each.value), f"SEV {each.value}") for each in Sev]
_LEAST = [(each.value, each.value.capitalize()) for each in reversed(Severity)]
_ALL = ("", "All projects")


class Blaming(forms.Form):
    """A form that puts what a service found wrong onto its fields."""

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names, or above the form."""
        for name, text in error.fields.items():
            self.add_error(name if name in self.fields else None, text)
        if not error.fields:
            self.add_error(None, str(error))


class DeclareForm(Blaming):
    """An incident as somebody declares it."""

    title = forms.CharField(
        label="What is wrong", max_length=200, help_text="As you would say it aloud: Checkout returns 500."
    )
    impact = forms.ChoiceField(label="Whom does it hit?", choices=IMPACT_CHOICES, initial=Impact.SOME.value)
    urgency = forms.ChoiceField(
        label="How urgent is it?", choices=URGENCY_CHOICES, initial=Urgency.SOON.value
    )
    severity = forms.ChoiceField(
        label="Severity", required=False, choices=[("", "As impact and urgency say"), *SEVERITY_CHOICES]
    )
    project = forms.ChoiceField(
        label="Project", required=False, help_text="Its deploys, issues and monitors fill the timeline."
    )
    summary = forms.CharField(
        label="What is known", required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    alerts = forms.CharField(required=False, max_length=2_000, widget=forms.HiddenInput)

    def __init__(
        self,
        projects: Sequence[Project],
        initial: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.fields["project"].choices = [("", "None"), *((str(each.id), each.name) for each in projects)]  # type: ignore[attr-defined]

    def draft(self) -> IncidentDraft:
        """Return the incident that was filled in."""
        given = self.cleaned_data
        return IncidentDraft(
            title=given["title"], impact=Impact(given["impact"]), urgency=Urgency(given["urgency"]), summary=given["summary"],
            severity=Sev(int(given["severity"])) if given["severity"] else None,
            project=int(given["project"]) if given["project"] else None,
        )  # fmt: skip

    def fingerprints(self) -> list[str]:
        """Return the label sets of the alerts it is declared from."""
        return [each for each in self.cleaned_data["alerts"].split(",") if each][:50]


class RuleForm(Blaming):
    """A rule that declares incidents."""

    name = forms.CharField(label="Name", max_length=80)
    severity = forms.ChoiceField(
        label="Alerts from this severity on", choices=_LEAST, initial=Severity.CRITICAL.value
    )
    project = forms.ChoiceField(label="Project", required=False)
    matchers = forms.CharField(
        label="Only with these labels", max_length=2_000, required=False,
        help_text='Matchers parted by commas: environment="production", severity=~"high|critical".',
    )  # fmt: skip
    group_by = forms.CharField(
        label="One incident for each", max_length=500, required=False, initial="project",
        help_text="Names of labels, parted by commas. Alerts with the same values of them are one incident; empty: all are.",
    )  # fmt: skip
    impact = forms.ChoiceField(label="Whom does it hit?", choices=IMPACT_CHOICES, initial=Impact.SOME.value)
    urgency = forms.ChoiceField(label="How urgent is it?", choices=URGENCY_CHOICES, initial=Urgency.NOW.value)
    quiet_minutes = forms.IntegerField(
        label="Over after quiet minutes", min_value=0, initial=QUIET_MINUTES,
        help_text="So long after its last alert ended it resolves by itself; 0: never.",
    )  # fmt: skip
    runbook = forms.SlugField(
        label="Runbook", max_length=60, required=False, help_text="The short name of one that is attached."
    )
    enabled = forms.BooleanField(label="It declares incidents", required=False, initial=True)

    def __init__(
        self, projects: Sequence[Project], rule: IncidentRule | None, data: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(data, initial=_initial(rule))
        self.fields["project"].choices = [_ALL, *((str(each.id), each.name) for each in projects)]  # type: ignore[attr-defined]

    def draft(self) -> IncidentRuleDraft:
        """Return the rule that was filled in; raises `Invalid` for matchers nobody can read."""
        given = self.cleaned_data
        try:
            matchers = alerts.matchers_of(given["matchers"])
        except Invalid as error:
            raise Invalid(str(error), {"matchers": str(error)}) from None
        return IncidentRuleDraft(
            name=given["name"], matchers=matchers, severity=given["severity"], impact=Impact(given["impact"]),
            urgency=Urgency(given["urgency"]), runbook=given["runbook"], quiet_minutes=given["quiet_minutes"], enabled=given["enabled"],
            project=int(given["project"]) if given["project"] else None,
            group_by=tuple(name.strip() for name in given["group_by"].split(",") if name.strip()),
        )  # fmt: skip


def _initial(rule: IncidentRule | None) -> dict[str, object]:
    if rule is None:
        return {}
    return {
        "name": rule.name, "severity": rule.severity, "project": "" if rule.project is None else str(rule.project),
        "matchers": alerts.matchers_written(rule.matchers), "group_by": ", ".join(rule.group_by), "impact": rule.impact.value,
        "urgency": rule.urgency.value, "quiet_minutes": rule.quiet_minutes, "runbook": rule.runbook, "enabled": rule.enabled,
    }  # fmt: skip
