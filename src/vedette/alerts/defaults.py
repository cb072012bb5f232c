"""The rules that an installation begins with."""

from vedette.alerts import matching
from vedette.alerts.types import Direction, Params, Per, RuleDraft, RuleKind
from vedette.signals.types import Severity

# Each with the mark of when it came: an installation that is older gets what is new.
DEFAULTS = (
    (1, RuleDraft(name="New issue", kind=RuleKind.NEW_ISSUE)),
    (1, RuleDraft(name="Regression", kind=RuleKind.REGRESSION)),
    (
        2,
        RuleDraft(
            name="What monitors find", kind=RuleKind.SEVERITY, matchers=matching.parse('room="monitors"'),
            params=Params(severity=Severity.LOW), send_resolved=True,
        ),
    ),
    (
        3,
        RuleDraft(
            name="Vedette's own certificate", kind=RuleKind.SEVERITY, matchers=matching.parse('room="certificates"'),
            params=Params(severity=Severity.LOW), send_resolved=True,
        ),
    ),
    (
        4,
        RuleDraft(
            name="What hosts tell", kind=RuleKind.SEVERITY, matchers=matching.parse('room="hosts"'),
            params=Params(severity=Severity.LOW), send_resolved=True,
        ),
    ),
    (
        5,
        RuleDraft(
            name="What intruders do", kind=RuleKind.SEVERITY, matchers=matching.parse('room="intrusions"'),
            params=Params(severity=Severity.LOW), send_resolved=True,
        ),
    ),
    (
        6,
        RuleDraft(
            name="Unusually many errors of a project", kind=RuleKind.ANOMALY, severity=Severity.LOW,
            params=Params(count=20, minutes=60, per=Per.PROJECT, direction=Direction.UP), send_resolved=True,
        ),
    ),
    (
        7,
        RuleDraft(
            name="Findings that cannot wait", kind=RuleKind.SEVERITY,
            matchers=matching.parse('room="scans", alertname=~"finding.new|finding.worse"'),
            params=Params(severity=Severity.CRITICAL),
        ),
    ),
    (
        8,
        RuleDraft(
            name="Scans that could not know", kind=RuleKind.SEVERITY, matchers=matching.parse('room="scans", alertname="scan.blind"'),
            params=Params(severity=Severity.LOW), send_resolved=True,
        ),
    ),
    (
        9,
        RuleDraft(
            name="Backups that are not proven", kind=RuleKind.SEVERITY, matchers=matching.parse('room="backups"'),
            params=Params(severity=Severity.LOW), send_resolved=True,
        ),
    ),
    (
        10,
        RuleDraft(
            name="Infrastructure that is not as it should be", kind=RuleKind.SEVERITY, matchers=matching.parse('room="deploy"'),
            params=Params(severity=Severity.LOW), send_resolved=True,
        ),
    ),
)  # fmt: skip
