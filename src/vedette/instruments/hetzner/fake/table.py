"""What every kind of thing answers alike: lists, one, its name and labels, its removal, its actions."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec

from vedette.instruments.hetzner.fake import acting, labels
from vedette.instruments.hetzner.fake.calls import Reply, Shape, invalid, missing, protected, taken
from vedette.instruments.hetzner.fake.paging import chosen, ordered, paged
from vedette.instruments.hetzner.fake.state import Action, Object, State
from vedette.instruments.hetzner.fake.visit import Visit

T = TypeVar("T", bound=Object)
Handler = Callable[[Visit], Reply]
Route = tuple[str, str, Handler]
Reading = Callable[[Shape], object]

_SORTS = ("id", "name", "created")
_ACTION_SORTS = ("id", "command", "status", "progress", "started", "finished")
_LONGEST = 128


class Edited(msgspec.Struct, kw_only=True):
    """What everything lets one change."""

    name: str | None = None
    labels: dict[str, str] | None = None


@dataclasses.dataclass(frozen=True)
class Table(Generic[T]):
    """A kind of thing: its words, where its rows are, how one is shown, by what lists are narrowed and sorted."""

    singular: str
    plural: str
    rows: Callable[[State], dict[int, T]]
    show: Callable[[Visit, T], Shape]
    filters: Mapping[str, Reading] = dataclasses.field(default_factory=dict)
    sorts: Sequence[str] = _SORTS
    has_actions: bool = True

    def find(self, visit: Visit) -> T:
        """Return the thing that a path names by id or, for zones, by name. Raises `Refused` (404)."""
        key, rows = visit.args[0], self.rows(visit.state)
        named = [row for row in rows.values() if self.plural == "zones" and row.name == key]
        if key.isascii() and key.isdigit() and int(key) in rows:
            return rows[int(key)]
        if not named:
            raise missing(self.singular, key)
        return named[0]

    def act(self, visit: Visit) -> T:
        """Return the thing that a path names, free to be changed. Raises `Refused`."""
        row = self.find(visit)
        visit.free(self.singular, row.id)
        return row

    def check(self, visit: Visit, name: str, tags: Mapping[str, str], itself: int = 0) -> None:
        """Raise `Refused` unless a name and labels are right, and the name is nobody else's."""
        if not name.strip() or len(name) > _LONGEST:
            raise invalid("name", f"must have 1 to {_LONGEST} characters")
        labels.check(tags)
        if any(row.name == name and row.id != itself for row in self.rows(visit.state).values()):
            raise taken("name", f"{self.singular} name is already used")

    def added(self, visit: Visit, row: T) -> T:
        """Keep a new thing. Raises `Refused` where the project has its fill."""
        rows = self.rows(visit.state)
        visit.room(self.plural, rows)
        rows[row.id] = row
        return row

    def one(self, visit: Visit) -> Reply:
        """Answer with one thing."""
        return Reply(body={self.singular: self.show(visit, self.find(visit))})

    def many(self, visit: Visit) -> Reply:
        """Answer with a page of them."""
        shapes = [self.show(visit, row) for row in self.rows(visit.state).values()]
        return page_of(visit, self.plural, shapes, self.filters, self.sorts)

    def edit(self, visit: Visit) -> Reply:
        """Change name and labels."""
        row = self.find(visit)
        self.rename(visit, row)
        return Reply(body={self.singular: self.show(visit, row)})

    def rename(self, visit: Visit, row: T) -> None:
        """Take a new name and new labels from the body."""
        asked = visit.read(Edited)
        name = row.name if asked.name is None else asked.name
        tags = row.labels if asked.labels is None else asked.labels
        self.check(visit, name, tags, row.id)
        row.name, row.labels = name, tags

    def removable(self, visit: Visit) -> T:
        """Return the thing that a path names, fit to be removed. Raises `Refused`."""
        row = self.act(visit)
        if row.protected:
            raise protected(f"{self.singular} {row.id}")
        return row

    def remove(self, visit: Visit) -> Reply:
        """Remove a thing at once."""
        del self.rows(visit.state)[self.removable(visit).id]
        return Reply(status=204)

    def actions(self, visit: Visit) -> Reply:
        """Answer with the actions of one thing."""
        return listed(visit, [one for one in self._acted(visit) if one.owner.id == self.find(visit).id])

    def action(self, visit: Visit) -> Reply:
        """Answer with one action, by its id alone or below the id of a thing."""
        number = visit.args[-1]
        wanted = [one for one in self._acted(visit) if str(one.id) == number]
        if not wanted:
            raise missing("action", number)
        return Reply(body={"action": visit.shown(wanted[0])})

    def all_actions(self, visit: Visit) -> Reply:
        """Answer with the actions of every thing of the kind."""
        return listed(visit, self._acted(visit))

    def metrics(self, visit: Visit) -> Reply:
        """Answer with no measures at all."""
        self.find(visit)
        asked = {name: values[-1] for name, values in visit.call.query.items()}
        for name in ("type", "start", "end"):
            if name not in asked:
                raise invalid(name, "is required")
        step = int(asked["step"]) if asked.get("step", "").isdigit() else 60
        body: Shape = {"start": asked["start"], "end": asked["end"], "step": step, "time_series": {}}
        return Reply(body={"metrics": body})

    def _acted(self, visit: Visit) -> list[Action]:
        return [one for one in visit.state.actions.values() if one.owner.type == self.singular]

    def routes(
        self, *more: Route, removing: Handler | None = None, editing: Handler | None = None
    ) -> list[Route]:
        """Return what the kind answers: the common part, and what it has besides (paths below one thing)."""
        one = f"/{self.plural}/{{id}}"
        common: list[Route] = [
            ("GET", f"/{self.plural}", self.many),
            ("GET", one, self.one),
            ("PUT", one, editing or self.edit),
            ("DELETE", one, removing or self.remove),
        ]
        acting_: list[Route] = [
            ("GET", f"/{self.plural}/actions", self.all_actions),
            ("GET", f"/{self.plural}/actions/{{id}}", self.action),
            ("GET", f"{one}/actions", self.actions),
            ("GET", f"{one}/actions/{{action_id}}", self.action),
        ]
        own = [
            (method, path if path.startswith("/") else f"{one}/{path}", handler)
            for method, path, handler in more
        ]
        return [*common, *(acting_ if self.has_actions else []), *own]


def page_of(
    visit: Visit, name: str, shapes: Sequence[Shape], filters: Mapping[str, Reading], sorts: Sequence[str]
) -> Reply:
    """Answer with a page of what a query asks for, by name always."""
    query = visit.call.query
    left = chosen(shapes, query, {"name": lambda shape: shape.get("name"), **filters})
    return Reply(body=paged(name, ordered(left, query, sorts), query))


def listed(visit: Visit, actions: Sequence[Action]) -> Reply:
    """Answer with a page of actions."""
    shapes = [acting.shown(action, visit.now) for action in actions]
    filters: Mapping[str, Reading] = {"id": lambda one: one["id"], "status": lambda one: one["status"]}
    left = ordered(chosen(shapes, visit.call.query, filters), visit.call.query, _ACTION_SORTS)
    return Reply(body=paged("actions", left, visit.call.query))


class Guarded(msgspec.Struct, kw_only=True):
    """Whether a thing may be removed."""

    delete: bool | None = None


def guarding(table: Table[T]) -> Handler:
    """Return what answers `change_protection`."""

    def change(visit: Visit) -> Reply:
        row, asked = table.act(visit), visit.read(Guarded)
        resource = visit.free(table.singular, row.id)
        return visit.acted(visit.start("change_protection", resource, delete=asked.delete))

    return change


def guard(rows: Callable[[State], Mapping[int, Object]]) -> acting.Effect:
    """Return what a change of protection does at its end."""

    def effect(state: State, action: Action) -> None:
        row, wanted = rows(state).get(action.owner.id), action.args.get("delete")
        if row is not None and isinstance(wanted, bool):
            row.protected = wanted

    return effect
