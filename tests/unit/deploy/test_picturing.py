"""A picture shows who gets to whom, nothing in it lies over another, and it says the same in words."""

import xml.etree.ElementTree as ET  # of our own making
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.deploy.test_desired import the_example
from tests.unit.deploy.test_intents import FRONT, WEB, state

from vedette.deploy.desired.reading import File, desired
from vedette.deploy.intents import judging
from vedette.deploy.intents.world import world
from vedette.deploy.picturing import drawing, placing, telling
from vedette.deploy.picturing.seeing import picture
from vedette.deploy.types import Desired
from vedette.deploy.words.pictures import Node, Picture


def seen(of: Desired) -> Picture:
    here = world(of.things, of.groups, {}, {})
    return picture(here, judging.judged(of.intents, here))


def test_a_picture_says_itself_in_words_to_those_who_do_not_see_it() -> None:
    of = seen(state(WEB + FRONT))
    root = ET.fromstring(drawing.svg(of))  # noqa: S314
    desc = root.find("{http://www.w3.org/2000/svg}desc")
    assert desc is not None
    assert desc.text == telling.text(of)


def test_a_picture_in_words_says_who_gets_to_whom() -> None:
    assert telling.text(seen(state(WEB + FRONT))) == (
        "internet (everybody)\n"
        "  → web ×2: tcp/443\n"
        "  → front: tcp/80\n"
        "admin (203.0.113.0/24)\n"
        "  → web ×2: tcp/22\n"
        "load balancer front (public)\n"
        "  → web ×2: tcp/8080\n"
        "network main (10.0.0.0/16), in which everybody gets to everybody unless a host's own firewall drops it\n"
        "  · front (public)\n"
        "  · db (no public address)\n"
        "  · web ×2 (public)\n"
    )


def test_what_no_firewall_stands_before_is_said() -> None:
    found = seen(state(""))
    sentence = (
        "3 servers in 1 network; the internet gets to 1 of what is drawn. No firewall stands before web ×2."
    )
    assert telling.sentence(found) == sentence
    assert "  → web ×2: everything (no firewall)" in telling.text(found)


def test_it_is_drawn_without_styles_and_named_by_its_sentence() -> None:
    of = desired([File("infra/shop.toml", the_example())])
    drawn = drawing.svg(seen(of))
    root = ET.fromstring(drawn)  # noqa: S314
    assert "style" not in drawn
    assert root.attrib["aria-label"].startswith("3 servers in 1 network")
    texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"web ×2", "db", "front", "internet", "main 10.0.0.0/16"} <= set(texts)


NAMES = st.text("ab<&\"'é", min_size=1, max_size=30)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["outside", "balancer", "server"]),
            NAMES,
            st.sampled_from(["", "main", "far", "gone"]),
        ),
        max_size=12,
    )
)
def test_nothing_lies_over_another_and_any_name_can_be_drawn(drawn: list[tuple[str, str, str]]) -> None:
    nodes = tuple(
        Node(id=str(n), kind=kind, name=name, networks=(network,) if network else ())
        for n, (kind, name, network) in enumerate(drawn)
    )
    of = Picture(nodes=nodes, edges=(), networks={"main": "10.0.0.0/16", "far": "10.1.0.0/16"})
    at = placing.placed(of)
    assert set(at.nodes) == {each.id for each in nodes}
    for one, other in combinations(at.nodes.values(), 2):
        apart = (
            one.x + one.width <= other.x or other.x + other.width <= one.x
            or one.y + one.height <= other.y or other.y + other.height <= one.y
        )  # fmt: skip
        assert apart
    ET.fromstring(drawing.svg(of))  # noqa: S314
