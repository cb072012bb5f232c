"""The words by which findings are searched: names, places, and all numbers that advisories have for them."""

from collections.abc import Iterable

import msgspec

from vedette.plumbing.db import sql
from vedette.scans.types import Known
from vedette.wire.finding import Finding

_MOST_NAMES, _LONGEST = 12, 2_000
_FEW = 1_000


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
    words = [word.replace('"', "") for word in text.split()]
    phrases = [f'"{word}"*' for word in words if any(map(str.isalnum, word))]
    if not phrases:
        return _NOTHING
    asked = " ".join(phrases)
    found = sql.query(
        "SELECT rowid FROM scans_search WHERE scans_search MATCH %s LIMIT %s", [asked, _FEW + 1]
    )
    if len(found) > _FEW:
        among = "id IN (SELECT rowid FROM scans_search WHERE scans_search MATCH %s)"
        return Matching(among, (asked,), few=False)
    numbers = tuple(number for (number,) in found)
    return Matching(f"id IN ({sql.marks(len(numbers))})", numbers, few=True) if numbers else _NOTHING
