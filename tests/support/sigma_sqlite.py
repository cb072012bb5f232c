"""Sigma's rules evaluated by somebody else: pySigma's SQLite backend, in SQLite."""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing

import yaml
from sigma.backends.sqlite import sqliteBackend
from sigma.rule import SigmaRule

from vedette.agent.sigma.event import Event

WHOLE = "_whole"


def matched(texts: Iterable[str], events: Sequence[Event], fields: Sequence[str]) -> dict[str, set[int]]:
    """Return by a rule's id which events (by number) it matches."""
    backend = sqliteBackend(collate_nocase=True, fulltext_field=WHOLE)
    with closing(sqlite3.connect(":memory:")) as base:
        base.create_function("REGEXP", 2, _found, deterministic=True)
        names = [*fields, WHOLE]
        columns = ", ".join(f"{_name(name)} TEXT COLLATE NOCASE" for name in names)
        base.execute(f"CREATE TABLE logs (id INTEGER PRIMARY KEY, {columns})")
        rows = (
            (number, *(event.values.get(name) for name in fields), event.text)
            for number, event in enumerate(events)
        )
        base.executemany(f"INSERT INTO logs VALUES (?{', ?' * len(names)})", rows)  # noqa: S608 - question marks
        found: dict[str, set[int]] = {}
        for text in texts:
            for document in yaml.safe_load_all(text):
                rule = SigmaRule.from_dict(document)
                hits = found.setdefault(str(rule.id), set())
                for query in backend.convert_rule(rule):
                    hits.update(row[0] for row in base.execute(query.replace("SELECT *", "SELECT id", 1)))
        return found


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _found(pattern: str, text: str | None) -> bool:
    return text is not None and re.search(pattern, str(text), re.ASCII) is not None
