"""Figures of a benchmark: a table for people, a JSON line a figure for machines, exit code 1 on a miss."""

import dataclasses
import json
import sys
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class Figure:
    """One measured value; `target` is `>= x`, `<= x` or empty for a figure that is only told."""

    bench: str
    figure: str
    value: float
    unit: str
    target: str = ""

    @property
    def ok(self) -> bool:
        """Tell whether the value meets its target."""
        if not self.target:
            return True
        sign, bound = self.target.split()
        return self.value >= float(bound) if sign == ">=" else self.value <= float(bound)


def finish(figures: Sequence[Figure]) -> None:
    """Print the table and the JSON lines; end the process with 1 when a target was missed."""
    width = max(len(f.figure) for f in figures)
    for f in figures:
        mark = "ok" if f.ok else "MISSED"
        print(f"{f.bench:8} {f.figure:{width}} {f.value:12,.2f} {f.unit:12} {f.target:12} {mark}")
    for f in figures:
        print(json.dumps({**dataclasses.asdict(f), "value": round(f.value, 3), "ok": f.ok}))
    sys.stdout.flush()
    sys.exit(0 if all(f.ok for f in figures) else 1)
