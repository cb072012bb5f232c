"""SQL of how many findings there are: counted as they change, so that no list counts rows."""

from collections import Counter
from collections.abc import Iterable, Mapping

from vedette.plumbing.db import sql
from vedette.scans.store.findings import BANDS
from vedette.scans.types import Asked, Known

Key = tuple[str, int, str, int]


def key(one: Known) -> Key:
    """Return what a finding is counted under."""
    return one.life.value, one.project, one.scanner, BANDS[one.severity]


def change(before: Iterable[Known], after: Iterable[Known]) -> None:
    """Count findings that were otherwise, or not there, before."""
    moved: Counter[Key] = Counter(key(one) for one in after)
    moved.subtract(key(one) for one in before)
    sql.executemany(
        f"INSERT INTO scans_tally (state, project, scanner, severity, n) VALUES ({sql.marks(5)})"  # noqa: S608 - marks alone
        " ON CONFLICT (state, project, scanner, severity) DO UPDATE SET n = n + excluded.n",
        [(*each, n) for each, n in moved.items() if n],
    )


def by(column: str, asked: Asked) -> Mapping[str, int]:
    """Return how many findings of a life there are by `severity`, `scanner`, `project` or `state`, narrowed as asked."""
    columns = {"severity": "severity", "scanner": "scanner", "project": "project", "state": "state"}
    narrowed = [
        ("state", None if column == "state" else asked.life.value),
        ("severity", None if column == "severity" or asked.severity is None else BANDS[asked.severity]),
        ("scanner", None if column == "scanner" else asked.scanner or None),
        ("project", None if column == "project" else asked.project),
    ]
    wheres = ["n > 0", *(f"{name} = %s" for name, value in narrowed if value is not None)]
    named = columns[column]
    found = sql.query(
        f"SELECT {named}, sum(n) FROM scans_tally WHERE {' AND '.join(wheres)} GROUP BY {named}",  # noqa: S608 - our words
        [value for _, value in narrowed if value is not None],
    )
    return {str(name): int(n or 0) for name, n in found}
