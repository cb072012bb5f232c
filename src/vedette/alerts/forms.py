"""The form of a rule."""

from collections.abc import Mapping, Sequence

from django import forms

from vedette.alerts.checks import LONGEST_REPEAT, LONGEST_WINDOW, MOST_EVENTS
from vedette.alerts.types import Params, Per, Rule, RuleDraft, RuleKind
from vedette.core.errors import Invalid
from vedette.notify.types import ChannelRef
from vedette.projects.types import Project
from vedette.signals.types import Severity

_KINDS = [
    (RuleKind.NEW_ISSUE, "A new issue"),
    (RuleKind.REGRESSION, "A regression: a resolved issue comes back, or a muted one escalates"),
    (RuleKind.THRESHOLD, "More than N events in M minutes"),
    (RuleKind.SEVERITY, "Any signal of a severity or worse"),
]
_SEVERITIES = [(severity.value, severity.value.capitalize()) for severity in Severity]


class RuleForm(forms.Form):
    """Every kind in one form, so that it works without a script; what a kind does not need is ignored."""

    name = forms.CharField(label="Name", max_length=80)
    kind = forms.ChoiceField(label="Tell of", choices=[(kind.value, text) for kind, text in _KINDS])
    count = forms.IntegerField(label="More than this many events", min_value=0, max_value=MOST_EVENTS)
    minutes = forms.IntegerField(label="in this many minutes", min_value=1, max_value=LONGEST_WINDOW)
    per = forms.ChoiceField(
        label="counted",
        choices=[(Per.ISSUE.value, "for each issue"), (Per.PROJECT.value, "for each project")],
    )
    least = forms.ChoiceField(label="Severity at least", choices=_SEVERITIES)
    project = forms.ChoiceField(label="Project", required=False)
    severity = forms.ChoiceField(
        label="Tell it as", choices=[("", "As bad as it says itself"), *_SEVERITIES], required=False
    )
    channels = forms.MultipleChoiceField(
        label="Channels",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Nobody chosen here or below: every default channel.",
    )
    people = forms.MultipleChoiceField(
        label="People",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Told by the channels of their own; who has none is not told.",
    )
    assignee = forms.BooleanField(label="Whoever the issue is assigned to", required=False)
    repeat_minutes = forms.IntegerField(
        label="Tell again while it lasts, after minutes", min_value=1, max_value=LONGEST_REPEAT
    )
    send_resolved = forms.BooleanField(label="Also tell when it is over", required=False)
    enabled = forms.BooleanField(label="Switched on", required=False)

    def __init__(
        self,
        channels: Sequence[ChannelRef],
        projects: Sequence[Project],
        people: Sequence[tuple[int, str]] = (),
        before: Rule | None = None,
        data: Mapping[str, object] | None = None,
    ) -> None:
        draft = before or RuleDraft(name="", kind=RuleKind.NEW_ISSUE)
        super().__init__(data, initial=_initial(draft))
        self._choices("project", [("", "Every project"), *((str(p.id), p.name) for p in projects)])
        self._choices("people", [(str(user), name) for user, name in people])
        self._choices("channels", [(str(channel.id), channel.name) for channel in channels])

    def draft(self) -> RuleDraft:
        """Return the rule that was filled in."""
        given = self.cleaned_data
        params = Params(
            count=given["count"],
            minutes=given["minutes"],
            per=Per(given["per"]),
            severity=Severity(given["least"]),
        )
        return RuleDraft(
            name=given["name"].strip(),
            kind=RuleKind(given["kind"]),
            project=int(given["project"]) if given["project"] else None,
            params=params,
            severity=Severity(given["severity"]) if given["severity"] else None,
            channels=tuple(int(each) for each in given["channels"]),
            people=tuple(int(each) for each in given["people"]),
            assignee=given["assignee"],
            enabled=given["enabled"],
            repeat_minutes=given["repeat_minutes"],
            send_resolved=given["send_resolved"],
        )

    def blame(self, error: Invalid) -> None:
        """Put what the service found wrong onto the fields it names, or above the form."""
        known = {name: text for name, text in error.fields.items() if name in self.fields}
        for name, text in known.items():
            self.add_error(name, text)
        if not known:
            self.add_error(None, str(error))

    def _choices(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(choices)


def _initial(rule: RuleDraft) -> dict[str, object]:
    return {
        "name": rule.name,
        "kind": rule.kind.value,
        "count": rule.params.count,
        "minutes": rule.params.minutes,
        "per": rule.params.per.value,
        "least": rule.params.severity.value,
        "project": "" if rule.project is None else str(rule.project),
        "severity": rule.severity.value if rule.severity else "",
        "channels": [str(each) for each in rule.channels],
        "people": [str(each) for each in rule.people],
        "assignee": rule.assignee,
        "repeat_minutes": rule.repeat_minutes,
        "send_resolved": rule.send_resolved,
        "enabled": rule.enabled,
    }
