"""What databases are: rows of their tables, next numbers of their counters, how they are made."""

import hashlib
from collections.abc import Sequence

import msgspec

from vedette.core.names import written
from vedette.instruments.backup.comparing import Found
from vedette.instruments.backup.types import Tools
from vedette.instruments.backup.what.mysql.client import SYSTEM, Access, ident, literal, script

_LISTED = "SELECT JSON_ARRAY(schema_name, '') FROM information_schema.schemata WHERE schema_name NOT IN ({system}) ORDER BY 1;\n"
_TABLES = (
    "SELECT JSON_ARRAY(table_schema, table_name) FROM information_schema.tables"
    " WHERE table_type = 'BASE TABLE' AND table_schema IN ({names}) ORDER BY table_schema, table_name;\n"
)
# What survives a dump word for word: bodies of views are written anew, so of them only the columns are looked at.
_MADE = """\
SELECT JSON_OBJECT('in', table_schema, 'made', CONCAT_WS(' ', 'column', table_name, column_name, column_type, is_nullable,
  column_key, extra, collation_name)) FROM information_schema.columns WHERE table_schema IN ({names})
  ORDER BY table_schema, table_name, column_name;
SELECT JSON_OBJECT('in', table_schema, 'made', CONCAT_WS(' ', 'index', table_name, index_name, seq_in_index, column_name, non_unique))
  FROM information_schema.statistics WHERE table_schema IN ({names}) ORDER BY table_schema, table_name, index_name, seq_in_index;
SELECT JSON_OBJECT('in', constraint_schema, 'made', CONCAT_WS(' ', 'reference', table_name, constraint_name, referenced_table_name,
  update_rule, delete_rule)) FROM information_schema.referential_constraints WHERE constraint_schema IN ({names})
  ORDER BY constraint_schema, table_name, constraint_name;
SELECT JSON_OBJECT('in', trigger_schema, 'made', CONCAT_WS(' ', 'trigger', trigger_name, event_object_table, event_manipulation,
  action_timing)) FROM information_schema.triggers WHERE trigger_schema IN ({names}) ORDER BY trigger_schema, trigger_name;
SELECT JSON_OBJECT('in', routine_schema, 'made', CONCAT_WS(' ', 'routine', routine_type, routine_name, MD5(routine_definition)))
  FROM information_schema.routines WHERE routine_schema IN ({names}) ORDER BY routine_schema, routine_type, routine_name;
SELECT JSON_OBJECT('in', event_schema, 'made', CONCAT_WS(' ', 'event', event_name)) FROM information_schema.events
  WHERE event_schema IN ({names}) ORDER BY event_schema, event_name;
SELECT JSON_OBJECT('counter', CONCAT(table_schema, '.', table_name), 'value', auto_increment) FROM information_schema.tables
  WHERE auto_increment IS NOT NULL AND table_schema IN ({names}) ORDER BY table_schema, table_name;
"""


class _Told(msgspec.Struct):
    table: str = ""
    counter: str = ""
    in_: str = msgspec.field(default="", name="in")
    made: str = ""
    value: int = 0


class Witness:
    """What a server told of some databases, line by line."""

    def __init__(self, databases: Sequence[str]) -> None:
        self._made = {name: hashlib.sha256() for name in databases}
        self._tables: dict[str, int] = {}
        self._counters: dict[str, int] = {}

    def hear(self, line: str) -> None:
        """Take a line of what `questions` answer."""
        told = msgspec.json.decode(line, type=_Told)
        if told.table:
            self._tables[written(told.table)] = told.value
        elif told.counter:
            self._counters[written(told.counter)] = told.value
        elif told.in_ in self._made:
            self._made[told.in_].update(f"{told.made}\n".encode())

    def found(self) -> Found:
        """Return what was told."""
        schemas = {name: made.hexdigest() for name, made in self._made.items()}
        return Found(tables=self._tables, sequences=self._counters, schemas=schemas)


def databases(access: Access, tools: Tools) -> tuple[str, ...]:
    """Return the databases of a server without its own; raises `Failed`."""
    system = ", ".join(map(literal, SYSTEM))
    return tuple(name for name, _ in _pairs(script(access, _LISTED.format(system=system), tools)))


def tables(access: Access, names: Sequence[str], tools: Tools) -> tuple[tuple[str, str], ...]:
    """Return database and name of every table; raises `Failed`."""
    return _pairs(script(access, _TABLES.format(names=_listed(names)), tools))


def questions(names: Sequence[str], there: Sequence[tuple[str, str]]) -> str:
    """Return the statements that tell what databases and their tables are."""
    counts = (
        f"SELECT JSON_OBJECT('table', {literal(f'{database}.{table}')}, 'value', (SELECT COUNT(*) FROM {ident(database)}.{ident(table)}));\n"  # noqa: S608
        for database, table in there
    )
    return _MADE.format(names=_listed(names)) + "".join(counts)


def look(access: Access, names: Sequence[str], tools: Tools) -> Found:
    """Return what databases are now; raises `Failed`."""
    witness = Witness(names)
    script(access, questions(names, tables(access, names, tools)), tools, on_line=witness.hear)
    return witness.found()


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(msgspec.json.decode(line, type=tuple[str, str]) for line in text.splitlines())


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(literal, names))
