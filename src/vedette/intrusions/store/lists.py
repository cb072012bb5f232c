"""SQL of who is allowed, what others name, and what is done with sets of rules."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import IntegrityError

from vedette.core.errors import Conflict
from vedette.intrusions.models import AllowedRow, ListRow, ModeRow
from vedette.intrusions.types import Allowed, Blocklist
from vedette.plumbing.db import sql
from vedette.wire.agent.deciding.types import Target
from vedette.wire.agent.types import Scope

_COLUMNS = (
    "id", "name", "source", "every", "lasts", "by", "enabled", "checked_at", "read_at", "entries", "left", "problem",
)  # fmt: skip


def allowed() -> tuple[Allowed, ...]:
    """Return the allowlist, newest first."""
    rows = AllowedRow.objects.order_by("-at", "network")
    return tuple(Allowed(row.network, row.by, row.at, row.note) for row in rows)


def allow(one: Allowed) -> None:
    """Put a network on the allowlist, or write anew why it is there."""
    AllowedRow.objects.update_or_create(
        network=one.network, defaults={"by": one.by, "at": one.at, "note": one.note}
    )


def disallow(network: str) -> bool:
    """Take a network off the allowlist; False when it is not on it."""
    return bool(AllowedRow.objects.filter(network=network).delete()[0])


def lists() -> tuple[Blocklist, ...]:
    """Return the lists of others, by name."""
    return tuple(_list(row) for row in ListRow.objects.order_by("name"))


def by_name(name: str) -> Blocklist | None:
    """Return the list of a name."""
    row = ListRow.objects.filter(name=name).first()
    return None if row is None else _list(row)


def add(one: Blocklist) -> None:
    """Insert a list; raises `Conflict` when its name is taken."""
    try:
        with sql.transaction():
            ListRow.objects.create(**{name: getattr(one, name) for name in _COLUMNS[1:]})
    except IntegrityError:
        raise Conflict(f"There is a list {one.name} already.") from None


def remove(number: int) -> tuple[Target, ...]:
    """Delete a list with what it names, and return that."""
    rows = sql.query("DELETE FROM intrusions_entry WHERE list = %s RETURNING scope, value", [number])
    ListRow.objects.filter(id=number).delete()
    return tuple(_target(*row) for row in rows)


def read(number: int, **values: object) -> None:
    """Note how the reading of a list went."""
    ListRow.objects.filter(id=number).update(**values)


def entries(number: int) -> Mapping[Target, float]:
    """Return what a list names, each with the instant until which it counts."""
    rows = sql.query("SELECT scope, value, until FROM intrusions_entry WHERE list = %s", [number])
    return {_target(scope, value): float(until or 0) for scope, value, until in rows}


def name(number: int, found: Iterable[Target], until: float) -> None:
    """Write what a list names."""
    sql.executemany(
        f"INSERT INTO intrusions_entry (list, scope, value, until) VALUES ({sql.marks(4)})"  # noqa: S608 - marks alone
        " ON CONFLICT (value, list) DO UPDATE SET until = excluded.until, scope = excluded.scope",
        [(number, one.scope, one.value, until) for one in found],
    )


def unname(number: int, found: Sequence[Target]) -> None:
    """Delete what a list names no longer."""
    sql.executemany(
        "DELETE FROM intrusions_entry WHERE list = %s AND value = %s", [(number, one.value) for one in found]
    )


def over(now: float) -> int:
    """Delete what lists named and is over."""
    return sql.execute("DELETE FROM intrusions_entry WHERE until <= %s", [now])


def modes() -> Mapping[str, str]:
    """Return what is done with sets of rules on all hosts that are told nothing of their own."""
    return dict(ModeRow.objects.values_list("name", "mode"))


def set_mode(name: str, mode: str) -> None:
    """Say what is done with a set of rules."""
    ModeRow.objects.update_or_create(name=name, defaults={"mode": mode})


def _target(scope: sql.Value, value: sql.Value) -> Target:
    return Target(Scope(str(scope)), str(value))


def _list(row: ListRow) -> Blocklist:
    return Blocklist(**{name: getattr(row, name) for name in _COLUMNS})
