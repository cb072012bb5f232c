"""A plan: every change with its lines, reason, order, price and dangers; what is foreign is named and left alone. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.deploy.planning import comparing, pricing
from vedette.deploy.planning.choosing import chosen
from vedette.deploy.planning.endangering import endangered
from vedette.deploy.planning.kind import Kind
from vedette.deploy.planning.linking import doubled, guarded, linked
from vedette.deploy.planning.ordering import ordered
from vedette.deploy.types import Act, Change, Desired, Line, Planned, Wish
from vedette.wire import jsons
from vedette.wire.infra import REF, Live, Ref, Thing

Kinds = Mapping[str, Kind]
LATER = "records"  # those of a new zone that stand for something which is made first


def planned(desired: Desired, live: Live, kinds: Kinds, now: float, wish: Wish | None = None) -> Planned:
    """Return how what is there becomes what should be."""
    wish = wish or Wish()
    things = () if wish.destroy else linked(desired.things, live.things, desired.project)
    there = {each.ref: _guarded(each, live, desired.project) for each in live.things}
    made = _Making(desired.project, there, kinds, live.unread, wish)
    raw = [part for each in (*made.wanted(things), *made.unwanted(things)) for part in split(each, kinds)]
    changes = chosen(ordered([*raw, *put_back(raw, there)], kinds), wish.targets, loose=wish.loose)
    after = _afterwards(live.things, changes)
    changes = endangered(changes, live.things, after, desired.project)
    return Planned(
        project=desired.project, at=now, digest=digest(live, kinds),
        changes=tuple(_priced(each, kinds, live.prices) for each in changes),
        foreign=made.foreign(things), notes=_notes(made, after, live, kinds, desired.project),
        before=pricing.written(pricing.total(live.things, kinds, live.prices)),
        after=pricing.written(pricing.total(after, kinds, live.prices)),
        currency=live.currency, requests=live.requests,
    )  # fmt: skip


def digest(live: Live, kinds: Kinds) -> str:
    """Return what tells one live state from another: a SHA-256 of all that plans look at."""
    said = [
        [
            each.kind,
            each.name,
            each.id,
            dict(each.labels),
            {field: each.fields[field] for field in kinds[each.kind].fields if field in each.fields},
        ]
        for each in sorted(live.things, key=lambda each: (each.ref, each.id))
        if each.kind in kinds
    ]
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


class _Making:
    """The changes of one plan, and what is to be said beside them."""

    def __init__(
        self, project: str, there: Mapping[Ref, Thing], kinds: Kinds, unread: Mapping[str, str], wish: Wish
    ) -> None:
        self._project, self._there, self._kinds, self._unread, self._wish = (
            project,
            there,
            kinds,
            unread,
            wish,
        )
        self.notes: list[str] = [
            f"Nothing is known of {kinds[kind].label}s, so nothing of them is changed: {why}"
            for kind, why in unread.items()
            if kind in kinds
        ]

    def wanted(self, things: Iterable[Thing]) -> list[Change]:
        """Return what is to be made or changed."""
        found = [
            self._one(each, self._kinds[each.kind])
            for each in things
            if each.kind in self._kinds and each.kind not in self._unread
        ]
        return [each for each in found if each is not None]

    def unwanted(self, things: Iterable[Thing]) -> list[Change]:
        """Return what a file of ours made and no file says any more."""
        said = {each.ref for each in things}
        return [
            each
            for thing in self._there.values()
            if thing.ours and thing.ref not in said
            for each in self._removed(thing)
        ]

    def foreign(self, things: Iterable[Thing]) -> tuple[Ref, ...]:
        """Return what is there and neither said nor made by a file of this project."""
        said = {each.ref for each in things}
        return tuple(sorted(ref for ref, each in self._there.items() if not each.ours and (ref not in said)))

    def _one(self, thing: Thing, kind: Kind) -> Change | None:
        before = self._there.get(thing.ref)
        if before is None:
            return self._new(thing, kind)
        owner = jsons.text(before.fields, "owner")
        if owner not in {"", self._project}:
            self.notes.append(
                f"{kind.label} {thing.name} was made by the project {owner}: it is left alone. Give it another name here."
            )
            return None
        old, new = comparing.settled(kind, before, thing)
        lines = comparing.lines(kind, old, new)
        if not lines:
            return None
        if not before.ours:
            self.notes.append(
                f"{kind.label} {thing.name} was made by hand; it becomes what the file says, and is of the file from then on."
            )
        return self._changed(kind, old, new, lines)

    def _new(self, thing: Thing, kind: Kind) -> Change | None:
        if not kind.makes:
            self.notes.append(f"{kind.label} {thing.name} is not there; no plan makes one.")
            return None
        return Change(
            act=Act.CREATE,
            ref=thing.ref,
            after=thing,
            lines=comparing.whole(kind, thing, "+"),
            dangers=kind.dangers(None, thing),
            reason="it is not there",
        )

    def _changed(self, kind: Kind, old: Thing, new: Thing, lines: Sequence[Line]) -> Change | None:
        reason = comparing.made_anew(kind, old, new, lines)
        if reason and old.protected and not self._wish.unprotect:
            self.notes.append(
                f"{kind.label} {old.name} is protected and would have to be made anew ({reason}): it stays. Write protect = false and apply first."
            )
            return None
        self._note_foreign_rules(old, lines)
        act = Act.REPLACE if reason else Act.UPDATE
        return Change(
            act=act,
            ref=new.ref,
            before=old,
            after=new,
            lines=tuple(lines),
            reason=reason or "it differs",
            dangers=kind.dangers(old, new),
        )

    def _removed(self, thing: Thing) -> list[Change]:
        kind = self._kinds.get(thing.kind)
        if kind is None or thing.kind in self._unread:
            return []
        if thing.protected and not self._wish.unprotect:
            self.notes.append(
                f"{kind.label} {thing.name} is protected: it stays. Write protect = false and apply first, or add --unprotect."
            )
            return []
        why = "everything is to go" if self._wish.destroy else "no file says it any more"
        return [
            Change(
                act=Act.DELETE,
                ref=thing.ref,
                before=thing,
                lines=comparing.whole(kind, thing, "-"),
                reason=why,
                dangers=kind.dangers(thing, None),
            )
        ]

    def _note_foreign_rules(self, wall: Thing, lines: Sequence[Line]) -> None:
        rules = [each.before for each in lines if each.field == "rules" and each.sign == "-"]
        if wall.kind == "firewall" and rules:
            self.notes.append(
                f"Firewall {wall.name} has what no file says: {'; '.join(rules)}. It goes; whoever wants to keep it writes it into the file."
            )


def split(change: Change, kinds: Kinds) -> list[Change]:
    """Return a change in the parts in which it can be made.

    A new zone comes without the records that stand for something, and these come when that is there: what they stand for
    may wait for a certificate, and a certificate for the zone.
    """
    zone = change.after
    if (
        change.act is not Act.CREATE
        or zone is None
        or zone.kind != "zone"
        or not kinds[zone.kind].needs(zone)
    ):
        return [change]
    records = jsons.records(zone.fields, "records")
    plain = [
        each for each in records if not any(value.startswith(REF) for value in jsons.texts(each, "values"))
    ]
    bare = msgspec.structs.replace(zone, fields={**zone.fields, "records": plain})
    lines = comparing.lines(kinds[zone.kind], bare, zone)
    first = msgspec.structs.replace(change, after=bare, lines=comparing.whole(kinds[zone.kind], bare, "+"))
    later = Change(
        act=Act.UPDATE,
        ref=Ref(LATER, zone.name),
        before=bare,
        after=zone,
        lines=lines,
        reason="what they stand for is made first",
    )
    return [first, later]


def put_back(changes: Sequence[Change], there: Mapping[Ref, Thing]) -> list[Change]:
    """Return the load balancers that name a server which is made anew: Hetzner drops such a target, so it is added again."""
    anew = {each.ref.name for each in changes if each.act is Act.REPLACE and each.ref.kind == "server"}
    busy = {each.ref for each in changes}
    found = []
    for thing in there.values():
        hit = sorted(
            anew
            & {
                jsons.text(each, "of")
                for each in jsons.records(thing.fields, "targets")
                if jsons.text(each, "type") == "server"
            }
        )
        if thing.kind == "load_balancer" and hit and thing.ref not in busy:
            lines = tuple(
                Line(field="targets", sign="~", before=f"server {name}", after=f"server {name}, made anew")
                for name in hit
            )
            found.append(
                Change(
                    act=Act.UPDATE,
                    ref=thing.ref,
                    before=thing,
                    after=thing,
                    lines=lines,
                    reason="a target is made anew",
                )
            )
    return found


def _guarded(thing: Thing, live: Live, project: str) -> Thing:
    return guarded(thing, live.things, project) if thing.kind == "server" else thing


def _afterwards(live: Sequence[Thing], changes: Sequence[Change]) -> tuple[Thing, ...]:
    state = {each.ref: each for each in live}
    for each in changes:
        if each.after is None:
            state.pop(each.ref, None)
        else:
            state[each.ref] = each.after
    return tuple(state.values())


def _priced(change: Change, kinds: Kinds, prices: Mapping[str, str]) -> Change:
    more = pricing.monthly(change.after, kinds, prices) - pricing.monthly(change.before, kinds, prices)
    return msgspec.structs.replace(change, monthly=pricing.written(more))


def _notes(made: _Making, after: Sequence[Thing], live: Live, kinds: Kinds, project: str) -> tuple[str, ...]:
    unknown = pricing.unpriced(after, kinds, live.prices) if live.prices else ()
    priceless = (
        [f"Hetzner tells no price of {', '.join(unknown)}; the sum is without them."] if unknown else []
    )
    return tuple(dict.fromkeys([*made.notes, *doubled(after, project), *priceless]))
