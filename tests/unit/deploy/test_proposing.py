"""What is worth watching is proposed as sentences that files take, what does not hold first."""

import pytest
from tests.unit.deploy.test_intents import FRONT, TOP, WEB, state

from vedette.deploy.desired.reading import File, desired
from vedette.deploy.intents.proposing import proposed
from vedette.deploy.intents.world import world
from vedette.wire.infra import Verdict


def told(text: str) -> list[tuple[str, str]]:
    of = state(text)
    return [(each.intent.text, each.verdict.value) for each in proposed(world(of.things, of.groups, {}, {}))]


def test_what_is_well_is_proposed_as_it_is() -> None:
    found = told(WEB + FRONT)
    assert {verdict for _, verdict in found} == {Verdict.HOLDS}
    assert [text for text, _ in found[:4]] == [
        "internet cannot reach *:22", "internet cannot reach db:*", "internet reaches front:80", "internet reaches web:443",
    ]  # fmt: skip
    assert "internet cannot reach *:5432" in dict(found)


def test_what_is_open_and_should_not_be_comes_first() -> None:
    found = told("")
    assert found[0] == ("internet cannot reach *:22", "broken")
    assert dict(found)["internet cannot reach *:6379"] == "broken"
    assert found[-1][1] == "holds"


@pytest.mark.parametrize("text", [WEB, FRONT, WEB + FRONT])
def test_a_file_takes_every_sentence(text: str) -> None:
    sentences = ", ".join(f'"{each}"' for each, _ in told(text))
    of = desired([File("infra/shop.toml", f"assert = [{sentences}]\n{TOP}{text}")])
    assert [each.text for each in of.intents] == [each for each, _ in told(text)]


def test_of_nothing_nothing_is_proposed() -> None:
    assert proposed(world((), {}, {}, {})) == ()
