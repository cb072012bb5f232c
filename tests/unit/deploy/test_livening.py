"""A picture with how everything is right now: what runs, what is sick, what drifted, and which lines must not be there."""

import xml.etree.ElementTree as ET  # of our own making

import msgspec
import pytest
from tests.support.deploying import Place
from tests.support.hetzner_shop import shop
from tests.unit.deploy.test_intents import FRONT, WEB, state

from vedette.deploy.intents import judging, parsing
from vedette.deploy.intents.world import world
from vedette.deploy.picturing import drawing, telling
from vedette.deploy.picturing.livening import lively, states
from vedette.deploy.picturing.seeing import picture
from vedette.deploy.types import Drift, Side, Way
from vedette.deploy.words.pictures import Picture, State
from vedette.wire.infra import Live, Ref, Thing

FINE = (State("ok", "running"),)


def there(text: str, status: str = "running", health: dict[str, str] | None = None) -> Live:
    """Return what files say as if it were there."""

    def alive(one: Thing) -> Thing:
        more = {"server": {"status": status}, "load_balancer": {"health": health or {}}}.get(one.kind, {})
        return msgspec.structs.replace(one, fields={**one.fields, **more})

    return Live(at=0.0, things=tuple(alive(each) for each in state(text).things))


def drawn(live: Live, *intents: str, drifts: tuple[Drift, ...] = ()) -> Picture:
    here = world(live.things, state("").groups, {}, {})
    judged = judging.judged([parsing.parse(each) for each in intents], here)
    return lively(picture(here, judged), here, states(here, live, drifts, judged), judged)


def told(of: Picture, name: str) -> tuple[str, str]:
    return next((each.tone, each.state) for each in of.nodes if each.name == name)


def drifted(kind: str, name: str, way: Way = Way.CHANGED) -> Drift:
    return Drift(ref=Ref(kind, name), way=way, side=Side.CLOUD)


def test_what_is_well_says_that_it_runs_and_serves() -> None:
    of = drawn(
        there(WEB + FRONT, health={"web-1": "healthy", "web-2": "healthy"}), "internet cannot reach db:*"
    )
    assert told(of, "web") == told(of, "db") == ("ok", "running")
    assert told(of, "front") == ("ok", "serving")
    assert not any(each.wrong for each in of.edges)


@pytest.mark.parametrize(
    ("live", "drifts", "name", "tone", "word"),
    [
        (there(WEB, status="off"), (), "web", "warn", "off"),
        (there(WEB, status="rebuilding"), (), "db", "info", "rebuilding"),
        (there(WEB, status="unknown"), (), "db", "off", "state unknown"),
        (there(WEB), (drifted("server", "web-1"),), "web", "warn", "1 of 2 drifted"),
        (there(WEB), (drifted("firewall", "web"),), "web", "warn", "firewall drifted"),
        (there(WEB + FRONT), (), "front", "warn", "nobody behind it"),
        (there(WEB + FRONT, health={"web-1": "unhealthy", "web-2": "healthy"}), (), "front", "crit", "1 of 2 unhealthy"),
        (there(WEB + FRONT, health={"web-1": "unhealthy", "web-2": "healthy"}), (), "web", "crit", "1 of 2 unhealthy"),
        (there(WEB + FRONT, health={"web-1": "unhealthy"}), (drifted("server", "web-1"),), "web", "crit", "1 of 2 unhealthy"),
        (there(WEB + FRONT, health={"web-1": "unhealthy"}), (), "front", "crit", "all unhealthy"),
    ],
)  # fmt: skip
def test_the_worst_of_a_thing_is_what_it_says(
    live: Live, drifts: tuple[Drift, ...], name: str, tone: str, word: str
) -> None:
    assert told(drawn(live, drifts=drifts), name) == (tone, word)


def test_a_line_that_must_not_be_is_marked_and_who_it_leads_to() -> None:
    of = drawn(there(WEB + FRONT, health={"web-1": "healthy"}), "internet cannot reach web:443")
    assert [(each.start, each.end) for each in of.edges if each.wrong] == [("internet", "server:web")]
    assert told(of, "web") == ("crit", "intent broken")
    assert "→ web ×2: tcp/443 (must not be so)" in telling.text(of)


def test_a_way_that_is_missing_marks_whom_it_should_lead_to() -> None:
    of = drawn(there(WEB), "admin reaches db:22")
    assert told(of, "db") == ("crit", "intent broken")
    assert not any(each.wrong for each in of.edges)


def test_of_an_intent_about_everybody_only_those_are_marked_for_whom_it_is_broken() -> None:
    of = drawn(there(WEB), "internet cannot reach *:443")
    assert told(of, "web") == ("crit", "intent broken")
    assert told(of, "db") == ("ok", "running")


def test_things_that_are_in_no_picture_have_a_state_too() -> None:
    live = there(WEB)
    here = world(live.things, {}, {}, {})
    found = states(here, live, (drifted("firewall", "web"), drifted("zone", "shop.example", Way.GONE)))
    assert found[Ref("firewall", "web")] == (State("warn", "drifted"),)
    assert found[Ref("zone", "shop.example")] == (State("warn", "gone"),)
    assert found[Ref("network", "main")] == (State("ok", "there"),)


def test_each_state_is_drawn_as_a_sign_of_its_own_and_a_word() -> None:
    of = drawn(
        there(WEB + FRONT, health={"web-1": "unhealthy"}),
        "internet cannot reach db:*",
        drifts=(drifted("server", "db"),),
    )
    root = ET.fromstring(drawing.svg(of))  # noqa: S314
    texts = {"".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"1 of 2 unhealthy", "all unhealthy", "drifted"} <= texts
    signs = {each.attrib["d"].split("l")[0] for each in root.iter("{http://www.w3.org/2000/svg}path") if each.get("class") == "sign"}  # fmt: skip
    assert len(signs) == 3


def test_how_load_balancers_find_who_is_behind_them_is_read(cloud: Place) -> None:
    assert not cloud.apply(shop()).problems
    number = cloud.thing("server", "web-1").id
    cloud.clock.forward(60)
    cloud.fake.state.sick.append(number)
    assert cloud.thing("load_balancer", "front").fields["health"] == {
        "web-1": "unhealthy",
        "web-2": "healthy",
    }
    assert not cloud.plan(shop()).changes, "how it is now is nothing that files say"
