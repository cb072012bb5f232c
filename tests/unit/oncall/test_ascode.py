"""Schedules as files: what is wrong is told by file and line, and what a file says is what is in force."""

from collections.abc import Mapping

import pytest
from tests.support.rotas import instant

from vedette.accounts.permissions import SYSTEM, Actor
from vedette.app import filing
from vedette.core.errors import Conflict, Forbidden
from vedette.oncall import service
from vedette.oncall.types import Schedule
from vedette.wire.ascode.changing import told

NOON = instant("2026-11-26T12:00")
Team = Mapping[str, Actor]
GOOD = """
[[schedule]]
name = "Web"
zone = "Europe/Berlin"

[[schedule.layer]]
name = "Everybody"
people = ["mira@example.org", ["jonas@example.org", "Ada@example.org"]]
turns_on = "tue"

[[schedule.layer]]
name = "Nights"
people = ["ada@example.org"]
rotation = "daily"
spans = ["Mon-Fri 20:00-08:00"]
"""


def apply(text: str) -> list[str]:
    done = filing.apply(SYSTEM, [("oncall/a.toml", text)], NOON, ["oncall"])
    return [str(fault) for fault in done.faults] or [told(change) for change in done.changes]


def test_a_file_makes_changes_and_deletes(team: Team, web_schedule: Schedule) -> None:
    assert apply(GOOD)[0].startswith("~ schedule Web (oncall/a.toml)")  # made by hand, it becomes the file's
    (schedule,) = service.schedules()
    assert (schedule.id, schedule.source, schedule.zone) == (
        web_schedule.id,
        "oncall/a.toml",
        "Europe/Berlin",
    )
    assert schedule.layers[0].turns_on == 1
    assert schedule.layers[0].people[1] == (team["jonas"].id, team["ada"].id)
    assert apply(GOOD) == []
    with pytest.raises(Conflict, match=r"written in oncall/a\.toml"):
        service.update_schedule(SYSTEM, schedule.id, schedule, NOON)
    assert "turns_on" not in apply(GOOD.replace('"tue"', '"wed"'))[0]
    assert apply("") == ["- schedule Web (oncall/a.toml)"]
    assert service.schedules() == ()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            GOOD.replace("mira@", "nobody@"),
            "oncall/a.toml:8: Nobody in the team has the address 'nobody@example.org'.",
        ),
        (GOOD.replace("Europe/Berlin", "Mars/Base"), "oncall/a.toml:4: There is no time zone 'Mars/Base'"),
        (GOOD.replace("Mon-Fri 20", "Someday 20"), "oncall/a.toml:15: Line 1: 'Someday' is no day"),
        (GOOD + GOOD, "oncall/a.toml:18: There are two schedules named 'Web'."),
        ('[[schedule]]\nname = "Web"', "oncall/a.toml:1: A schedule has one to 10 layers."),
        (GOOD.replace('name = "Web"', 'nane = "Web"'), "oncall/a.toml:3: [[schedule]] has no `nane`"),
    ],
)
def test_what_is_wrong_is_told_by_its_line(team: Team, wrong: str, said: str) -> None:
    assert apply(wrong)[0].startswith(said)
    assert service.schedules() == ()


def test_who_may_not(team: Team) -> None:
    with pytest.raises(Forbidden):
        filing.apply(team["ada"], [("oncall/a.toml", GOOD)], NOON, ["oncall"])
