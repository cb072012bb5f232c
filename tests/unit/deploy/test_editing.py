"""A file is edited by the least that does it; everything else stays to the letter."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.deploy.adopting import editing, matching
from vedette.deploy.adopting.editing import Unsaid

FILE = """# the shop
project = "shop"  # a name

[servers.web]   # two of them
type = "cx23"      # enough
labels = { role = "web" }
volumes = [
    { name = "data", size = 40 },
]

# who gets in
[firewalls.web]
on = "role=web"
allow = [
    "tcp/443 from any",  # the shop
    # the team
    "tcp/22 from admin",
]
"""


def test_a_key_gets_another_value_and_keeps_its_comment() -> None:
    assert editing.put(FILE, ("servers", "web", "type"), "cx33") == FILE.replace(
        'type = "cx23"      #', 'type = "cx33"  #'
    )
    assert editing.put(FILE, ("servers", "web", "volumes"), []) == FILE.replace(
        'volumes = [\n    { name = "data", size = 40 },\n]', "volumes = []"
    )


def test_a_new_key_stands_behind_the_last_of_its_table() -> None:
    assert editing.put(FILE, ("servers", "web", "backups"), True) == FILE.replace(
        "},\n]\n\n# who", "},\n]\nbackups = true\n\n# who"
    )


def test_a_key_or_a_table_goes_with_what_is_said_above_it() -> None:
    assert editing.drop(FILE, ("servers", "web", "labels")) == FILE.replace('labels = { role = "web" }\n', "")
    assert editing.drop_table(FILE, ("firewalls", "web")) == FILE[: FILE.index("# who")]
    assert editing.drop_table(FILE, ("servers", "web")).startswith(
        '# the shop\nproject = "shop"  # a name\n\n# who gets in'
    )


def test_elements_of_a_list_come_and_go_by_themselves() -> None:
    path = ("firewalls", "web", "allow")
    found = editing.relist(FILE, path, lambda one: one == "tcp/443 from any", ["udp/53 from any"])
    assert found == FILE.replace('    "tcp/443 from any",  # the shop\n    # the team\n', "").replace(
        '    "tcp/22 from admin",\n', '    "tcp/22 from admin",\n    "udp/53 from any",\n'
    )
    bare = FILE.replace('"tcp/22 from admin",\n]', '"tcp/22 from admin"\n]')
    found = editing.relist(bare, path, lambda _: False, ["udp/53 from any"])
    assert tomllib.loads(found)["firewalls"]["web"]["allow"][0] == "udp/53 from any"
    line = 'allow = ["a", "b"]  # two\n'
    assert editing.relist(line, ("allow",), lambda one: one == "a", ["c"]) == 'allow = ["b", "c"]  # two\n'


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("servers = { web = { type = 1 } }\n", ("servers", "web", "type")),
        ("[[a.services]]\nlisten = 1\n", ("a", "services", 0)),
        ("x = [1\n", ("x",)),
    ],
)
def test_what_is_written_otherwise_is_left_to_a_person(text: str, path: tuple[str | int, ...]) -> None:
    with pytest.raises(Unsaid):
        editing.drop(text, path)


VALUES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=20)


@given(st.lists(VALUES, max_size=5, unique=True), st.lists(VALUES, max_size=3, unique=True), st.sets(st.integers(0, 4)), st.booleans(), st.booleans())  # fmt: skip
def test_a_list_that_is_edited_says_what_it_should(
    before: list[str], come: list[str], out: set[int], apart: bool, comma: bool
) -> None:
    from vedette.wire.ascode import writing

    told = [writing.value(each) for each in before]
    inside = ",\n".join(f"    {each}" for each in told) + ("," if comma else "")
    listed = f"[\n{inside}\n]" if apart and told else f"[{', '.join(told)}]"
    text = f"[t]\na = 1\nlist = {listed}\nz = 2  # end\n"
    gone = {before[each] for each in out if each < len(before)}
    try:
        found = editing.relist(text, ("t", "list"), lambda one: one in gone, come)
    except Unsaid:
        assert apart
        return
    table = tomllib.loads(found)["t"]
    assert sorted(table.pop("list", [])) == sorted([each for each in before if each not in gone] + come)
    assert table == {"a": 1, "z": 2}
    assert "z = 2  # end" in found


def test_a_rule_is_known_by_its_meaning_and_a_record_by_name_and_type() -> None:
    groups = {"admin": ("203.0.113.0/24",)}
    gone, come = matching.changes(
        "allow",
        ["tcp/80,443 from any", "tcp/22 from 203.0.113.0/24"],
        ["tcp/443 from any", "tcp/22 from admin"],
        [],
        groups,
    )
    assert [each for each in ("tcp/80,443 from any", "tcp/22 from 203.0.113.0/24") if gone(each)] == [
        "tcp/80,443 from any"
    ]
    assert come == ["tcp/443 from any"]
    gone, come = matching.changes(
        "records",
        ["@ A front", "www CNAME @"],
        ["@ A 198.51.100.7", "www CNAME @"],
        ["@ A 198.51.100.1", "www CNAME @"],
        {},
    )
    assert (gone("@ A front"), gone("www CNAME @"), come) == (True, False, ["@ A 198.51.100.7"])
