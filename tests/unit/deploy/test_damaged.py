"""A file may be damaged in any way: it is read, or what is wrong is told; nothing else happens."""

import copy
import tomllib

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.deploy.test_exporting import RICH

from vedette.deploy.desired.reading import File, read
from vedette.deploy.intents import judging
from vedette.deploy.intents.world import world
from vedette.deploy.picturing import drawing
from vedette.deploy.picturing.seeing import picture
from vedette.wire.ascode import writing

WHOLE = tomllib.loads(RICH)
VALUES = st.sampled_from(
    ["", " ", "x", "10.0.0.0/8", "::1", "role=web", "(", "é", -1, 0, 10**12, 1.5, True, [], ["a"], [1], [[]], [{}], {}, {"a": {}}, {"x": 1}]
).map(copy.deepcopy)  # fmt: skip


@st.composite
def a_damaged_file(draw: st.DrawFn) -> str:
    """Draw a file in which a value or two, at any depth, became something else or went away."""
    whole = tomllib.loads(RICH)
    for _ in range(draw(st.integers(1, 2))):
        here: object = whole
        while isinstance(here, dict | list) and here:
            key = draw(st.sampled_from(list(here) if isinstance(here, dict) else list(range(len(here)))))
            inner = here[key]  # type: ignore[index]
            if not isinstance(inner, dict | list) or not inner or draw(st.integers(0, 2)) == 0:
                if isinstance(here, dict) and draw(st.booleans()):
                    del here[key]
                else:
                    here[key] = draw(VALUES)  # type: ignore[index]
                break
            here = inner
    return "\n".join(f"{writing.key(name)} = {writing.value(value)}" for name, value in whole.items())


@given(a_damaged_file())
def test_a_damaged_file_is_read_or_refused(text: str) -> None:
    found = read([File("infra/shop.toml", text)])
    assert (found.desired is None) == bool(found.faults)
    assert all(each.line >= 1 and each.text for each in found.faults)
    if found.desired is not None:
        here = world(found.desired.things, found.desired.groups, {}, {})
        assert len(judging.judged(found.desired.intents, here)) == len(found.desired.intents)
        assert drawing.svg(picture(here))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = read([File("infra/shop.toml", text)])
    assert found.desired is not None or found.faults


def test_the_undamaged_file_is_read() -> None:
    assert read([File("infra/shop.toml", RICH)]).desired is not None
    assert WHOLE
