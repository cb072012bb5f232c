"""How a result is printed for a person."""

import pytest

from vedette.cli.probed import shown
from vedette.instruments.probe.types import Cause, Certificate, Evidence, Hop, Phases, Request, Result

REQUEST = Request(url="https://shop.test/")
CHAIN = (
    Certificate(subject="CN=shop.test", issuer="CN=R1", names=(), starts=0, ends=1.8e9, fingerprint="a" * 64),
)
HOPS = (Hop(url="http://shop.test/", status=301), Hop(url="https://shop.test/", status=200))
FINE = Result(
    ok=True,
    at=1.79e9,
    sentence="shop.test:443 answered 200 in 100 ms.",
    phases=Phases(dns=10.0, connect=10.0, tls=20.0, first_byte=60.0, transfer=0.4, total=100.4),
    evidence=Evidence(address="192.0.2.1", protocol="HTTP/2", chain=CHAIN, hops=HOPS),
)
BLOCKED = Result(
    ok=False,
    at=1.79e9,
    sentence="No.",
    phases=Phases(total=0.2),
    evidence=Evidence(),
    cause=Cause.BLOCKED_ADDRESS,
)


def test_a_result_is_a_sentence_and_its_proof() -> None:
    assert shown(REQUEST, FINE, brief=False, colour=False).splitlines() == [
        "● https://shop.test/: shop.test:443 answered 200 in 100 ms.",
        "  " + "━" * 40,
        "  DNS 10 ms · connect 10 ms · TLS 20 ms · first byte 60 ms · transfer 0.4 ms · in all 100 ms",
        "  http://shop.test/ → 301",
        "  192.0.2.1 · HTTP/2",
        "  certificate shop.test by R1 until 2027-01-15, 115 days left",
    ]


def test_phases_have_colours_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = shown(REQUEST, FINE, brief=False, colour=True)
    assert all(f"\x1b[{colour}m" in text for colour in (32, 33, 34, 35, 36))
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in shown(REQUEST, FINE, brief=False, colour=True)


def test_again_is_one_line_and_what_is_refused_says_what_to_do() -> None:
    assert shown(REQUEST, FINE, brief=True, colour=False).startswith("14:13:20 ● https://shop.test/")
    assert len(shown(REQUEST, FINE, brief=True, colour=False).splitlines()) == 1
    lines = shown(REQUEST, BLOCKED, brief=False, colour=False).splitlines()
    assert lines[0].startswith("◆ blocked-address https://shop.test/: No.")
    assert lines[-1].strip() == "--allow-private lets this check reach it."
