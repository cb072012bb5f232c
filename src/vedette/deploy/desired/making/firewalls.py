"""Firewalls: what a line of theirs says, and whom they stand before. Pure."""

from collections.abc import Iterator

from vedette.core.errors import Invalid
from vedette.deploy import rules, selectors
from vedette.deploy.desired.collecting import Entry
from vedette.deploy.desired.making.around import Around, Made, labelled, many
from vedette.deploy.desired.written import FirewallText
from vedette.deploy.suggesting import no_such
from vedette.wire.ascode.reading import Fault
from vedette.wire.infra import Rule, Thing

MOST_RULES = 50
MOST_ON_A_SERVER = 5


def firewalls(around: Around) -> Made:
    """Yield firewalls; their rules are sorted, for their order means nothing to Hetzner."""
    for entry in around.said.firewalls.values():
        found = list(_rules(entry, around))
        faults = [each for each in found if isinstance(each, Fault)]
        said = sorted({each for each in found if isinstance(each, Rule)}, key=rules.key)
        faults += [*labelled(entry, entry.text.labels), *_attached(entry, around), *_many(entry, len(said))]
        yield from faults or (_firewall(entry, around, said),)
    yield from _crowded(around)


def _firewall(entry: Entry[FirewallText], around: Around, said: list[Rule]) -> Thing:
    servers = {name for each in many(entry.text.servers) for name in around.servers.get(each, (each,))}
    return Thing(
        kind="firewall", name=entry.name, labels=entry.text.labels, place=entry.place,
        fields={
            "rules": [rules.table(each) for each in said], "on": sorted(set(many(entry.text.on))), "servers": sorted(servers),
        },
    )  # fmt: skip


def _rules(entry: Entry[FirewallText], around: Around) -> Iterator[Rule | Fault]:
    for key, direction in (("allow", "in"), ("allow_out", "out")):
        lines: tuple[str, ...] = getattr(entry.text, key)
        for number, line in enumerate(lines):
            try:
                yield from rules.parse(line, direction, around.groups)
            except Invalid as error:
                yield entry.fault(str(error), key, number)


def _attached(entry: Entry[FirewallText], around: Around) -> Iterator[Fault]:
    tables = {*around.servers, *around.every_server()}
    for each in many(entry.text.servers):
        if each not in tables and each not in around.said.unsound:
            yield entry.fault(no_such(each, tables, "[servers]"), "servers")
    for each in many(entry.text.on):
        told = selectors.wrong(each)
        if told:
            yield entry.fault(told, "on")
        elif not around.is_taken(each):
            yield entry.fault(f"No server has the labels {each}; {_labels(around)}", "on")


def _labels(around: Around) -> str:
    known = sorted({f"{k}={v}" for one in around.said.servers.values() for k, v in one.text.labels.items()})
    return f"there are {', '.join(known)}." if known else "none has any."


def _many(entry: Entry[FirewallText], count: int) -> Iterator[Fault]:
    if count > MOST_RULES:
        yield entry.fault(f"A firewall has {MOST_RULES} rules at most; this one has {count}.", "allow")


def _crowded(around: Around) -> Iterator[Fault]:
    """Yield servers before which too many firewalls stand, at the last of them."""
    found: dict[str, list[str]] = {}
    for entry in around.said.firewalls.values():
        for server in _before(entry, around):
            found.setdefault(server, []).append(entry.name)
    for server, names in found.items():
        if len(names) > MOST_ON_A_SERVER:
            yield around.said.firewalls[names[-1]].fault(
                f"{server} has {len(names)} firewalls; Hetzner takes {MOST_ON_A_SERVER}."
            )


def _before(entry: Entry[FirewallText], around: Around) -> set[str]:
    """Return the servers a firewall stands before."""
    named = {name for one in many(entry.text.servers) for name in around.servers.get(one, (one,))}
    taken = {name for one in many(entry.text.on) if not selectors.wrong(one) for name in around.fitting(one)}
    return (named | taken) & set(around.labels)
