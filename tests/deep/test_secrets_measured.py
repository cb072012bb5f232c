"""Precision and recall of the rules for secrets, by provider: values made of gitleaks' rules, near misses, and packages.

The values are made by another program (`tests/support/secret_samples.py`) of rules that others wrote; the benign texts are the
packages that are installed here.
"""

import os
import sysconfig
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.support import corpora
from tests.support.secret_kinds import near_misses, samples

from vedette.instruments.scan.secrets.decoding import text_of
from vedette.instruments.scan.secrets.loading import load, ours
from vedette.instruments.scan.secrets.matching import search

FOLDER = Path(os.environ.get("VEDETTE_CORPORA", Path(__file__).parents[3] / "shared" / "corpora")) / "scan"
BENIGN_FILES = 8_000
pytestmark = [pytest.mark.deep, pytest.mark.corpus, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def corpus() -> Path:
    return corpora.found(FOLDER, required="VEDETTE_CORPORA" in os.environ) / "gitleaks.toml"


class Score(NamedTuple):
    """How many values of a provider were made and found, and how many near misses of them were made and taken."""

    made: int
    found: int
    near: int
    taken: int

    @property
    def recall(self) -> float:
        return self.found / self.made

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.taken)


@pytest.fixture(scope="module")
def scores(corpus: Path) -> dict[str, Score]:
    """Return the score of each provider (the first word of gitleaks' ids), and print its table, as the page on secrets has it."""
    look = search(ours())
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for kinds, some in (("made found", samples(corpus, 25, 9)), ("near taken", near_misses(corpus, 2, 11))):
        for one in some:
            hits = look(f"\n{one.text}\n".encode("latin-1", "replace"), "src/a.py", "")
            made, told = kinds.split()
            counts[one.rule.partition("-")[0]].update([made, *([told] if hits else [])])
            if bool(hits) != (made == "made"):
                print("missed" if made == "made" else "taken", [hit.rule.id for hit in hits], one)
    return {
        name: Score(**{each: count[each] for each in Score._fields}) for name, count in sorted(counts.items())
    }


def test_recall_and_precision_by_provider(scores: dict[str, Score]) -> None:
    providers = {name: one for name, one in scores.items() if one.made}
    whole = [name for name, one in providers.items() if one.recall == one.precision == 1]
    print("| Provider | Values | Recall | Near misses | Precision |\n|---|---|---|---|---|")
    for name, one in providers.items():
        if name not in whole:
            print(f"| {name} | {one.made} | {one.recall:.3f} | {one.near} | {one.precision:.3f} |")
    told = [sum(providers[name][n] for name in whole) for n in (0, 2)]
    print(f"| {len(whole)} others: {', '.join(whole)} | {told[0]} | 1.000 | {told[1]} | 1.000 |")
    assert len(providers) >= 100
    assert {name: one for name, one in providers.items() if min(one.recall, one.precision) < 0.95} == {}
    assert sum(one.found for one in providers.values()) / sum(one.made for one in providers.values()) >= 0.99


def test_near_misses_are_not_taken(scores: dict[str, Score]) -> None:
    near, taken = (
        sum(each) for each in zip(*((one.near, one.taken) for one in scores.values()), strict=True)
    )
    print(f"{taken} of {near} near misses are taken")
    assert near >= 600
    right = 2 * 190
    assert right / (right + taken) >= 0.95


def test_packages_hold_no_secrets() -> None:
    look = search(ours())
    root = Path(sysconfig.get_path("purelib"))
    files = [
        path for path in sorted(root.rglob("*")) if path.is_file() and path.suffix not in {".pyc", ".so"}
    ][:BENIGN_FILES]
    read = ((path, text_of(path.read_bytes())) for path in files if path.stat().st_size < 5_000_000)
    told = [
        (hit.rule.id, str(path), hit.line)
        for path, text in read
        if text
        for hit in look(text, path.relative_to(root).as_posix(), "")
    ]
    print(f"{len(told)} in {len(files)} files:", *told, sep="\n")
    assert (
        len([each for each in told if not each[1].endswith((".pem", ".key"))]) <= 6
    )  # keys of tests are keys


def test_all_of_gitleaks_rules_load(corpus: Path) -> None:
    rules = load(corpus).rules
    assert (len(rules), sum(rule.pattern is not None for rule in rules)) == (222, 221)
