"""Whatever moved at Hetzner, the files say it afterwards and mean the same in all else; what cannot be said is left with why."""

import difflib
import re

import pytest
from tests.unit.deploy.test_exporting import RICH, there

from vedette.deploy.adopting.adopting import Ground, adopted
from vedette.deploy.desired.catalogue import SHIPPED
from vedette.deploy.desired.reading import File, desired, nowhere
from vedette.deploy.drifting.seeing import drifted
from vedette.deploy.planning.making import planned
from vedette.deploy.registry import all_kinds
from vedette.deploy.types import Adopted, Memory
from vedette.wire.infra import Live

TEXT = re.sub(r"ref:\S+|A front", "A 203.0.113.1", RICH)


def adopt(said: str, live: Live, name: str = "infra/shop.toml") -> Adopted:
    of = desired([File(name, said)])
    plan = planned(of, live, all_kinds(), live.at)
    found = drifted(plan, live, Memory(project="shop"), all_kinds())
    ground = Ground(opener=nowhere, catalogue=SHIPPED.with_live(live), live=live, kinds=all_kinds())
    done = adopted([File(name, said)], (*found.drifts, *found.pending), ground, named=True)
    if done.texts:
        again = desired([File(name, done.texts[name])], catalogue=ground.catalogue)
        left = planned(again, live, all_kinds(), live.at).changes
        assert {each.ref for each in left} == set(done.left)
    return done


def patch(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [each for each in lines if each[0] in "+-" and each[:3] not in {"+++", "---"}]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ('type = "cpx31"', 'type = "cpx41"', 2),
        ("[volumes.spare]\nsize = 10", "[volumes.spare]\nsize = 20", 2),
        ('type = "lb11"', 'type = "lb21"', 2),
        ('rdns = "front.shop.example"', 'rdns = "www.shop.example"', 2),
        ('"tcp/22 from admin # the team", ', "", 2),
        ('"tcp/22 from admin # the team"', '"tcp/22 from admin # all of us"', 2),
        ('"icmp from any"', '"icmp from 10.0.0.0/8", "tcp/8080 from any"', 2),
        ('subnets = ["10.1.0.0/24"]', 'subnets = ["10.1.0.0/24", "10.1.1.0/24"]', 2),
        ('labels = { "vedette.example/x" = "y" }', 'labels = { "vedette.example/x" = "z", more = "1" }', 2),
        ('size = 10\nformat = ""', 'size = 10\nformat = ""\nlabels = { tier = "cold" }', 1),
        ("{ port = 1, interval = 5, timeout = 5 }", "{ port = 1, interval = 5, timeout = 4 }", 2),
        ('"@ A 203.0.113.8"', '"@ A 203.0.113.7"', 2),
        ('"@ MX 10 mail"', '"@ MX 10 mail", "mail A 203.0.113.8"', 2),
        ('algorithm = "least_connections"\n', "", 1),
        ("backups = true\n", "", 0),
    ],
)
def test_one_thing_that_moved_is_one_small_edit(old: str, new: str, lines: int) -> None:
    assert old in TEXT
    done = adopt(TEXT, there(TEXT.replace(old, new, 1)))
    assert bool(done.left) is not bool(lines)  # one of several servers cannot be said
    assert len(patch(TEXT, done.texts.get("infra/shop.toml", TEXT))) == lines


def test_protection_that_was_taken_off_is_said() -> None:
    live = there(TEXT.replace('= "10.0.1.2" }\nprotect = true', '= "10.0.1.2" }', 1))
    done = adopt(TEXT, live)
    assert patch(TEXT, done.texts["infra/shop.toml"]) == ["-protect = true", "+protect = false"]


def test_what_others_name_cannot_go_from_the_files() -> None:
    live = there(TEXT)
    bare = [each for each in live.things if (each.kind, each.name) != ("placement", "apart")]
    done = adopt(TEXT, Live(at=live.at, things=tuple(bare)))
    (why,) = [text for ref, text in done.left.items() if ref.kind == "placement"]
    assert "apart" in why
    assert not done.texts


def test_a_section_of_the_settings_is_edited_in_its_place() -> None:
    head = "[notes]\nx = 1\n\n[infra]\nproject = 'shop'\nlocation = 'fsn1'\n\n[infra.networks.main]\nrange = '10.0.0.0/16'  # all\n"
    there_ = there(
        'project = "shop"\nlocation = "fsn1"\n[networks.main]\nrange = "10.0.0.0/16"\nsubnets = ["10.0.1.0/24"]\n'
    )
    done = adopt(head, there_, "vedette.toml")
    assert done.texts == {"vedette.toml": head + 'subnets = ["10.0.1.0/24"]\n'}


def test_what_is_written_in_one_line_is_left_to_a_person() -> None:
    text = 'project = "shop"\nlocation = "fsn1"\nnetworks = { main = { range = "10.0.0.0/16" } }\n'
    live = there(
        'project = "shop"\nlocation = "fsn1"\n[networks.main]\nrange = "10.0.0.0/16"\nsubnets = ["10.0.1.0/24"]\n'
    )
    done = adopt(text, live)
    assert not done.texts
    assert list(done.left.values()) == [
        "[networks.main] is no table with a line of its own; write it by hand, or revert."
    ]
