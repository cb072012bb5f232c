"""What a database is: rows of its tables, values of its sequences, how it is made. One script, asked when it is saved and when it is back.

Of definitions only what survives a dump word for word is hashed: names, types, keys, sources of functions. PostgreSQL writes
expressions (checks, defaults, views) anew when they are read again, so their texts differ without a difference. What belongs to
an extension comes from the extension, not from the dump.
"""

import hashlib

import msgspec

from vedette.core.names import written
from vedette.instruments.backup import psql
from vedette.instruments.backup.comparing import Found
from vedette.instruments.backup.psql import Reach
from vedette.instruments.backup.types import Tools

BEGIN = """\
SET statement_timeout = 0; SET lock_timeout = '60s'; SET row_security = off; SET search_path = pg_catalog;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
"""
_OURS = "nspname !~ '^pg_' AND nspname <> 'information_schema'"
_OWN = "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{catalog}'::regclass AND d.objid = {oid} AND d.deptype = 'e')"
_TABLES = f"""\
SELECT format('SELECT json_build_object(''table'', %L, ''value'', count(*)) FROM ONLY %I.%I',
  nspname || '.' || relname, nspname, relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND relpersistence <> 't' AND {_OURS} AND {_OWN.format(catalog="pg_class", oid="c.oid")}
ORDER BY nspname, relname \\gexec
"""  # noqa: S608
_SEQUENCES = f"""\
SELECT json_build_object('sequence', nspname || '.' || relname, 'value', pg_sequence_last_value(seqrelid), 'down', seqincrement < 0)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_sequence ON seqrelid = c.oid
WHERE relpersistence <> 't' AND {_OURS} AND {_OWN.format(catalog="pg_class", oid="c.oid")}
  AND pg_sequence_last_value(seqrelid) IS NOT NULL ORDER BY nspname, relname;
"""  # noqa: S608
_MADE = f"""\
SELECT json_build_object('made', line) FROM (
SELECT format('schema %s', nspname) FROM pg_namespace n WHERE {_OURS} AND {_OWN.format(catalog="pg_namespace", oid="n.oid")}
UNION ALL SELECT format('extension %s', extname) FROM pg_extension
UNION ALL SELECT format('relation %s.%s %s %s %s', nspname, relname, relkind, relpersistence, relrowsecurity)
 FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
 WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relpersistence <> 't' AND {_OURS} AND {_OWN.format(catalog="pg_class", oid="c.oid")}
UNION ALL SELECT format('column %s.%s.%s %s %s %s %s', nspname, relname, attname, format_type(atttypid, atttypmod), attnotnull, atthasdef, attidentity)
 FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
 WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'm', 'f') AND relpersistence <> 't' AND {_OURS}
 AND {_OWN.format(catalog="pg_class", oid="c.oid")}
UNION ALL SELECT format('index %s.%s %s %s %s %s', nspname, relname, indisunique, indisprimary, indpred IS NOT NULL,
  (SELECT string_agg(attname, ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid))
 FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_namespace n ON n.oid = relnamespace
 WHERE relpersistence <> 't' AND {_OURS} AND {_OWN.format(catalog="pg_class", oid="indrelid")}
UNION ALL SELECT format('constraint %s.%s %s %s %s %s', nspname, relname, conname, contype, convalidated, confrelid::regclass)
 FROM pg_constraint JOIN pg_class c ON c.oid = conrelid JOIN pg_namespace n ON n.oid = relnamespace
 WHERE {_OURS} AND {_OWN.format(catalog="pg_class", oid="c.oid")}
UNION ALL SELECT format('trigger %s.%s %s %s %s', nspname, relname, tgname, tgenabled, tgtype)
 FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = relnamespace
 WHERE NOT tgisinternal AND {_OURS} AND {_OWN.format(catalog="pg_class", oid="c.oid")}
UNION ALL SELECT format('function %s.%s(%s) %s', nspname, proname, pg_get_function_identity_arguments(p.oid), md5(prosrc))
 FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE {_OURS} AND {_OWN.format(catalog="pg_proc", oid="p.oid")}
UNION ALL SELECT format('enum %s.%s %s', nspname, typname, string_agg(enumlabel, ',' ORDER BY enumsortorder))
 FROM pg_enum JOIN pg_type t ON t.oid = enumtypid JOIN pg_namespace n ON n.oid = typnamespace
 WHERE {_OURS} AND {_OWN.format(catalog="pg_type", oid="t.oid")} GROUP BY nspname, typname
UNION ALL SELECT format('policy %s.%s %s %s', schemaname, tablename, policyname, cmd) FROM pg_policies
) AS made(line) ORDER BY line COLLATE "C";
"""  # noqa: S608
LOOK = _SEQUENCES + _MADE + _TABLES


class _Told(msgspec.Struct):
    table: str = ""
    sequence: str = ""
    made: str = ""
    down: bool = False
    value: int = 0


class Witness:
    """What a database told, line by line."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._made = hashlib.sha256()
        self._tables: dict[str, int] = {}
        self._sequences: dict[str, int] = {}
        self._downward: set[str] = set()

    def hear(self, line: str) -> None:
        """Take a line of what `LOOK` answers."""
        told = msgspec.json.decode(line, type=_Told)
        if told.table:
            self._tables[self._name(told.table)] = told.value
        elif told.sequence:
            self._sequences[self._name(told.sequence)] = told.value
            if told.down:
                self._downward.add(self._name(told.sequence))
        elif told.made:
            self._made.update(f"{told.made}\n".encode())

    def found(self) -> Found:
        """Return what was told."""
        return Found(
            tables=self._tables, sequences=self._sequences,
            schemas={self._database: self._made.hexdigest()}, downward=frozenset(self._downward),
        )  # fmt: skip

    def _name(self, text: str) -> str:
        return written(f"{self._database}.{text}")


def look(reach: Reach, database: str, tools: Tools) -> Found:
    """Return what a database is now; raises `Failed`."""
    witness = Witness(database)
    psql.script(reach, database, f"{BEGIN}{LOOK}COMMIT;\n", tools, on_line=witness.hear)
    return witness.found()
