"""Passwords: what is refused, what is verified, and that nobody learns who exists."""

import hashlib
import io
import logging
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from vedette.plumbing.breaches import builder, reader

from vedette_guard.decisions import strength
from vedette_guard.doors.django_passwords import Argon2Hasher, PasswordValidator
from vedette_guard.extras import need
from vedette_guard.passwords import (
    BreachesAway,
    BreachFilter,
    BreachRanges,
    Cost,
    Hashes,
    Passwords,
    fetch_range,
)

GOOD = "quilt harbor nine lemons"
CHEAP = Cost(memory=64, time=1)


def codes(password: str, passwords: Passwords | None = None, **said: Any) -> list[str]:
    return [one.code for one in (passwords or Passwords(hashes=Hashes(CHEAP))).problems(password, **said)]


def filter_of(path: Path, *words: str) -> Path:
    """Build a filter as Vedette does."""
    builder.build(io.BytesIO("\n".join(words).encode()), path, 1_764_000_000.0)
    return path


# -- what somebody chose --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("kX9#mQ2$vB7", ["short"]),
        (GOOD, []),
        ("quiltharbor lemons", []),
        ("ffffffffffffffff", ["guessable"]),
        ("passwordpassword", ["guessable"]),
        ("qwertyuiop12", ["guessable"]),
        (GOOD * 11, ["long"]),
        ("クジラ港檸檬九つ青い雨傘通り", []),
        ("﷽", ["short"]),
        ("ﷺ" * 60, ["long"]),
    ],
)
def test_length_and_guessing_decide_and_no_rule_about_characters(password: str, found: list[str]) -> None:
    assert codes(password) == found


def test_eight_characters_are_enough_with_a_second_factor() -> None:
    assert codes("kX9mQ2vB7", mfa=True) == []
    assert codes("kX9mQ2v", mfa=True) == ["short"]
    (said,) = Passwords(hashes=Hashes(CHEAP)).problems("kX9mQ2v")
    assert str(said) == "Use at least 12 characters; this has 7."


def test_names_of_the_person_and_the_site_do_not_count() -> None:
    passwords = Passwords(site="Hedgehogs & Sons", hashes=Hashes(CHEAP))
    assert codes("quorvimbex71", passwords) == []
    assert codes("quorvimbex71", passwords, about=["quorvimbex@shop.example", "Quorvimbex 71"]) == [
        "guessable"
    ]
    assert codes("quorvimbex71", passwords, about=["x" * 100_000] * 50) == [], (
        "the words of one are not another's"
    )


def test_a_long_password_takes_no_longer_to_judge() -> None:
    assert strength.LOOKED_AT == 72
    assert codes(("correct" * 40)[:256]) == ["guessable"]


@given(st.text(st.characters(), max_size=300))
@settings(max_examples=25, deadline=None)
def test_any_text_is_judged(password: str) -> None:
    assert len(codes(password)) <= 1


# -- leaked ---------------------------------------------------------------------------------------------------------


def test_a_filter_of_vedettes_is_read_and_says_what_vedette_says(tmp_path: Path) -> None:
    leaked = [f"{GOOD} {n}" for n in range(300)]
    path = filter_of(tmp_path / "passwords.filter", *leaked)
    ours = BreachFilter(path)
    others = [f"other {n}" for n in range(300)]
    for password in (*leaked, *others, "", "é", "\ud800"):
        assert ours.holds(password) == reader.holds(path, password)
    assert all(map(ours.holds, leaked))
    passwords = Passwords(ours, hashes=Hashes(CHEAP))
    (said,) = passwords.problems(leaked[7])
    assert (said.code, said.text) == ("leaked", strength.LEAKED)
    assert passwords.problems(GOOD) == ()
    composed, wide = "ﬁne quilt harbor lemons", "fine quilt harbor lemons"
    assert codes(composed, Passwords(BreachFilter(filter_of(path, wide)), hashes=Hashes(CHEAP))) == ["leaked"]


def test_the_words_are_the_servers() -> None:
    from vedette.accounts import passwords as servers

    assert (servers.LEAKED, servers.SHORTEST, servers.LONGEST, servers.SCORE) == (
        strength.LEAKED, strength.SHORTEST, strength.LONGEST, strength.SCORE,
    )  # fmt: skip
    for password in ("short", "ffffffffffffffff", "passwordpassword", "x" * 300, GOOD):
        ours = tuple(one.text for one in Passwords(hashes=Hashes(CHEAP)).problems(password))
        assert ours == servers.problems(password)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda raw: b"", "it is not a filter"),
        (lambda raw: b"x" * 200, "it is not a filter"),
        (lambda raw: raw[:20] + b"\xff" + raw[21:], "header is damaged"),
        (lambda raw: raw[:-1], "cut off"),
        (lambda raw: raw[:-8] + b"\xff" * 8, "index is damaged"),
    ],
)
def test_a_damaged_filter_is_told_at_the_start(
    tmp_path: Path, damage: Callable[[bytes], bytes], why: str
) -> None:
    path = filter_of(tmp_path / "passwords.filter", "one")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BreachesAway, match=why):
        BreachFilter(path)
    with pytest.raises(BreachesAway, match="No such file"):
        BreachFilter(tmp_path / "none")


def test_what_breaks_later_is_logged_and_judged_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = filter_of(tmp_path / "passwords.filter", GOOD)
    passwords = Passwords(BreachFilter(path), hashes=Hashes(CHEAP))
    assert codes(GOOD, passwords) == ["leaked"]
    path.unlink()
    with caplog.at_level(logging.WARNING):
        assert codes(GOOD, passwords) == []
    assert "without looking whether it was leaked" in caplog.text
    assert GOOD not in caplog.text


def test_a_range_service_is_told_five_digits_only() -> None:
    hashed = hashlib.sha1(GOOD.encode(), usedforsecurity=False).hexdigest().upper()
    asked: list[str] = []

    def fetch(prefix: str) -> str:
        asked.append(prefix)
        return f"{'0' * 35}:7\r\n{hashed[5:]}:12\r\n" if prefix == hashed[:5] else f"{'F' * 35}:0\r\n"

    ranges = BreachRanges(fetch)
    assert ranges.holds(GOOD)
    assert not ranges.holds("another password")
    assert [len(prefix) for prefix in asked] == [5, 5]
    assert not BreachRanges(lambda prefix: f"{hashed[5:]}:0").holds(GOOD), "padding is none"


def test_a_range_is_fetched_padded_and_a_service_that_fails_is_away() -> None:
    seen: list[tuple[str, str | None]] = []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers["Add-Padding"]))
            self.send_response(200 if self.path.endswith(("ABCDE", "00000")) else 503)
            if self.path.endswith("00000"):
                self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"0:1\r\n")

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        service = f"http://127.0.0.1:{server.server_port}/range/"
        assert fetch_range("ABCDE", service) == "0:1\r\n"
        with pytest.raises(BreachesAway, match="503"):
            BreachRanges(lambda prefix: fetch_range(prefix, service)).holds(GOOD)
        with pytest.raises(BreachesAway, match="no whole answer came"):
            BreachRanges(lambda prefix: fetch_range("00000", service)).holds(GOOD)
        server.shutdown()
    assert seen[0] == ("/range/ABCDE", "true")


# -- hashes ---------------------------------------------------------------------------------------------------------


def test_hashes_are_argon2id_of_owasps_cost() -> None:
    stored = Passwords().hash(GOOD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert Passwords().verify(stored, GOOD).ok
    assert not Passwords().verify(stored, GOOD + " ").ok


def test_a_password_is_the_same_however_it_was_composed() -> None:
    hashes = Hashes(CHEAP)
    stored = hashes.hash("Å ﬁne p\u0041\u030ass")
    assert hashes.verify(stored, "\u212b fine pÅss").ok


def test_who_signs_in_gets_a_hash_of_todays_cost() -> None:
    cheap, dear = Hashes(CHEAP), Hashes(Cost(memory=128, time=2))
    stored = cheap.hash(GOOD)
    assert cheap.verify(stored, GOOD).rehash is None
    verified = dear.verify(stored, GOOD)
    assert verified.ok
    assert verified.rehash is not None
    assert "$m=128,t=2,p=1$" in verified.rehash
    assert dear.verify(verified.rehash, GOOD).rehash is None
    assert dear.verify(stored, "wrong").rehash is None


def test_hashes_of_an_older_kind_are_replaced_at_sign_in() -> None:
    def older(stored: str, given: str) -> bool:
        return stored == f"plain${given}"

    hashes = Hashes(CHEAP, older=older)
    verified = hashes.verify(f"plain${GOOD}", GOOD)
    assert verified.ok
    assert (verified.rehash or "").startswith("$argon2id$")
    assert not hashes.verify(f"plain${GOOD}", "wrong").ok
    assert not Hashes(CHEAP).verify(f"plain${GOOD}", GOOD).ok


class Counted:
    """Argon2 that notes what it is asked to do."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.asked = inner, []

    def verify(self, stored: str, given: bytes) -> bool:
        self.asked.append((stored.rpartition("$")[0].rpartition("$")[0], len(stored)))
        return bool(self.inner.verify(stored, given))


@pytest.mark.parametrize("given", [GOOD, "", "x" * 300, "\ud800"])
def test_for_nobody_and_for_what_is_too_long_the_same_work_is_done(given: str) -> None:
    hashes = Hashes(CHEAP)
    stored = hashes.hash(GOOD)
    counted = hashes._hasher = Counted(hashes._hasher)
    for known in (stored, None, "", "!unusable", "md5$x"):
        verified = hashes.verify(known, given + "!")
        assert (verified.ok, verified.reason) == (False, "The password is wrong.")
    assert counted.asked == [counted.asked[0]] * 5, "the same parameters, the same sizes"


@pytest.mark.parametrize("stored", ["", "$argon2id$", "$argon2id$v=19$m=1,t=1,p=1$x$y", "nonsense", "\0"])
def test_a_hash_that_is_none_is_no_password(stored: str) -> None:
    assert not Hashes(CHEAP).verify(stored, GOOD).ok


def test_what_is_too_long_is_never_hashed() -> None:
    with pytest.raises(ValueError, match="at most 256"):
        Hashes(CHEAP).hash("x" * 257)


def test_a_missing_library_names_its_extra() -> None:
    with pytest.raises(ImportError, match=r"pip install 'vedette-guard\[passwords\]'"):
        need("no_such_library.part", "passwords")


# -- Django ---------------------------------------------------------------------------------------------------------


def test_djangos_validator_says_the_same(tmp_path: Path) -> None:
    path = filter_of(tmp_path / "passwords.filter", GOOD)
    validator = PasswordValidator(filter=str(path), site="Shop")
    with pytest.raises(ValidationError) as caught:
        validator.validate(GOOD)
    assert [error.code for error in caught.value.error_list] == ["leaked"]
    validator.validate("another quilt, nine harbors")
    assert PasswordValidator(mfa=True).get_help_text().startswith("At least 8 characters")


def test_djangos_hasher_has_the_guards_cost_and_normal_form() -> None:
    hasher = Argon2Hasher()
    encoded = hasher.encode("ﬁne password", "0123456789abcdefABCDEF")
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert hasher.verify("fine password", encoded)
    assert not hasher.verify("fine password" + "x" * 300, encoded)
    assert not hasher.must_update(encoded)
