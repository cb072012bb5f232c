"""Addresses have one spelling, and only a proxy that is trusted names its client."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.instruments.logs.addresses import Trusted, client, normal

PROXIES = Trusted(["10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.250"])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1:4711 ", "192.0.2.1"),
        ("::ffff:61.4.83.52", "61.4.83.52"),
        ("::FFFF:3d04:5334", "61.4.83.52"),
        ("[2001:DB8::0:1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("a:b:c:1287::1:1", "a:b:c:1287::1:1"),
        ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
        ("", ""),
        ("example.com", ""),
        ("192.0.2.256", ""),
        ("192.0.2", ""),
        ("010.0.0.1", ""),
        ("192.0.2.1.5", ""),
        ("unknown", ""),
        ("1" * 200, ""),
    ],
)
def test_one_spelling(text: str, meant: str) -> None:
    assert normal(text) == meant


@settings(max_examples=40)
@given(st.ip_addresses())
def test_every_address_is_found_again(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    mapped = getattr(address, "ipv4_mapped", None)
    assert normal(str(address)) == str(mapped or address)
    assert normal(address.exploded) == str(mapped or address)


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_any_text_is_an_address_or_none(text: str) -> None:
    found = normal(text)
    assert found == "" or str(ipaddress.ip_address(found)) == found


@pytest.mark.parametrize(
    ("peer", "forwarded", "connecting", "meant"),
    [
        ("198.51.100.5", "203.0.113.9", "203.0.113.9", "198.51.100.5"),  # no proxy of ours: forged
        ("10.0.0.1", "203.0.113.9", "", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.5", "", "198.51.100.5"),  # the left is the client's invention
        ("10.0.0.1", "203.0.113.9, 198.51.100.5, 10.2.3.4", "", "198.51.100.5"),
        ("10.0.0.1", "203.0.113.9, nonsense", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, nonsense, 10.9.9.9", "", "10.9.9.9"),
        ("10.0.0.1", "", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.5", "1.1.1.1", "198.51.100.5"),  # a client may write it
        ("10.0.0.1", "nonsense", "1.1.1.1", "10.0.0.1"),
        ("10.0.0.1", "", "198.51.100.5", "198.51.100.5"),
        ("10.0.0.1", "", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.5", "nonsense", "198.51.100.5"),
        ("10.0.0.1", 'for="[2001:db8::7]:4711";proto=https', "", "2001:db8::7"),
        ("2001:db8:ffff::1", "198.51.100.5:80", "", "198.51.100.5"),
        ("192.0.2.250", "::ffff:198.51.100.5", "", "198.51.100.5"),
        ("10.0.0.1", "203.0.113.9" + ", 10.1.1.1" * 40, "", "10.1.1.1"),
    ],
)
def test_who_is_behind_a_proxy(peer: str, forwarded: str, connecting: str, meant: str) -> None:
    assert client(peer, PROXIES, forwarded, connecting) == meant


def test_without_proxies_nobody_is_believed() -> None:
    assert client("10.0.0.1", Trusted(), "203.0.113.9", "203.0.113.9") == "10.0.0.1"
    with pytest.raises(ValueError, match="nonsense"):
        Trusted(["nonsense"])
