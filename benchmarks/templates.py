"""How well lines of logs are grouped into templates, and how fast.

Reads the logs of `detect/crowdsec-hub` in the corpora of VEDETTE_CORPORA, labelled by `log_labels`. The figure is the grouping
accuracy of the loghub papers (Zhu et al., "Tools and Benchmarks for Automated Log Parsing", 2019): the share of lines
whose whole group is exactly the group of their label. Each service is a source of its own, as in the product.
"""

import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.log_labels import Line, lines
from benchmarks.report import Figure, finish
from vedette.alerts.detect.templates import Miner, mine, resolve

BENCH = "templates"
ROUNDS = 4
CORPORA = Path(os.environ.get("VEDETTE_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))
HUB = CORPORA / "detect" / "crowdsec-hub"
Grouped = Sequence[tuple[Line, int]]


def grouped(labelled: Sequence[Line]) -> tuple[Grouped, float]:
    """Return the lines with the number of their pattern, and the CPU seconds a line took."""
    miners: defaultdict[str, Miner] = defaultdict(Miner)
    begun = time.process_time()
    numbers = [mine(miners[line.service], line.text).number for line in labelled]
    took = (time.process_time() - begun) / len(labelled)
    final = [resolve(miners[line.service], n) for line, n in zip(labelled, numbers, strict=True)]
    return tuple(zip(labelled, final, strict=True)), took


def right(found: Grouped) -> list[bool]:
    """Return for each line whether its group is exactly that of its label."""
    labels, groups = defaultdict(set), defaultdict(set)
    for i, (line, number) in enumerate(found):
        labels[line.service, line.label].add(i)
        groups[line.service, number].add(i)
    return [labels[line.service, line.label] == groups[line.service, n] for line, n in found]


def figures() -> list[Figure]:
    every = list(lines(HUB))
    labelled = [line for line in every if line.service]
    found, cold = grouped(labelled)
    took = min(grouped(labelled)[1] for _ in range(ROUNDS))
    accurate = right(found)
    by_service: defaultdict[str, list[bool]] = defaultdict(list)
    for line, good in zip(labelled, accurate, strict=True):
        by_service[line.service].append(good)
    told = sorted(by_service.items(), key=lambda pair: -len(pair[1]))[:16]
    return [
        Figure(BENCH, "lines without a label, which do not count", len(every) - len(labelled), "lines"),
        Figure(BENCH, "labelled lines", len(labelled), "lines", ">= 5000"),
        Figure(BENCH, "services", len(by_service), "services", ">= 8"),
        Figure(BENCH, "groups", len({(line.service, line.label) for line in labelled}), "groups"),
        *(Figure(BENCH, f"{name} ({len(good)} lines)", sum(good) / len(good), "accuracy") for name, good in told),
        Figure(BENCH, "mean of the services", sum(sum(g) / len(g) for g in by_service.values()) / len(by_service), "accuracy"),
        Figure(BENCH, "grouping accuracy", sum(accurate) / len(accurate), "accuracy", ">= 0.88"),
        Figure(BENCH, "CPU time a line, the first time", cold * 1e6, "microseconds"),
        Figure(BENCH, "CPU time a line, its words seen before", took * 1e6, "microseconds", "<= 15"),
    ]  # fmt: skip


def main() -> None:
    if not HUB.is_dir():
        sys.exit(f"There is no {HUB}. Set VEDETTE_CORPORA to the folder that holds the corpora.")
    finish(figures())


if __name__ == "__main__":
    main()
