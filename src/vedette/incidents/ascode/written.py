"""What may stand in files of incident rules and runbooks: projects by slug, people by e-mail address. Pure."""

from typing import Annotated

import msgspec

from vedette.incidents.types import Impact, IncidentRuleDraft, Urgency

_D = IncidentRuleDraft(name="")
Matchers = Annotated[
    str, msgspec.Meta(max_length=2_000, description='matchers: severity="high", team=~"a|b"')
]


class IncidentRuleText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that declares incidents; the first one an alert meets declares. `project` and `runbook` are slugs."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    matchers: Matchers = ""
    severity: str = _D.severity
    project: str = ""
    group_by: tuple[str, ...] = _D.group_by
    impact: Impact = _D.impact
    urgency: Urgency = _D.urgency
    runbook: str = ""
    quiet_minutes: int = _D.quiet_minutes
    enabled: bool = True


class RunbookText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A runbook; `owner` is an e-mail address. The secret of its webhooks stands in no file."""

    slug: str
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    text: str
    owner: str = ""
    matchers: Matchers = ""


class IncidentRuleFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file of rules."""

    incident_rule: tuple[IncidentRuleText, ...] = ()


class RunbookFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file of runbooks."""

    runbook: tuple[RunbookText, ...] = ()


RULES: dict[str, type[msgspec.Struct]] = {"incident_rule": IncidentRuleText}
RUNBOOKS: dict[str, type[msgspec.Struct]] = {"runbook": RunbookText}
