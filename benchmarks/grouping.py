"""How well events are grouped: pairs that are one problem, and pairs that are two, by the kind of what differs.

A pair counts as found when both its events get one hash: precision is how many of those found are one problem, recall
how many that are one problem were found, F1 their harmonic mean.
"""

import json
import os
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from tests.support.corpus_pairs import corpus_pairs
from tests.support.pairs import Pair, own_pairs

from benchmarks.report import Figure, finish
from vedette.errors.grouping import VERSION, fingerprint
from vedette.errors.normalize import normalize
from vedette.errors.scrubbing import scrubber
from vedette.projects.types import ScrubRules
from vedette.wire.delivery import Delivery

BENCH = "grouping"
CORPORA = Path(os.environ.get("VEDETTE_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))
_SCRUB = scrubber(ScrubRules())


def joined(pair: Pair, version: int = VERSION) -> bool:
    """Tell whether both events of a pair come to one issue."""
    hashes = set()
    for sent in (pair.first, pair.second):
        delivery = Delivery(project=1, event_id="0" * 32, received=1.8e9, payload=json.dumps(sent).encode())
        hashes.add(fingerprint(normalize(delivery, _SCRUB).event, version).hash)
    return len(hashes) == 1


def score(pairs: Iterable[Pair], version: int = VERSION) -> tuple[float, float, float]:
    """Return precision, recall and F1."""
    found = [(pair.same, joined(pair, version)) for pair in pairs]
    hits, wrong, missed = found.count((True, True)), found.count((False, True)), found.count((True, False))
    precision, recall = hits / max(1, hits + wrong), hits / max(1, hits + missed)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def main() -> None:
    pairs = [*own_pairs(), *corpus_pairs(CORPORA)]
    figures = [Figure(BENCH, "pairs", len(pairs), "pairs", ">= 300")]
    for (same, kind), some in groupby(sorted(pairs, key=_named), key=_named):
        listed = list(some)
        right = sum(joined(pair) == pair.same for pair in listed)
        label = f"{'same' if same else 'different'}: {kind} ({len(listed)})"
        figures.append(Figure(BENCH, label, 100 * right / len(listed), "% right"))
    before, now = score(pairs, 1), score(pairs)
    figures += [
        Figure(BENCH, "precision", now[0], ""), Figure(BENCH, "recall", now[1], ""), Figure(BENCH, "F1", now[2], "", ">= 0.97"),
        Figure(BENCH, "F1 of version 1", before[2], ""),
    ]  # fmt: skip
    finish(figures)


def _named(pair: Pair) -> tuple[bool, str]:
    return pair.same, pair.kind


if __name__ == "__main__":
    main()
