"""Puts in force what files say: all of it in one transaction, or nothing."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.alerts import builtin, governing, processing, rules
from vedette.alerts.ascode import comparing, policing
from vedette.alerts.ascode.comparing import Pair
from vedette.alerts.ascode.compiling import There, Wanted, compile_files
from vedette.alerts.ascode.written import SECTIONS, File
from vedette.alerts.hooks import store as hook_store
from vedette.alerts.store import rules as rule_store
from vedette.alerts.store import silences as silence_store
from vedette.notify import service as notify
from vedette.oncall import service as oncall
from vedette.oncall.types import PolicyDraft
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.signals.types import TOPIC
from vedette.wire.ascode.changing import Act, Change, Plan
from vedette.wire.ascode.reading import Document, Fault, Read, said


def plan(actor: Actor, files: Sequence[Document], now: float) -> Plan:
    """Return what files would change; raises `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    policies, wrong = _policies(files)
    wanted, faults = _wanted(files)
    if wrong or faults:
        return Plan((), (*wrong, *faults))
    return Plan((*comparing.of_policies(oncall.policies(), policies), *_changes(wanted, now)), ())


def apply(actor: Actor, files: Sequence[Document], now: float) -> Plan:
    """Put in force what files say, and remove what came from files and is in none of them any more.

    Where one of them is wrong, nothing is changed. Raises `Forbidden`.
    """
    require(actor, Verb.RULE_WRITE)
    with transaction():
        policies, wrong = _policies(files)
        wanted, faults = _wanted(files)
        if faults or wrong:
            return Plan((), (*wrong, *faults))
        changed = comparing.of_policies(oncall.policies(), policies)
        _keep_policies(policies, changed, now)
        wanted, faults = _wanted(files)  # again: policies that are new have their numbers now
        changes = (*changed, *_changes(wanted, now))
        for pair in comparing.pairs(rule_store.all_rules(), wanted):
            if comparing.of_rule(pair) is not None:
                _keep_rule(pair, now)
        _keep_silences(wanted, now)
        _keep_hooks(wanted, changes, now)
        if any(change.what == "routes" for change in changes):
            governing.save_routing(actor, wanted.routing or builtin.BUILT_IN, now)
        for change in changes:
            accounts.audit(
                actor, f"file.{change.act}", f"{change.what} {change.name}", {"file": change.file}, now
            )
        on_commit(lambda: ports().bus.wake(TOPIC))
    return Plan(changes, ())


def _wanted(files: Sequence[Document]) -> tuple[Wanted, tuple[Fault, ...]]:
    read, broken = _read(files)
    if broken:
        return Wanted((), (), None), broken
    new = {text.name for file in read for text in file.said.policy}
    return compile_files(read, _there(new))


def _read(files: Sequence[Document]) -> tuple[list[Read[File]], tuple[Fault, ...]]:
    found = [said(file.only(SECTIONS), File, SECTIONS) for file in files]
    broken = tuple(each for each in found if isinstance(each, Fault))
    return [each for each in found if isinstance(each, Read)], broken


def _policies(files: Sequence[Document]) -> tuple[tuple[tuple[PolicyDraft, str], ...], tuple[Fault, ...]]:
    """Return the policies of files, each with its file, and what is wrong with them; broken files are told elsewhere."""
    read, _ = _read(files)
    faults: list[Fault] = []
    new = _new_schedules(files)
    named = {
        "people": {ref.email: user for user, ref in accounts.user_refs().items()},
        "schedule": new | {schedule.name: schedule.id for schedule in oncall.schedules()},
        "channel": {channel.name: channel.id for channel in notify.channels()},
    }

    def problems(draft: PolicyDraft) -> Mapping[str, str]:
        return oncall.policy_problems(draft, frozenset(new.values()))

    made = tuple(policing.policies(read, named, oncall.read_spans, problems, faults))
    return made, tuple(faults)


def _new_schedules(files: Sequence[Document]) -> dict[str, int]:
    """Return the schedules that the same files write, with numbers below zero: in a plan they are not there yet."""
    written = [each for file in files for each in file.table.get("schedule", ()) if isinstance(each, dict)]
    return {str(each.get("name", "")): -n for n, each in enumerate(written, 1)}


def _keep_policies(wanted: Sequence[tuple[PolicyDraft, str]], changes: Sequence[Change], now: float) -> None:
    drafts = {draft.name: (draft, file) for draft, file in wanted}
    for change in changes:
        if change.act is Act.REMOVE:
            oncall.drop_policy(change.name)
        else:
            oncall.keep_policy(*drafts[change.name], now)


def _there(new: Collection[str] = ()) -> There:
    """Return what is there; policies that files will add have numbers below zero until they are."""
    policies = {name: -n for n, name in enumerate(sorted(new), 1)}
    return There(
        policies=policies | {policy.name: policy.id for policy in oncall.policies()},
        projects={project.slug: project.id for project in projects.projects()},
        channels={channel.name: channel.id for channel in notify.channels()},
        people={ref.email: user for user, ref in accounts.user_refs().items()},
        catalogue=signals.catalogue(),
    )


def _changes(wanted: Wanted, now: float) -> tuple[Change, ...]:
    of_rules = (comparing.of_rule(pair) for pair in comparing.pairs(rule_store.all_rules(), wanted))
    table = builtin.table()
    by_files = table.source not in governing.NOT_FILES
    return (
        *(change for change in of_rules if change is not None),
        *comparing.of_silences(silence_store.silences(now), wanted.silences),
        *comparing.of_hooks(hook_store.hooks(), wanted.hooks),
        *comparing.of_routing(table, wanted.routing, by_files=by_files),
    )


def _keep_rule(pair: Pair, now: float) -> None:
    before, draft = pair.before, pair.draft
    if draft is None:
        if before is not None:
            processing.end_alerts_of(before.id, now)
            rule_store.remove(before.id)
    elif before is None:
        rule_store.add(draft, now, pair.file)
    else:
        rule_store.change(before.id, draft, pair.file)
        if rules.essence(before) != rules.essence(draft):
            processing.end_alerts_of(before.id, now)


def _keep_hooks(wanted: Wanted, changes: Sequence[Change], now: float) -> None:
    there = {each.name: each.id for each in hook_store.hooks()}
    drafts = {draft.name: (draft, file) for draft, file in wanted.hooks}
    for change in (each for each in changes if each.what == "hook"):
        if change.act is Act.REMOVE:
            hook_store.remove(there[change.name])
        elif change.act is Act.CHANGE:
            hook_store.change(there[change.name], *drafts[change.name])
        else:
            draft, file = drafts[change.name]
            hook_store.add(draft, now, file)


def _keep_silences(wanted: Wanted, now: float) -> None:
    ids = {each.id for each in wanted.silences}
    there = {each.id: each for each in silence_store.silences(now)}
    for each in wanted.silences:
        known = there.get(each.id)
        kept = msgspec.structs.replace(each, starts=known.starts if known else now, updated_at=now)
        if known is None or msgspec.structs.replace(known, updated_at=now) != kept:
            governing.keep_silence(kept, now)
    for each in there.values():
        if each.source and each.id not in ids:
            governing.keep_silence(msgspec.structs.replace(each, ends=now, updated_at=now), now)
