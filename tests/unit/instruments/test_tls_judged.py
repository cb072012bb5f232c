"""Judging TLS by answers that are made up: what no OpenSSL of today can be made to do, grades, profiles, dates."""

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.instruments import scan
from vedette.instruments.scan.tls.answering import Answer, Cipher, Deployment, Header
from vedette.instruments.scan.tls.certifying import Leaf, leaves, names_fit
from vedette.instruments.scan.tls.flaws import certificates, ciphers, features, keys, protocols
from vedette.instruments.scan.tls.grading import GRADES, graded, score
from vedette.instruments.scan.tls.profiles import profile_of, reasons
from vedette.instruments.scan.tls.seeing import Seen

NOW, DAY = 1_795_000_000.0, 86_400.0
HSTS = Header(present=True, seconds=63_072_000)
GOOD = Cipher(name="TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", openssl="ECDHE-ECDSA-AES128-GCM-SHA256", bits=128, anonymous=False, exchange="ECDH", exchange_bits=253)  # fmt: skip
NEW = Cipher(name="TLS_AES_256_GCM_SHA384", openssl="TLS_AES_256_GCM_SHA384", bits=256, anonymous=False)
LEAF = Leaf(subject="CN=shop.test", issuer="CN=Root", names=("shop.test",), starts=NOW - 30 * DAY, ends=NOW + 60 * DAY, kind="EC", bits=256, digest="sha256")  # fmt: skip


def cipher(name: str, openssl: str, bits: int = 128, *, anonymous: bool = False) -> Cipher:
    return Cipher(name=name, openssl=openssl, bits=bits, anonymous=anonymous)


def answer(**how: object) -> Answer:
    usual = {"protocols": {"SSL 2.0": (), "TLS 1.2": (GOOD,), "TLS 1.3": (NEW,)}, "header": HSTS, "certificates": (Deployment(chain=(), trusted=True, timestamps=2),)}  # fmt: skip
    return msgspec.structs.replace(Answer(), **{**usual, **how})  # type: ignore[arg-type]


def seen(leaf: Leaf = LEAF, **how: object) -> Seen:
    return Seen(name="shop.test", place="192.0.2.1:443", now=NOW, answer=answer(**how), chain=(leaf, LEAF))


def found(given: Seen) -> set[str]:
    looks = (protocols.flaws, ciphers.flaws, keys.flaws, certificates.flaws, features.flaws)
    return {flaw.check for look in looks for flaw in look(given)}


def test_nothing_is_wrong_with_what_is_right() -> None:
    assert found(seen()) == set()
    assert graded(seen(), ()).letter == "A+"


@pytest.mark.parametrize(
    ("suite", "check"),
    [
        (cipher("TLS_RSA_WITH_NULL_SHA", "NULL-SHA", 0), "tls-cipher-null"),
        (cipher("TLS_DH_anon_WITH_RC4_128_MD5", "ADH-RC4-MD5", anonymous=True), "tls-cipher-anonymous"),
        (cipher("TLS_RSA_EXPORT_WITH_RC4_40_MD5", "EXP-RC4-MD5", 40), "tls-cipher-export"),
        (cipher("TLS_RSA_WITH_RC4_128_SHA", "RC4-SHA"), "tls-cipher-rc4"),
        (cipher("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "DES-CBC3-SHA", 112), "tls-cipher-64-bit-blocks"),
        (cipher("TLS_RSA_WITH_IDEA_CBC_SHA", "IDEA-CBC-SHA"), "tls-cipher-64-bit-blocks"),
        (cipher("TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"), "tls-cipher-no-forward-secrecy"),
        (cipher("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"), "tls-cipher-cbc"),
    ],
)
def test_each_suite_counts_under_its_worst(suite: Cipher, check: str) -> None:
    assert found(seen(protocols={"TLS 1.2": (GOOD, suite), "TLS 1.3": (NEW,)})) == {check}


@pytest.mark.parametrize(
    ("how", "check", "grade"),
    [
        ({"heartbleed": True}, "tls-heartbleed", "F"),
        ({"ccs": True}, "tls-ccs", "F"),
        ({"robot": "VULNERABLE_STRONG_ORACLE"}, "tls-robot", "F"),
        ({"compression": True}, "tls-compression", "C"),
        ({"secure_renegotiation": False}, "tls-renegotiation-insecure", "F"),
        ({"client_renegotiation": True}, "tls-renegotiation-client", "A+"),
        ({"master_secret": False}, "tls-master-secret", "A+"),
        ({"curves": ("secp192r1", "X25519")}, "tls-curve-weak", "B"),
        ({"protocols": {"SSL 2.0": (GOOD,), "TLS 1.2": (GOOD,), "TLS 1.3": (NEW,)}}, "tls-protocol-old", "F"),
        ({"protocols": {"SSL 3.0": (GOOD,), "TLS 1.2": (GOOD,), "TLS 1.3": (NEW,)}}, "tls-protocol-old", "C"),
    ],
)
def test_known_holes_are_told_and_bound_the_grade(how: dict[str, object], check: str, grade: str) -> None:
    given = seen(**how)
    looks = (protocols.flaws, keys.flaws, features.flaws)
    flaws = [flaw for look in looks for flaw in look(given)]
    assert [flaw.check for flaw in flaws] == [check]
    assert graded(given, flaws).letter == grade


def test_a_connection_is_pushed_down_only_where_there_is_something_below() -> None:
    assert "tls-fallback" not in found(seen(fallback=False))
    old = {"TLS 1.1": (GOOD,), "TLS 1.2": (GOOD,)}
    assert "tls-fallback" in found(seen(fallback=False, protocols=old))


def test_what_public_authorities_may_give_depends_on_when_they_gave_it() -> None:
    spring = msgspec.structs.replace(LEAF, starts=1_773_532_800.0 - DAY, ends=NOW + 100 * DAY)
    assert "tls-certificate-long" not in found(seen(spring))  # 398 days, given the day before
    later = msgspec.structs.replace(LEAF, starts=NOW - DAY, ends=NOW + 210 * DAY)
    assert found(seen(later)) == {"tls-certificate-long"}


def test_a_certificate_of_no_log_is_told_only_where_it_is_public() -> None:
    unlogged = (Deployment(chain=(), trusted=True, timestamps=0),)
    assert found(seen(certificates=unlogged)) == {"tls-certificate-unlogged"}
    assert found(msgspec.structs.replace(seen(certificates=unlogged), private=True)) == set()


@pytest.mark.parametrize(("days", "risk"), [(31, None), (29, 3.0), (13, 5.0), (6.9, 7.0)])
def test_the_end_of_a_certificate_is_told_in_three_steps(days: float, risk: float | None) -> None:
    leaf = msgspec.structs.replace(LEAF, starts=NOW - 150 * DAY, ends=NOW + days * DAY)
    assert [flaw.risk for flaw in certificates.flaws(seen(leaf))] == ([] if risk is None else [risk])


def test_a_certificate_of_a_week_is_not_always_about_to_end() -> None:
    short = msgspec.structs.replace(LEAF, starts=NOW - 2 * DAY, ends=NOW + 4 * DAY)
    assert found(seen(short)) == set()


@pytest.mark.parametrize(
    ("name", "host", "fits"),
    [("*.shop.test", "www.shop.test", True), ("*.shop.test", "shop.test", False), ("*.shop.test", "a.b.shop.test", False),
     ("Shop.Test", "shop.test.", True), ("192.0.2.1", "192.0.2.1", True), ("*", "test", False)],
)  # fmt: skip
def test_names(name: str, host: str, fits: bool) -> None:
    assert names_fit((name,), host) is fits


def test_a_profile_is_held_to_or_says_why_not() -> None:
    assert reasons(seen(), profile_of("intermediate")) == ()
    said = " ".join(reasons(seen(), profile_of("modern")))
    assert "It speaks TLS 1.2." in said
    assert "ECDHE-ECDSA-AES128-GCM-SHA256" in said
    with pytest.raises(Invalid, match="modern, intermediate, old"):
        profile_of("newest")


@given(st.lists(st.sampled_from(["B", "C", "F", "A-", "A", ""]), max_size=6))
def test_a_grade_is_never_better_than_a_flaw_allows(caps: list[str]) -> None:
    from vedette.instruments.scan.tls.flaws.types import Flaw

    flaws = [
        Flaw(check=f"c{n}", title="It is wrong", risk=1.0, why="", fix="", cap=cap)
        for n, cap in enumerate(caps)
    ]
    grade = graded(seen(), flaws)
    worst = max((cap for cap in caps if cap), key=GRADES.index, default="A+")
    assert grade.letter == worst
    assert len(grade.reasons) == sum(1 for cap in caps if cap)


def test_points_are_those_of_the_guide() -> None:
    assert score(seen()) == 93  # protocols 100, a key worth 3072 bits 90, ciphers between 80 and 100
    assert score(seen(protocols={"TLS 1.2": (cipher("TLS_RSA_WITH_NULL_SHA", "NULL-SHA", 0), GOOD)})) < 80


def test_the_header_counts_only_where_browsers_heed_it() -> None:
    without = {"header": Header(present=False)}
    assert found(seen(**without)) == {"tls-hsts"}
    assert found(seen(**without, client_certificate="OPTIONAL")) == set()
    numbered = msgspec.structs.replace(
        seen(**without), name="192.0.2.1", chain=(msgspec.structs.replace(LEAF, names=("192.0.2.1",)),)
    )
    assert found(numbered) == set()


def test_what_is_no_certificate_is_said() -> None:
    with pytest.raises(ValueError):
        leaves(("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",))


@pytest.mark.parametrize("area", ["tls", "ports"])
def test_every_check_has_its_row(area: str) -> None:
    folder = Path(scan.__path__[0]) / area
    named = {
        name
        for path in folder.rglob("*.py")
        for name in re.findall(r'(?:check=|_Sort\(\s*)"([a-z0-9.-]+)"', path.read_text())
    }
    page = (Path(__file__).parents[3] / f"docs/scans/{area}.md").read_text()
    assert len(named) >= 3
    assert [name for name in sorted(named) if f"`{name}`" not in page] == []
