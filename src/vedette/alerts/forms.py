"""The form of a rule."""

import enum
from collections.abc import Mapping, Sequence

import msgspec
from django import forms

from vedette.alerts import matching
from vedette.alerts.checks import LONGEST_HOLD, LONGEST_REPEAT, LONGEST_WINDOW, MOST_EVENTS
from vedette.alerts.conditions import registry
from vedette.alerts.matching import Matcher
from vedette.alerts.types import (
    Compare,
    Direction,
    Params,
    Per,
    Rule,
    RuleDraft,
    RuleKind,
    Sensitivity,
)
from vedette.core.errors import Invalid
from vedette.notify.types import ChannelRef
from vedette.projects.types import Project
from vedette.signals.types import Severity

_SEVERITIES = [(severity.value, severity.value.capitalize()) for severity in Severity]


_FORM_NAMES = {"severity": "least"}  # "severity" is what the rule is told as
_SINGLE = frozenset(
    {
        "percent",
        "factor",
        "signal",
        "label",
        "days",
        "good",
        "objective",
        "burn",
        "short",
        "sensitivity",
        "direction",
    }
)
_COUNTED = [
    (Per.ISSUE.value, "for each issue"),
    (Per.PROJECT.value, "for each project"),
    (Per.ENVIRONMENT.value, "for each environment of a project"),
    (Per.RELEASE.value, "for each release of a project"),
    (Per.PAGE.value, "for each page of a project"),
    (Per.ALL.value, "all together"),
]
_SENSITIVE = [
    (Sensitivity.LOW.value, "Low: twice the most that was seen"),
    (Sensitivity.MEDIUM.value, "Medium: half as much again"),
    (Sensitivity.HIGH.value, "High: a little more"),
]
_DIRECTED = [
    (Direction.EITHER.value, "Unusually high or low"),
    (Direction.UP.value, "Unusually high"),
    (Direction.DOWN.value, "Unusually low"),
]
_COMPARED = [
    (Compare.ABOVE.value, "Too much: above, or rising"),
    (Compare.BELOW.value, "Too little: below, or falling"),
]


class RuleForm(forms.Form):
    """Every kind in one form, so that it works without a script; what a kind does not need is ignored."""

    name = forms.CharField(label="Name", max_length=80)
    kind = forms.ChoiceField(label="Tell of")
    matchers = forms.CharField(
        label="Only with these labels",
        max_length=2_000,
        required=False,
        help_text='Matchers parted by commas: environment="production", severity=~"high|critical".',
    )
    series = forms.ChoiceField(label="Series", required=False)
    compare = forms.ChoiceField(label="Told when it is", choices=_COMPARED, required=False)
    count = forms.FloatField(
        label="Bound",
        min_value=0,
        max_value=MOST_EVENTS,
        help_text="More (or fewer) than this; for a change, how much there must be at least.",
    )
    minutes = forms.IntegerField(label="in this many minutes", min_value=1, max_value=LONGEST_WINDOW)
    per = forms.ChoiceField(label="counted", choices=_COUNTED)
    hold = forms.IntegerField(
        label="Tell once it lasted, in minutes", min_value=0, max_value=LONGEST_HOLD, required=False
    )
    percent = forms.FloatField(label="Change, in percent", min_value=0, required=False)
    factor = forms.FloatField(label="Times last week's", min_value=0, required=False)
    sensitivity = forms.ChoiceField(label="Sensitivity", choices=_SENSITIVE, required=False)
    direction = forms.ChoiceField(label="Told when it is", choices=_DIRECTED, required=False)
    signal = forms.CharField(label="Kind of signal that is missed", max_length=80, required=False)
    label = forms.CharField(label="Label with new values", max_length=80, required=False)
    days = forms.IntegerField(
        label="New when not seen in this many days", min_value=1, max_value=35, required=False
    )
    good = forms.ChoiceField(label="Series of what went well", required=False)
    objective = forms.FloatField(label="Objective, in percent", min_value=0, max_value=100, required=False)
    burn = forms.FloatField(label="Burns this many times too fast", min_value=0, required=False)
    short = forms.IntegerField(
        label="and so in this many minutes", min_value=1, max_value=LONGEST_WINDOW, required=False
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
    policy = forms.ChoiceField(
        label="Escalation policy",
        required=False,
        help_text="Pages people until somebody answers; beside the channels and people above.",
    )
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
        *,
        series: Sequence[str] = (),
        policies: Sequence[tuple[int, str]] = (),
    ) -> None:
        draft = before or RuleDraft(name="", kind=RuleKind.NEW_ISSUE)
        super().__init__(data, initial=_initial(draft))
        self._choices("kind", [(kind.kind, kind.label) for kind in registry.kinds().values()])
        self._choices("series", [(name, name) for name in sorted({*series, draft.params.series})])
        self._choices(
            "good", [("", "None"), *((name, name) for name in sorted({*series, draft.params.good} - {""}))]
        )
        self._choices("project", [("", "Every project"), *((str(p.id), p.name) for p in projects)])
        self._choices("policy", [("", "None"), *((str(key), name) for key, name in policies)])
        self._choices("people", [(str(user), name) for user, name in people])
        self._choices("channels", [(str(channel.id), channel.name) for channel in channels])

    @property
    def opens(self) -> bool:
        """Tell whether the numbers of single kinds are shown: the kind takes one, or one is wrong."""
        kind = registry.kinds().get(str(self["kind"].value()))
        taken = set(kind.fields) if kind else set()
        return bool(_SINGLE & (taken | set(self.errors if self.is_bound else ())))

    def draft(self) -> RuleDraft:
        """Return the rule that was filled in."""
        given = self.cleaned_data
        return RuleDraft(
            name=given["name"].strip(),
            kind=given["kind"],
            project=int(given["project"]) if given["project"] else None,
            matchers=given["matchers"],
            params=self._params(),
            severity=Severity(given["severity"]) if given["severity"] else None,
            channels=tuple(int(each) for each in given["channels"]),
            people=tuple(int(each) for each in given["people"]),
            assignee=given["assignee"],
            enabled=given["enabled"],
            repeat_minutes=given["repeat_minutes"],
            send_resolved=given["send_resolved"],
            policy=int(given["policy"]) if given["policy"] else None,
        )

    def clean_matchers(self) -> tuple[Matcher, ...]:
        """Return the matchers; what is wrong with them stands beside the field."""
        try:
            return matching.parse(self.cleaned_data["matchers"])
        except Invalid as error:
            raise forms.ValidationError(str(error)) from None

    def _params(self) -> Params:
        """Return the numbers that were filled in; what was left empty is as it is by default."""
        filled = {
            name: self.cleaned_data.get(_FORM_NAMES.get(name, name)) for name in Params.__struct_fields__
        }
        made = {name: value for name, value in filled.items() if value not in {None, ""}}
        return msgspec.convert(made, Params)

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
        "kind": str(rule.kind),
        "matchers": matching.written(rule.matchers),
        **{
            _FORM_NAMES.get(name, name): _shown(getattr(rule.params, name))
            for name in Params.__struct_fields__
        },
        "project": "" if rule.project is None else str(rule.project),
        "severity": rule.severity.value if rule.severity else "",
        "channels": [str(each) for each in rule.channels],
        "people": [str(each) for each in rule.people],
        "assignee": rule.assignee,
        "repeat_minutes": rule.repeat_minutes,
        "send_resolved": rule.send_resolved,
        "policy": "" if rule.policy is None else str(rule.policy),
        "enabled": rule.enabled,
    }


def _shown(value: object) -> object:
    """Return a param as a field shows it: whole numbers without a fraction, words as they are written."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.value if isinstance(value, enum.Enum) else value
