"""All rules of SigmaHQ: they load, and they match what pySigma's own queries match in SQLite."""

import ipaddress
from pathlib import Path

import pytest
from tests.support.sigma_events import Maker
from tests.support.sigma_sqlite import matched

from vedette.agent.sigma.compiling import compiled
from vedette.agent.sigma.loading import Loaded, read
from vedette.agent.sigma.needing import Gate, needed

REFUSED: set[str] = set()  # none of the 354
# SQLite takes a network for the beginning of a text (`169.254.%`): to it `169.254.0x0` is in it, to us that is no address.
NETWORKS = {"Potentially Suspicious Malware Callback Communication - Linux"}


@pytest.fixture(scope="module")
def texts(corpora: Path) -> list[tuple[str, str]]:
    folder = corpora / "detect/sigma"
    return [(str(path.relative_to(folder)), path.read_text()) for path in sorted(folder.rglob("*.yml"))]


@pytest.fixture(scope="module")
def loaded(texts: list[tuple[str, str]]) -> Loaded:
    return read(texts)


@pytest.mark.deep
@pytest.mark.corpus
def test_all_rules_load(texts: list[tuple[str, str]], loaded: Loaded) -> None:
    assert len(texts) == 354
    assert {each.where for each in loaded.refused} == REFUSED
    assert len(loaded.rules) == 354 - len(REFUSED)
    assert all(rule.title and rule.author for rule in loaded.rules)


@pytest.mark.deep
@pytest.mark.corpus
@pytest.mark.timeout(600)
def test_they_match_what_sqlite_matches(texts: list[tuple[str, str]], loaded: Loaded) -> None:
    _agree(texts, loaded, each=60, others=2_000, seed=7)


@pytest.mark.corpus
def test_some_match_what_sqlite_matches(texts: list[tuple[str, str]]) -> None:
    some = texts[::12]
    _agree(some, read(some), each=12, others=100, seed=8)


def _agree(texts: list[tuple[str, str]], loaded: Loaded, *, each: int, others: int, seed: int) -> None:
    maker = Maker(loaded.rules, seed)
    events = list(maker.events(each, others))
    assert each < 60 or len(events) >= 20_000
    theirs = matched((text for _, text in texts), events, maker.fields)
    different = {}
    gate = Gate([needed(rule.test) for rule in loaded.rules])
    looked_at = [set(gate.open_to(event.everything())) for event in events]
    for index, rule in enumerate(loaded.rules):
        check = compiled(rule.test)
        ours = {number for number, event in enumerate(events) if check(event)}
        assert all(index in looked_at[number] for number in ours), rule.title
        unlike = ours ^ theirs[rule.id]
        if rule.title in NETWORKS:
            unlike = {number for number in unlike if _is_address(events[number].raw("DestinationIp"))}
        if unlike:
            number = min(unlike)
            different[rule.title] = (number in ours, dict(events[number].values), events[number].text)
    assert different == {}
    silent = [rule.title for rule in loaded.rules if not theirs[rule.id]]
    everywhere = [rule.title for rule in loaded.rules if len(theirs[rule.id]) == len(events)]
    assert (silent, everywhere) == ([], [])


def _is_address(text: str | None) -> bool:
    try:
        return bool(ipaddress.ip_address(text or ""))
    except ValueError:
        return False
