"""Plans from files: what they say is in force, what is wrong is told with its line, secrets stand in none."""

from pathlib import Path

import msgspec
import pytest
from tests.support.rooms import NOW

from vedette.accounts.permissions import SYSTEM
from vedette.app import filing
from vedette.backups import service
from vedette.core.errors import Conflict
from vedette.wire.ascode.changing import Act, Plan
from vedette.wire.backup import Assertion, Drills, Goals, Hook, Keep, Limits

pytestmark = pytest.mark.django_db(transaction=True)
SHOP = """
[[backup]]
name = "shop"
host = "web1"
schedule = { cron = "17 2 * * *", zone = "Europe/Berlin" }
goals = { rpo = 93600, rto = 3600, proven = 691200 }

[[backup.what]]
kind = "folder"
settings = { path = "/srv/shop" }

[[backup.copies]]
name = "box"
engine = "memory"
at = "mem://box/shop"
offsite = true
"""


def apply(text: str) -> Plan:
    return filing.apply(SYSTEM, [("vedette.toml", text)], NOW, ["backups"])


def faults(text: str) -> list[str]:
    return [str(one) for one in apply(text).faults]


def test_a_file_is_put_in_force_and_what_left_it_goes(host: int) -> None:
    assert host
    assert [(one.act, one.name) for one in apply(SHOP).changes] == [(Act.ADD, "web1/shop")]
    (found,) = service.standings(NOW)
    assert found.known.source == "vedette.toml"
    assert found.known.plan.schedule.zone == "Europe/Berlin"
    assert apply(SHOP).changes == ()
    (changed,) = apply(SHOP.replace("17 2", "18 2")).changes
    assert [*changed.fields] == ["schedule"]
    words = service.sheet(SYSTEM, found.known.id, "box", NOW).words
    assert service.sheet(SYSTEM, found.known.id, "box", NOW).words == words
    with pytest.raises(Conflict, match=r"vedette\.toml"):
        service.remove_plan(SYSTEM, found.known.id, NOW)
    assert [one.act for one in apply("").changes] == [Act.REMOVE]
    assert service.standings(NOW) == ()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('host = "web1"', 'host = "web2"', "vedette.toml:4: There is no host 'web2'; did you mean 'web1'?"),
        ('kind = "folder"', 'kind = "foldr"', "vedette.toml:9: `kind` is one of"),
        ('engine = "memory"', 'engine = "memry"', "Did you mean memory?"),
        (
            "goals = {",
            'drills = { host = "web2" }\ngoals = {',
            "vedette.toml:6: There is no host 'web2'; did you mean 'web1'?",
        ),
        ('name = "box"', 'name = "Box!"', "vedette.toml:13: 'Box!' is no name of a copy: small letters"),
        ('at = "mem://box/shop"', 'at = ""', "vedette.toml:15: Say where it is kept"),
        ("rpo = 93600", "rpo = -1", "vedette.toml:6: `rpo` is more than nothing"),
        ("goals = {", "keep = { dayly = 7 }\ngoals = {", "[[keep]] has no `dayly`; did you mean `daily`?"),
        (
            "goals = {",
            'snapshot = "zsf"\ngoals = {',
            "vedette.toml:6: `snapshot` is one of lvm, btrfs, zfs, not 'zsf'. Did you mean zfs?",
        ),
        (
            "goals = {",
            'before = [{ run = ["dump"] }]\ngoals = {',
            "vedette.toml:6: `run` begins with the whole path",
        ),
        (
            "goals = {",
            'drills = { asserts = [{ name = "n", sql = "SELECT 1", is = "~" }] }\ngoals = {',
            "vedette.toml:6: `is` is one of",
        ),
        ("offsite = true", "settings = { fast = true }", "vedette.toml:16: Memory: the setting is one of"),
        ("Europe/Berlin", "Europe/Berlun", "vedette.toml:5:"),
        ('path = "/srv/shop"', 'pth = "/srv/shop"', "vedette.toml:10: folder:"),
        ("offsite = true", "offsit = true", "[[copies]] has no `offsit`; did you mean `offsite`?"),
        ("17 2 * * *", "77 2 * * *", "vedette.toml:5:"),
        ("goals = {", "goal = {", "[[backup]] has no `goal`; did you mean `goals`?"),
        ("rpo = 93600", "rpoo = 93600", "[[goals]] has no `rpoo`; did you mean `rpo`?"),
        ("offsite = true", 'given = { password = "in clear" }', "Expected `object`"),
        ("offsite = true", 'given = { key = { env = "X" } }', "does not name key"),
        ("offsite = true", 'given = { password = { env = "NO_SUCH_VARIABLE" } }', "is not set"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(host: int, before: str, after: str, said: str) -> None:
    assert host
    found = faults(SHOP.replace(before, after))
    assert any(said in one for one in found), found
    assert service.standings(NOW) == ()


def test_secrets_come_from_where_they_are(host: int, tmp_path: Path) -> None:
    assert host
    file = tmp_path / "words"
    file.write_text("correct horse\n")
    apply(SHOP + f'given = {{ password = {{ file = "{file}" }} }}\n')
    (found,) = service.standings(NOW)
    assert service.sheet(SYSTEM, found.known.id, "box", NOW).words == "correct horse"
    assert "correct horse" not in str(found.known)


def test_plans_made_by_hand_are_a_file_that_changes_nothing(host: int) -> None:
    from tests.support.backed import BOX, DISK
    from tests.support.backed import plan as planned

    whole = planned(
        copies=(msgspec.structs.replace(BOX, secrets=("access_key",)), DISK), keep=Keep(hourly=24, daily=0), shrink=0.25,
        before=(Hook(run=("/usr/local/bin/dump", "a \"b\"\n")), Hook(run=("/bin/true",), seconds=5.0)), snapshot="zfs",
        drills=Drills(sample=5, asserts=(Assertion(name="orders", sql="SELECT 1", database="x", is_="=", value="1"),)),
        goals=Goals(rto=60.0), limits=Limits(idle_io=False), enabled=False,
    )  # fmt: skip
    kept = service.put_plan(SYSTEM, host, whole, NOW)
    service.put_plan(SYSTEM, host, planned("bare"), NOW)
    text = service.export_file(SYSTEM)
    assert "password" not in text
    assert "jitter = 0" in text
    assert "catch_up" not in text  # as it is anyway
    assert [[*one.fields] for one in apply(text).changes] == [["source"], ["source"]]
    assert apply(text).changes == ()
    assert service.plan(kept.id).plan == whole
    assert service.export_file(SYSTEM) == ""


def test_a_plan_made_by_hand_becomes_the_one_of_its_name(host: int) -> None:
    from tests.support.backed import plan

    made = service.put_plan(SYSTEM, host, plan(), NOW)
    (changed,) = apply(SHOP).changes
    assert changed.act is Act.CHANGE
    assert service.plan(made.id).source == "vedette.toml"


def test_the_example_of_the_docs_is_one(host: int, tmp_path: Path) -> None:
    assert host
    key = tmp_path / "key"
    key.write_text("a key\n")
    told = (Path(__file__).parents[3] / "docs/as-code.md").read_text().partition("\n## Backups\n")[2]
    example = told.partition("```toml\n")[2].partition("```")[0]
    example = example.replace("/run/secrets/box", str(key)).replace('project = "shop"', "#")
    assert faults(example) == []
    assert service.standings(NOW)[0].known.plan.drills.asserts[0].value == "810000"
