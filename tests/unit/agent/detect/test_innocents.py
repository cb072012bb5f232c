"""A generated day of ordinary traffic, enforced with every rule on, and one attacker: exactly one ban."""

from collections.abc import Mapping

import pytest
from tests.support.ordinary import PEOPLE, attack, ordinary_day

from vedette.agent.detect.replaying import WANTED, Replay, Replayed
from vedette.agent.detect.types import Rule
from vedette.instruments.logs.reading import Reader
from vedette.instruments.logs.registry import parsers

ATTACKER = "185.220.101.7"
NOW = 1_800_000_000.0


def replayed(files: Mapping[str, bytes], rules: tuple[Rule, ...]) -> Replayed:
    reader, replay = Reader(parsers(), WANTED, engine="re2"), Replay(rules)
    for name, lines in files.items():
        replay.take(reader.entries(lines, name, NOW))
    return replay.told()


def test_an_ordinary_day_and_one_attacker_give_one_ban(shipped: tuple[Rule, ...]) -> None:
    day = ordinary_day(1, 60)
    attack(day, ATTACKER)
    assert [(each.address, each.innocent) for each in replayed(day.files(), shipped).banned] == [
        (ATTACKER, "")
    ]


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(1, 6))
def test_a_day_of_two_thousand_people_and_one_attacker_give_one_ban(
    seed: int, shipped: tuple[Rule, ...]
) -> None:
    day = ordinary_day(seed, PEOPLE)
    assert [(each.address, each.rules) for each in replayed(day.files(), shipped).banned] == []
    attack(day, ATTACKER)
    assert [(each.address, each.innocent) for each in replayed(day.files(), shipped).banned] == [
        (ATTACKER, "")
    ]
