"""The words by which findings are searched: names, places, and all numbers that advisories have for them."""

from collections.abc import Iterable, Sequence

import msgspec

from vedette.plumbing.db import sql
from vedette.scans.types import Known
from vedette.wire.finding import Finding

_MOST_NAMES, _LONGEST = 12, 2_000
_FEW = 1_000
_LOOKED = 'CREATE VIRTUAL TABLE IF NOT EXISTS temp.scans_looked USING fts5(body, tokenize="unicode61 remove_diacritics 2")'


class Matching(msgspec.Struct, frozen=True):
    """A condition of SQL over findings. `few` says that it names a handful by their numbers, which no index finds faster."""

    where: str
    values: tuple[sql.Value, ...]
    few: bool


_NOTHING = Matching("0", (), few=True)


def add(found: Iterable[Known]) -> None:
    """Have findings be found."""
    sql.executemany(
        "INSERT INTO scans_search (rowid, body) VALUES (%s, %s)", [(one.id, of(one.finding)) for one in found]
    )


def change(found: Iterable[tuple[Known, Known]]) -> None:
    """Have findings (before, after) be found by what they are called now."""
    fresh = [
        (of(after.finding), after.id) for before, after in found if of(before.finding) != of(after.finding)
    ]
    sql.executemany("UPDATE scans_search SET body = %s WHERE rowid = %s", fresh)


def forget(target: int) -> None:
    """Have the findings of a target be found no longer; before they are deleted."""
    among = "SELECT id FROM scans_finding WHERE target = %s"
    sql.execute(f"DELETE FROM scans_search WHERE rowid IN ({among})", [target])  # noqa: S608 - ours


def of(finding: Finding) -> str:
    """Return the words of a finding."""
    labels = finding.labels
    names = [one for one in finding.references if "/" not in one and one != finding.check][:_MOST_NAMES]
    told = (finding.check, finding.title, finding.subject, finding.place, labels.get("package", ""), *names)
    return " ".join(dict.fromkeys(filter(None, told)))[:_LONGEST]


def matching(text: str) -> Matching:
    """Return the condition that each word of a text begins a word of a finding, or several in a row (`CVE-2024-3`)."""
    asked = _asked(text)
    if not asked:
        return _NOTHING
    found = sql.query(
        "SELECT rowid FROM scans_search WHERE scans_search MATCH %s LIMIT %s", [asked, _FEW + 1]
    )
    if len(found) > _FEW:
        among = "id IN (SELECT rowid FROM scans_search WHERE scans_search MATCH %s)"
        return Matching(among, (asked,), few=False)
    numbers = tuple(number for (number,) in found)
    return Matching(f"id IN ({sql.marks(len(numbers))})", numbers, few=True) if numbers else _NOTHING


def among(ids: Sequence[int], text: str) -> set[int]:
    """Return which of a few hundred findings a text finds, asked of their words alone, in a table of their own.

    The index of all names every one that matches, which may be a hundred thousand for a page of fifty.
    """
    asked = _asked(text)
    if not asked:
        return set()
    sql.execute(_LOOKED)
    sql.execute("DELETE FROM temp.scans_looked")
    sql.execute(
        f"INSERT INTO temp.scans_looked (rowid, body) SELECT rowid, body FROM scans_search WHERE rowid IN ({sql.marks(len(ids))})",  # noqa: S608 - marks
        list(ids),
    )
    found = sql.query("SELECT rowid FROM temp.scans_looked WHERE scans_looked MATCH %s", [asked])
    return {int(number or 0) for (number,) in found}


def _asked(text: str) -> str:
    """Return a text as FTS5 is asked for it; empty where it holds no word."""
    words = [word.replace('"', "") for word in text.split()]
    return " ".join(f'"{word}"*' for word in words if any(map(str.isalnum, word)))
