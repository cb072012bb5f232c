"""How many attempts are found, and how many requests are taken for one that are none: set by set, never pooled.

Each set counts by halves (`corpus.half`): rules were tuned with one in view, and hold for the other.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from guard.tests.benign import Ring, prose, requests, tricky
from guard.tests.corpus import CRS, lines, rule_tests, searched
from guard.tests.doors import Act, ask_asgi, raw_asgi
from guard.tests.vedette import Told
from vedette_guard import Guard, Inspect, Policy
from vedette_guard.inspecting import Inspector, Looked

SURE = 5
ENGINES = ["hyperscan", pytest.param("re2", marks=pytest.mark.deep)]
BENIGN = 5000
MOST_WRONG = 5  # rules were made with requests of the first seed in view, and never of the second


@pytest.fixture(scope="module", params=ENGINES)
def inspector(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterable[Inspector]:
    """Return an inspector by each engine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield Inspector(request.param)


def is_found(inspector: Inspector, looked: Looked) -> bool:
    """Tell whether a request is taken for an attempt."""
    return any(found.score >= SURE for found in inspector.look(looked))


def shares(inspector: Inspector, asked: Iterable[tuple[int, Looked]]) -> list[float]:
    """Return how many of each half are found, in percent."""
    seen: list[list[bool]] = [[], []]
    for part, looked in asked:
        seen[part].append(is_found(inspector, looked))
    return [100 * sum(found) / len(found) for found in seen]


# Of how many the quick suite takes one; the deep one takes all.
EVERY = pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.deep)])


@EVERY
@pytest.mark.corpus
@pytest.mark.parametrize("kind", ["sqli", "xss"])
def test_attempts_that_libinjection_collected_are_found(
    inspector: Inspector, corpora: Path, kind: str, every: int
) -> None:
    paths = sorted((corpora.parent / "detect" / "libinjection").glob(f"{kind}-*.txt"))
    asked = [(part, searched(text)) for path in paths for part, text in lines(path)]
    assert min(shares(inspector, asked[::every])) >= 95


@EVERY
@pytest.mark.corpus
def test_what_rules_find_is_found(inspector: Inspector, corpora: Path, every: int) -> None:
    folder = corpora.parent / "detect" / "crs" / "tests"
    asked = [one for rules in CRS for one in rule_tests(folder, rules, every)]
    assert sum(is_found(inspector, looked) for _, looked in asked) / len(asked) >= (
        0.8 if every == 1 else 0.7
    )
    assert min(shares(inspector, asked)) >= (72 if every == 1 else 60), (
        "what was not in view when rules were made"
    )


@pytest.mark.corpus
def test_what_others_took_for_sql_is_none(inspector: Inspector, corpora: Path) -> None:
    path = corpora.parent / "detect" / "libinjection" / "false_positives.txt"
    asked = ((part, searched(text)) for part, text in lines(path))
    assert max(shares(inspector, asked)) <= 10


def wrongly_told(count: int, seed: int, engine: str) -> list[dict[str, object]]:
    """Return what is told of requests that attack nothing, when an application behind the guard gets them."""
    told = Told()
    policy = Policy(inspect=Inspect(engine=engine))  # type: ignore[arg-type]
    guarded = Guard(raw_asgi(Act()), policy, listener=told)
    wrong = []
    for ask in requests(count, seed):
        before = len(told.heard)
        assert ask_asgi(guarded, ask).status == 200
        wrong += told.heard[before:][:1]
    return wrong


def test_one_text_more_takes_a_place_and_moves_nothing_else() -> None:
    places = [number << 54 for number in range(1024)]
    before, after = Ring(prose()), Ring([*prose(), "one more"])
    drawn = [(before.at(place), after.at(place)) for place in places]
    assert all(other in (one, "one more") for one, other in drawn)
    assert len({one for one, _ in drawn}) > 100
    assert list(requests(8, seed=3)) == list(requests(16, seed=3))[:8]


def test_what_people_type_that_looks_like_an_attack_is_none(inspector: Inspector) -> None:
    wrong = [term for term in tricky() if is_found(inspector, searched(term))]
    assert wrong == []


@pytest.mark.deep
@pytest.mark.timeout(300)
@pytest.mark.parametrize("engine", ["hyperscan", "re2"])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_attacks_nothing_is_told_of_as_nothing(engine: str, seed: int) -> None:
    wrong = wrongly_told(BENIGN, seed, engine)
    assert len(wrong) <= MOST_WRONG, wrong
