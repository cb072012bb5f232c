"""What is done about a detection: networks of many attackers, and what was counted of whom a ban was lifted."""

from pathlib import Path
from typing import Any

import pytest

from vedette.agent.acting import Acting, Tells
from vedette.agent.bans import Bans
from vedette.agent.book import Book
from vedette.agent.desk import Answer, Desk
from vedette.agent.detect.engine import Detector
from vedette.agent.detect.rules import SHIPPED, load
from vedette.agent.detect.types import Mode, Rule
from vedette.agent.looking import Heard
from vedette.core.errors import ConfigError
from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.instruments.packets.memory import Memory
from vedette.instruments.packets.people import Presence
from vedette.wire.agent.types import Decision, Lifted, Measure, Orders, Report, Scope

NOW = 1_764_000_000.0
RULE = """
set = "shop"
[[rule]]
id = "shop-guess"
title = "Guesses"
severity = "high"
tells = "wrong passwords"
why = "w"
false_positives = "f"
[rule.when]
kind = "login-failed"
[rule.bucket]
capacity = 2
leak = "60s"
[rule.then]
measure = "ban"
duration = "1h"
crowd = 3
"""


def rules(text: str = RULE) -> tuple[Rule, ...]:
    return tuple(rule for rule in load(SHIPPED, texts={"own": text}) if rule.set == "shop")


def failed(address: str, at: float) -> LogEntry:
    return LogEntry(
        parser="shop", event="failed", kind=EntryKind.LOGIN_FAILED, service="shop", at=at, address=address, user="ada", line="x"
    )  # fmt: skip


class Host:
    """A host with one rule, from an entry to what the kernel drops."""

    def __init__(self, folder: Path) -> None:
        self.kernel, self.told = Memory(), list[Report]()
        found = rules()
        self.detector = Detector(found, {"shop": Mode.ENFORCE})
        self.heard = Heard(self.detector, Witnesses())
        self.bans = Bans(
            Book(folder), [self.kernel], origin="web-1", people=Presence, tell=Tells(self.told.extend, self.heard.forget)
        )  # fmt: skip
        desk = Desk(folder, lambda _: Answer())
        self.acting = Acting(self.bans, desk, {rule.id: rule for rule in found}, self.detector.shut_out)
        self.acting.start(NOW)

    def fails(self, address: str, times: int, at: float = NOW) -> None:
        for n in range(times):
            for one in self.heard.pour(failed(address, at + n), at + n):
                self.acting.consider(one, at + n)

    def banned(self, now: float = NOW + 60) -> set[str]:
        return {one.value for one in self.bans.listed(now) if one.measure is Measure.BAN}


@pytest.fixture
def host(tmp_path: Path) -> Any:
    made = Host(tmp_path)
    yield made
    made.acting.close()


def test_a_network_of_many_attackers_is_banned_when_the_rule_asks(host: Host) -> None:
    host.fails("203.0.113.7", 3)
    host.fails("203.0.113.8", 3, NOW + 10)
    assert host.banned() == {"203.0.113.7", "203.0.113.8"}
    host.fails("203.0.113.9", 3, NOW + 20)
    assert "203.0.113.0/24" in host.banned()
    networks = [one for one in host.told if isinstance(one, Decision) and one.scope is Scope.NETWORK]
    assert [one.rule for one in networks] == ["shop-guess"]


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8:0:7::1"])
def test_whom_a_person_freed_begins_anew(host: Host, address: str) -> None:
    host.fails(address, 3)
    assert len(host.banned()) == 1
    host.fails(address, 2, NOW + 400)  # within the ban, it still tries
    host.bans.remove(address, by="ada", now=NOW + 410)
    host.fails(address, 2, NOW + 411)
    assert host.banned() == set(), "what was counted before counts no more"
    host.fails(address, 1, NOW + 414)
    assert len(host.banned(NOW + 420)) == 1


def test_what_the_server_lifts_is_forgotten_too(host: Host) -> None:
    host.fails("203.0.113.7", 3)
    host.fails("203.0.113.7", 2, NOW + 400)
    host.bans.order(Orders(revision="r", drop=("address:203.0.113.7",)), NOW + 410)
    assert [one.value for one in host.told if isinstance(one, Lifted)] == ["203.0.113.7"]
    host.fails("203.0.113.7", 2, NOW + 411)
    assert host.banned() == set()


def test_what_was_counted_stays_where_rules_are_the_same() -> None:
    before = Detector(rules(), {"shop": Mode.ENFORCE})
    for n in range(2):
        assert not before.pour(failed("203.0.113.7", NOW + n), NOW + n)
    after = Detector(rules(RULE.replace("1h", "2h")), {"shop": Mode.SIMULATE})
    after.adopt(before.counted())
    (found,) = after.pour(failed("203.0.113.7", NOW + 2), NOW + 2)
    assert (found.count, found.first_at, found.simulated) == (3, NOW, True)
    assert (after.room.used, before.room.used) == (1, 0)


def test_what_counts_otherwise_begins_anew() -> None:
    before = Detector(rules())
    for n in range(2):
        before.pour(failed("203.0.113.7", NOW + n), NOW + n)
    after = Detector(rules(RULE.replace("capacity = 2", "capacity = 1")))
    after.adopt(before.counted())
    assert not after.pour(failed("203.0.113.7", NOW + 2), NOW + 2)
    assert after.pour(failed("203.0.113.7", NOW + 3), NOW + 3)


@pytest.mark.parametrize("wrong", ["crowd = 1", "crowd = 251", 'crowd = "many"'])
def test_a_crowd_that_is_none_is_told(wrong: str) -> None:
    with pytest.raises(ConfigError) as told:
        rules(RULE.replace("crowd = 3", wrong))
    assert "own:18" in str(told.value)
