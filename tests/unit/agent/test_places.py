"""Whose network overlaps another one: the same as a walk through all finds, without one."""

import ipaddress
import sys
from types import FrameType

from hypothesis import given
from hypothesis import strategies as st

from vedette.agent.deciding.events import Freed, Held
from vedette.agent.deciding.table import Table
from vedette.wire.agent.deciding import targets
from vedette.wire.agent.deciding.types import Network, Target
from vedette.wire.agent.types import Decision, Measure, Scope

NOW = 1_764_000_000.0


def ban(target: Target) -> Held:
    return Held(Decision(id="d", scope=target.scope, value=target.value, measure=Measure.BAN, at=NOW, until=NOW + 600, reason="r"))  # fmt: skip


def networks() -> st.SearchStrategy[Network]:
    """Few bits differ, so that many of them nest."""
    four = st.tuples(st.integers(0, 7), st.sampled_from([9, 24, 30, 31, 32]))
    six = st.tuples(st.integers(0, 7), st.sampled_from([32, 48, 63, 64, 127, 128]))
    return st.one_of(
        four.map(lambda t: ipaddress.IPv4Network((0xC6336400 + t[0], t[1]), strict=False)),
        six.map(lambda t: ipaddress.IPv6Network((0x20010DB8 << 96 | t[0] << 64 | t[0], t[1]), strict=False)),
    )


@given(st.lists(st.tuples(networks(), st.booleans()), max_size=30), networks())
def test_the_same_overlaps_as_of_a_walk(done: list[tuple[Network, bool]], asked: Network) -> None:
    table, there = Table(), dict[Target, Network]()
    for net, put in done:
        target = (
            targets.of_text(str(net)) if net.version == 4 else targets.normal(Target(Scope.NETWORK, str(net)))
        )
        assert target is not None
        found = table.touching(asked)
        assert set(found) == {t for t, n in there.items() if n.version == asked.version and n.overlaps(asked)}
        assert len(found) == len(set(found))
        table.apply(ban(target) if put else Freed(*target))
        there.pop(target, None)
        if put:
            there[target] = net


def test_nobody_walks_through_all_of_them() -> None:
    table, calls = Table(), 0
    for n in range(5_000):
        table.apply(ban(Target(Scope.ADDRESS, f"198.{n >> 8}.{n & 255}.7")))
    table.touching(ipaddress.ip_network("203.0.113.0/24"))

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        found = table.touching(ipaddress.ip_network("198.3.9.0/24"))
    finally:
        sys.setprofile(None)
    assert [one.value for one in found] == ["198.3.9.7"]
    assert calls < 200


def test_what_is_gone_is_let_go_of() -> None:
    table = Table()
    for n in range(5_000):
        target = Target(Scope.ADDRESS, f"198.{n >> 8}.{n & 255}.7")
        table.apply(ban(target))
        table.apply(Freed(*target))
    assert not table._places.too_many(0)
    assert table.touching(ipaddress.ip_network("198.0.0.0/8")) == []


def test_what_a_changed_file_says_lies_nowhere() -> None:
    table = Table()
    for value in ("", "here", "198.51.100.7.1", "198.51.100.256", "198.51.100.7/33", "198.51.100.7/-1", "2001:db8::/129", "::1%x", "10.0.0.0/x"):  # fmt: skip
        table.apply(ban(Target(Scope.NETWORK, value)))
        table.apply(ban(Target(Scope.USER, value)))
    assert table.touching(ipaddress.ip_network("128.0.0.0/1")) == []
    assert table.touching(ipaddress.ip_network("::/1")) == []
