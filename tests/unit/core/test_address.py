"""Which addresses are public: the table of IANA, and every way to hide a private address in another."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core import address


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("127.0.0.1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("169.254.169.254", "link-local"),
        ("100.64.0.1", "shared by a provider's customers"),
        ("0.0.0.0", "this network"),
        ("255.255.255.255", "reserved"),
        ("224.0.0.1", "multicast"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("fe80::1%eth0", "link-local"),
        ("[fd00::1]", "private"),
        ("ff02::1", "multicast"),
        ("2001:db8::1", "documentation"),
        ("4000::1", "reserved"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:10.0.0.1", "private"),
        ("::127.0.0.1", "IPv4-compatible"),
        ("64:ff9b::10.0.0.1", "private"),
        ("64:ff9b:1::8.8.8.8", "local translation"),
        ("2002:7f00:1::", "loopback"),
        ("2001:0:7f00:1::", "protocol assignments"),
    ],
)
def test_special_addresses_are_not_public(text: str, why: str) -> None:
    parsed = address.parse(text)
    assert parsed is not None
    assert address.why_not_public(parsed) == why


@pytest.mark.parametrize(
    "text",
    [
        "8.8.8.8",
        "1.1.1.1",
        "172.32.0.1",
        "172.15.255.255",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
    ],
)
def test_addresses_of_the_world_are_public(text: str) -> None:
    parsed = address.parse(text)
    assert parsed is not None
    assert address.is_public(parsed)


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "0x7f.1", "2130706433", "1.2.3.4.5", "::g"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert address.parse(text) is None


@given(st.ip_addresses())
def test_nothing_private_to_the_standard_library_is_public_to_us(
    value: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if value.is_private or value.is_multicast or value.is_link_local or value.is_loopback:
        carried = isinstance(value, ipaddress.IPv6Address) and value.ipv4_mapped is not None
        assert carried or not address.is_public(value)


@given(st.ip_addresses(v=4))
def test_an_address_hidden_in_another_is_judged_alike(value: ipaddress.IPv4Address) -> None:
    number = int(value)
    for hidden in (
        (0xFFFF << 32) | number,
        int(ipaddress.ip_address("64:ff9b::")) | number,
        (0x2002 << 112) | (number << 80),
    ):
        assert address.why_not_public(ipaddress.IPv6Address(hidden)) == address.why_not_public(value)
