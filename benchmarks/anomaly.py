"""How well the detector of series finds anomalies (as the Numenta Anomaly Benchmark scores), how fast, and in what room.

Reads `anomaly` in the corpora of VEDETTE_CORPORA: series with their labelled windows. That the one threshold is not fitted
to the series it is judged by is shown by leaving each category of series out in turn: the threshold is chosen on all
others, the score told of the one left out. Categories without an anomaly tell how often it spoke in vain.
"""

import csv
import json
import os
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import nab
from benchmarks.report import Figure, finish
from vedette.alerts.detect.detector import step
from vedette.alerts.detect.learnt import Learnt, pack

BENCH = "anomaly"
CORPORA = Path(os.environ.get("VEDETTE_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))
CORPUS = CORPORA / "anomaly"
GOALS = {"standard": ">= 60"}
Series = tuple[list[float], list[float]]


def instant(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def series(path: Path) -> Series:
    with path.open() as lines:
        rows = list(csv.DictReader(lines))
    return [instant(row["timestamp"]) for row in rows], [float(row["value"]) for row in rows]


def scores(times: list[float], values: list[float]) -> list[float]:
    learnt = Learnt()
    return [step(learnt, at, value).score for at, value in zip(times, values, strict=True)]


def read() -> tuple[dict[str, nab.Scored], float]:
    """Return the corpus with the detector's scores, and the CPU seconds a value took."""
    labels = json.loads((CORPUS / "labels" / "combined_windows.json").read_text())
    corpus, took, n = {}, 0.0, 0
    for name, windows in labels.items():
        times, values = series(CORPUS / "data" / name)
        begun = time.process_time()
        found = scores(times, values)
        took, n = took + time.process_time() - begun, n + len(values)
        spans = [(bisect_left(times, instant(a)), bisect_right(times, instant(b)) - 1) for a, b in windows]
        corpus[name] = nab.Scored(found, spans)
    return corpus, took / n


def left_out(corpus: Mapping[str, nab.Scored]) -> list[Figure]:
    """Return each category's score with the threshold of all others."""
    standard = nab.PROFILES["standard"]
    told = []
    for category in sorted({name.split("/")[0] for name in corpus}):
        inside = {name: one for name, one in corpus.items() if name.startswith(f"{category}/")}
        others = {name: one for name, one in corpus.items() if name not in inside}
        threshold = nab.score(others, standard)[1]
        if any(one.windows for one in inside.values()):
            reached = nab.score(inside, standard, threshold)[0]
            told.append(Figure(BENCH, f"{category}, threshold of the others", reached, "of 100"))
            continue
        counted = [one.scores[nab.probation(len(one.scores)) :] for one in inside.values()]
        false = sum(score >= threshold for scored in counted for score in scored)
        told.append(Figure(BENCH, f"{category}, threshold of the others", false, "false alarms"))
    return told


def figures() -> list[Figure]:
    corpus, took = read()
    made = [
        Figure(BENCH, f"NAB score, {name}", nab.score(corpus, profile)[0], "of 100", GOALS.get(name, ""))
        for name, profile in nab.PROFILES.items()
    ]
    made.append(Figure(BENCH, "threshold, standard", nab.score(corpus, nab.PROFILES["standard"])[1], "score"))
    made += left_out(corpus)
    made.append(Figure(BENCH, "CPU time a value", took * 1e6, "microseconds", "<= 20"))
    made.append(Figure(BENCH, "state of a series", len(pack(Learnt())), "bytes", "<= 2048"))
    return made


def main() -> None:
    if not CORPUS.is_dir():
        sys.exit(f"There is no {CORPUS}. Set VEDETTE_CORPORA to the folder that holds the corpora.")
    finish(figures())


if __name__ == "__main__":
    main()
