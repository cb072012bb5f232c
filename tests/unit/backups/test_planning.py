"""What is wrong with a plan is told with its place; what is right passes."""

import msgspec
import pytest
from tests.support.backed import BOX, DISK, plan

from vedette.backups import planning
from vedette.core.errors import Invalid
from vedette.instruments.backup.registry import engines, sources
from vedette.wire.backup import Assertion, Copy, Drills, Goals, Hook, Keep, Limits, Plan, Schedule, What

REST = msgspec.structs.replace


def wrongs(one: Plan) -> dict[str, str]:
    return {".".join(map(str, each.place)): each.text for each in planning.wrongs(one, engines(), sources())}


def test_a_plan_that_can_be_kept_passes() -> None:
    whole = plan(
        copies=(BOX, DISK), before=(Hook(run=("/usr/local/bin/dump-shop",)),), snapshot="lvm", keep=Keep(last=3),
        drills=Drills(asserts=(Assertion(name="orders", sql="SELECT count(*) FROM orders", value="810000"),)),
    )  # fmt: skip
    assert wrongs(whole) == {}
    planning.check(whole, engines(), sources())


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        ({"name": "../shop"}, "name", "small letters"),
        ({"what": ()}, "what", "Say what"),
        ({"copies": ()}, "copies", "Say where"),
        ({"what": (What(kind="foldr"),)}, "what.0.kind", "Did you mean folder?"),
        ({"what": (What(kind="folder", settings={"pth": "/"}),)}, "what.0.settings", "unknown field `pth`"),
        ({"what": (What(kind="folder", settings={"path": "/"}),) * 2}, "what.1.name", "twice"),
        ({"copies": (REST(BOX, engine="memry"),)}, "copies.0.engine", "Did you mean memory?"),
        ({"copies": (REST(BOX, at="ftp://box/x"),)}, "copies.0.at", "does not understand"),
        ({"copies": (REST(BOX, at="mem://u:secret@box/x"),)}, "copies.0.at", "No password"),
        ({"copies": (REST(DISK, at="/backup/../etc"),)}, "copies.0.at", "`..`"),
        ({"copies": (REST(DISK, at="/back\nup"),)}, "copies.0.at", "whole path"),
        ({"copies": (BOX, BOX)}, "copies.1.name", "two copies"),
        ({"copies": (REST(BOX, settings={"dept": 1}),)}, "copies.0.settings.dept", "Did you mean depth?"),
        ({"copies": (REST(BOX, secrets=("key",)),)}, "copies.0.secrets", "access_key"),
        ({"schedule": Schedule(cron="61 * * * *")}, "schedule.cron", "no cron expression"),
        ({"schedule": Schedule(zone="Mars/Base")}, "schedule.cron", "no time zone"),
        ({"schedule": Schedule(jitter=-1.0)}, "schedule.jitter", "between nothing and a day"),
        ({"drills": Drills(cron="never")}, "drills.cron", "no cron expression"),
        ({"drills": Drills(asserts=(Assertion(name="x"),))}, "drills.asserts.0", "either"),
        ({"drills": Drills(asserts=(Assertion(name="x", sql="1", is_="~"),))}, "drills.asserts.0.is", "one of"),
        ({"before": (Hook(run=("dump",)),)}, "before.0.run", "whole path"),
        ({"after": (Hook(run=("/x", "a\0b")),)}, "after.0.run", "zero byte"),
        ({"snapshot": "zsf"}, "snapshot", "Did you mean zfs?"),
        ({"goals": Goals(rpo=float("nan"))}, "goals.rpo", "more than nothing"),
        ({"limits": Limits(seconds=0)}, "limits.seconds", "more than nothing"),
        ({"limits": Limits(nice=99)}, "limits", "between 0 and 19"),
        ({"keep": Keep(daily=-1)}, "keep.daily", "between 0"),
        ({"shrink": 0.0}, "shrink", "share"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(changes: dict[str, object], place: str, said: str) -> None:
    found = wrongs(plan(**changes))
    assert place in found, found
    assert said in found[place]
    with pytest.raises(Invalid) as refused:
        planning.check(plan(**changes), engines(), sources())
    assert place in refused.value.fields


def test_three_two_one_is_counted_with_the_live_copy() -> None:
    assert planning.spread(plan(copies=(BOX, DISK))).kept
    alone = planning.spread(plan(copies=(DISK,)))
    assert (alone.copies, alone.media, alone.offsite, alone.kept) == (2, 1, 0, False)
    assert alone.sentence == (
        "3-2-1 lacks 1 more copy and a second kind of place and one in another place than the host."
    )
    other = Copy(name="other", engine="memory", at="mem://other/shop")
    assert not planning.spread(plan(copies=(BOX,))).kept
    assert planning.spread(plan(copies=(BOX, other))).media == 3
