"""Alerting: rules, and what became of the signals that met them."""

from collections.abc import Mapping, Sequence

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, Verb, require
from vedette.alerts import (
    checks,
    evidencing,
    explaining,
    naming,
    paging,
    patterns,
    previewing,
    processing,
    recounting,
    settling,
    taking,
)
from vedette.alerts.answering import links
from vedette.alerts.answering.commands import enter as enter_command
from vedette.alerts.ascode.applying import apply, plan
from vedette.alerts.ascode.written import SECTIONS, File
from vedette.alerts.conditions.kind import wrong_series
from vedette.alerts.defaults import DEFAULTS
from vedette.alerts.evidencing import Evidence
from vedette.alerts.explaining import Why
from vedette.alerts.governing import SilenceDraft, acknowledge, add_silence
from vedette.alerts.matching import Matcher, Operator
from vedette.alerts.matching import matches as holds
from vedette.alerts.matching import parse as matchers_of
from vedette.alerts.matching import written as matchers_written
from vedette.alerts.previewing import Preview
from vedette.alerts.rules import essence
from vedette.alerts.standing_out import Bundle, Listing
from vedette.alerts.store import alerts as store
from vedette.alerts.store import detectors as detector_store
from vedette.alerts.store import groups as group_store
from vedette.alerts.store import noise, traces
from vedette.alerts.store import rules as rule_store
from vedette.alerts.store import silences as silence_store
from vedette.alerts.store import templates as template_store
from vedette.alerts.types import (
    OWN_ROOM,
    TOLD,
    Alert,
    AlertPage,
    Counts,
    Rule,
    RuleDraft,
    Template,
    Told,
    ToldAlert,
    Trace,
)
from vedette.alerts.whither import seen_labels as labels_of
from vedette.core.errors import Invalid, NotFound
from vedette.notify import service as notify
from vedette.notify.types import Notice
from vedette.oncall import service as oncall
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.log.port import Message
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.ui import charts, pager
from vedette.wire.ascode import filed

__all__ = [
    "SECTIONS",
    "File",
    "Matcher",
    "Operator",
    "Preview",
    "SilenceDraft",
    "acknowledge",
    "add_silence",
    "apply",
    "enter_command",
    "holds",
    "labels_of",
    "matchers_of",
    "matchers_written",
    "plan",
]
KEEP_SECONDS = 37 * 86_400.0  # longer than the log of deliveries, so that no idempotency key comes twice
_DEFAULTS_MADE = "defaults"
_CHUNK = 1_000
_TRACES = 6


def process(now: float) -> int:
    """Deal with new signals, thresholds and ends; return how many signals there were.

    To be called when `signals.types.TOPIC` is woken, and at least every ten seconds for the thresholds.
    """
    return processing.process(now)


def resume(now: float) -> None:
    """Begin after a stop, before the first `process`: what was due waits once more."""
    processing.resume(now)


def take(messages: Sequence[Message], now: float) -> int:
    """Take in a batch of pushed alerts as the journal hands them out; return how many are news."""
    return taking.take(messages, now)


def settled(notice: Notice, now: float) -> str:
    """Return why nobody needs to be told more of a notice, "" while somebody does."""
    return settling.settled(notice, now)


def escalate(now: float) -> int:
    """Let escalations go on whose time has come; return how many did. To be called when `oncall.types.TOPIC` is woken."""
    return oncall.work(now, paging.settled, counted=paging.came_since, links=links.page_actions)


def next_due() -> float | None:
    """Return the instant at which `process` next has something to do without a signal, None when nothing waits."""
    return processing.next_due()


def rules() -> tuple[Rule, ...]:
    """Return every rule, oldest first."""
    return rule_store.all_rules()


def rule(rule_id: int) -> Rule:
    """Return one rule; raises `NotFound`."""
    found = rule_store.find(rule_id)
    if found is None:
        raise NotFound(f"There is no rule {rule_id}; it may have been deleted.")
    return found


def measurable() -> tuple[str, ...]:
    """Return the names of the series a rule may look at: those that are counted by the minute, and levels."""
    there = signals.catalogue().items()
    return tuple(
        name for name, series in there if not wrong_series(name, "series", {name: series}, levels=True)
    )


def preview(actor: Actor, draft: RuleDraft, now: float) -> Preview:
    """Return what a rule would have sent in the last 30 days; raises `Invalid` naming the wrong fields, `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    _check(draft)
    return previewing.preview(draft, now)


def create_rule(actor: Actor, draft: RuleDraft, now: float) -> Rule:
    """Add a rule; raises `Invalid` naming the wrong fields, `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    _check(draft)
    with transaction():
        made = rule_store.add(draft, now)
        accounts.audit(actor, "rule.create", f"rule {made.name}", {"kind": made.kind}, now)
    return made


def update_rule(actor: Actor, rule_id: int, draft: RuleDraft, now: float) -> Rule:
    """Change a rule. When it looks for something else now, or is switched off, what it fired is over, untold."""
    require(actor, Verb.RULE_WRITE)
    before = rule(rule_id)
    filed.refuse(f"The rule {before.name} is", before.source)
    _check(draft)
    with transaction():
        rule_store.change(rule_id, draft)
        if essence(before) != essence(draft):
            processing.end_alerts_of(rule_id, now)
        accounts.audit(actor, "rule.update", f"rule {draft.name}", {"kind": draft.kind}, now)
    return rule(rule_id)


def enable_rule(actor: Actor, rule_id: int, now: float, *, enabled: bool) -> Rule:
    """Switch a rule on or off."""
    before = rule(rule_id)
    return update_rule(actor, rule_id, _draft(before, enabled=enabled), now)


def delete_rule(actor: Actor, rule_id: int, now: float) -> None:
    """Delete a rule; what it fired is over, untold, and stays in the history."""
    require(actor, Verb.RULE_WRITE)
    before = rule(rule_id)
    filed.refuse(f"The rule {before.name} is", before.source)
    with transaction():
        processing.end_alerts_of(rule_id, now)
        rule_store.remove(rule_id)
        detector_store.forget_rule(rule_id)
        accounts.audit(actor, "rule.delete", f"rule {before.name}", {"kind": before.kind}, now)


def forget_project(project_id: int) -> None:
    """Delete the rules of a project that is being deleted, in that transaction."""
    patterns.forget_project(project_id)
    for rule_id in rule_store.of_project(project_id):
        rule_store.remove(rule_id)
        detector_store.forget_rule(rule_id)


def ensure_default_rules(now: float) -> None:
    """Make the rules that are there from the beginning, for all projects and default channels, each once in a lifetime."""
    with transaction():
        made = rule_store.mark(_DEFAULTS_MADE)
        for place, draft in DEFAULTS:
            if place > made:
                rule_store.add(draft, now)
                accounts.audit(SYSTEM, "rule.create", f"rule {draft.name}", {"kind": str(draft.kind)}, now)
        if made < DEFAULTS[-1][0]:
            rule_store.set_mark(_DEFAULTS_MADE, DEFAULTS[-1][0])


def firing(cursor: str | None = None, n: int = 50) -> AlertPage:
    """Return what fires now, worst first. Raises `Invalid` for an unknown cursor."""
    place = None if cursor is None else pager.decode(cursor, tuple[int, float, int])
    found = store.firing(place, n + 1)
    last = found[n - 1] if len(found) > n else None
    rest = None if last is None else pager.encode(last.standing.severity.rank, last.updated_at, last.id)
    return AlertPage(found[:n], rest)


def past(cursor: str | None = None, n: int = 50) -> AlertPage:
    """Return what fired and is over, or happened; newest first. Raises `Invalid` for an unknown cursor."""
    found = store.past(None if cursor is None else pager.decode(cursor, tuple[float, int]), n + 1)
    last = found[n - 1] if len(found) > n else None
    return AlertPage(found[:n], None if last is None else pager.encode(last.updated_at, last.id))


def changed_since(place: tuple[int, int], n: int) -> tuple[tuple[Alert, ...], tuple[int, int]]:
    """Return up to `n` alerts that changed past a place, the longest ago first, and the place of the last of them.

    Changes are numbered in the order in which they are committed: none appears before a place that was read.
    """
    return store.changed_since(place, n)


def last_change() -> tuple[int, int]:
    """Return the place past every change there was."""
    return store.last_place()


def of_fingerprints(fingerprints: Sequence[str]) -> tuple[Alert, ...]:
    """Return the alerts of label sets, as far as they are kept."""
    return tuple(store.find(fingerprints).values())


def acknowledged(fingerprints: Sequence[str]) -> tuple[Alert, ...]:
    """Return the alerts of label sets that somebody takes care of."""
    return store.acknowledged(fingerprints)


def of_thread(thread: str, n: int = 500) -> tuple[Alert, ...]:
    """Return up to `n` alerts of the group people were told of under `thread` (`Notice.group`)."""
    return group_store.of_thread(thread, n)


def quiet_of(alerts: Sequence[Alert], now: float) -> Mapping[int, str]:
    """Return why each of the alerts that is kept quiet is, by their ids: a silence, or another alert that makes it needless."""
    return recounting.quiet_of(alerts, now)


def find_templates(now: float) -> int:
    """Find the patterns of what issues said since the last look, once a minute; return how many are new."""
    return patterns.look(now)


def templates(n: int = 100) -> tuple[Template, ...]:
    """Return the patterns of messages that were found last, the newest first."""
    return template_store.newest(n)


def told(alerts: tuple[Alert, ...]) -> tuple[Told, ...]:
    """Return each alert with why people were told of it or not, and what became of the notices."""
    return recounting.told_of(alerts, _TRACES)


def why(alert_id: int, now: float) -> Why:
    """Return the whole way of an alert, from the rules to each receiver; raises `NotFound`."""
    return recounting.why(alert_id, now)


def written(found: Why) -> tuple[str, ...]:
    """Return the way of an alert as lines of plain text."""
    return explaining.written(found)


def evidence(alert: Alert, now: float) -> Evidence | None:
    """Return the series about an alert of a detector, with the band that was usual; None for any other alert."""
    rule_id = alert.rule_id
    return evidencing.of_alert(alert, None if rule_id is None else rule_store.find(rule_id), now)


def listing(now: float) -> Listing:
    """Return what fires: open, acknowledged, silenced, inhibited, in the groups in which it is told, worst first."""
    return recounting.listing(now)


def named(bundles: Sequence[Bundle]) -> tuple[Bundle, ...]:
    """Return bundles of a listing with the ids and labels of their groups, and whom these tell."""
    return recounting.named(bundles)


def told_lately(since: float, n: int = 5_000) -> tuple[ToldAlert, ...]:
    """Return what people were told of since an instant, at most of the newest `n` alerts: who asks counts what nobody took."""
    return noise.told(since, n)


def unmatched(since: float, n: int = 20) -> tuple[Trace, ...]:
    """Return the signals since an instant that met no rule, newest first, with each rule's reason."""
    return traces.unmatched(since, n)


def counts(since: float) -> Counts:
    """Return the numbers of the page's first sentence, each at most one past `types.MOST_COUNTED`."""
    return Counts(*store.counts(since))


def marks(start: float, end: float, project_id: int | None = None, n: int = 6) -> tuple[charts.Mark, ...]:
    """Return the lines that the newest notices draw into a chart from `start` to `end`."""
    told = signals.moments(start, end, project=project_id, room=OWN_ROOM, kind=TOLD, n=n)
    return tuple(charts.Mark((one.at - start) / (end - start), "alert", "crit", one.text) for one in told)


def drop_before(instant: float) -> int:
    """Delete alerts that are over, traces and silences older than `instant`, in short transactions; return how many went."""
    total = silence_store.drop_silences(instant) + detector_store.forget_before(instant)
    total += template_store.forget_before(instant)
    while dropped := store.drop_before(instant, _CHUNK):
        total += dropped
    return total


oncall.on_use(naming.rules, naming.receivers)


def _check(draft: RuleDraft) -> None:
    known = {channel.id for channel in notify.channels()}
    there = {project.id for project in projects.projects()}
    policies = {policy.id for policy in oncall.policies()}
    people = accounts.user_refs(draft.people)
    wrong = checks.problems(draft, known, there, people, signals.catalogue(), policies=policies)
    if wrong:
        raise Invalid("The rule is not complete.", wrong)


def _draft(rule: Rule, *, enabled: bool) -> RuleDraft:
    fields = {name: getattr(rule, name) for name in RuleDraft.__struct_fields__}
    return RuleDraft(**{**fields, "enabled": enabled})
