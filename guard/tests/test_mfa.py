"""The second factor: RFC 6238's vectors, codes that are good for once, recovery codes, passkeys."""

import csv
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.tests.clock import Clock
from tests.support.authenticator import PRESENT, Authenticator, packed, unpacked
from vedette_guard.decisions import recovery, totp
from vedette_guard.decisions.totp import Totp, code_at
from vedette_guard.mfa import Factors, PasskeyRefused, Passkeys
from vedette_guard.stores import MemoryStore, SqliteStore, Store

HOME = "198.51.100.7"
SEED = b"12345678901234567890"
SITE = "https://shop.example"


def now_code(clock: Clock, secret: str, steps: int = 0) -> str:
    return code_at(totp.secret_of(secret), int(clock.now // 30) + steps, Totp())


@dataclass
class World:
    clock: Clock
    store: Store
    factors: Factors

    def enrol(self, user: str = "ann") -> tuple[str, tuple[str, ...]]:
        """Enrol an authenticator, a minute ago; return its secret and the recovery codes."""
        begun = self.factors.begin_totp(user)
        codes = self.factors.confirm_totp(user, now_code(self.clock, begun.secret))
        assert codes is not None
        self.clock.now += 60
        return begun.secret, codes


@pytest.fixture
def world() -> World:
    clock, store = Clock(), MemoryStore()
    passkeys = Passkeys("shop.example", "Shop")
    return World(clock, store, Factors(store, "Shop", passkeys=passkeys, clock=clock))


# -- codes ------------------------------------------------------------------------------------------------------------


def test_the_vectors_of_rfc_6238(corpora: Path) -> None:
    seeds = {"SHA1": SEED, "SHA256": (SEED * 2)[:32], "SHA512": (SEED * 4)[:64]}
    with (corpora / "totp" / "rfc6238.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 18
    for row in rows:
        rules = Totp(row["algo"], digits=8)
        now = float(row["time"])
        assert code_at(seeds[row["algo"]], int(now // 30), rules) == row["totp8"]
        assert totp.judge(seeds[row["algo"]], row["totp8"], now, -1, rules).ok


@pytest.mark.parametrize(("steps", "ok"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_one_step(steps: int, ok: bool) -> None:
    code = code_at(SEED, 100 + steps, Totp())
    assert totp.judge(SEED, code, 100 * 30 + 5, -1, Totp()).ok == ok


def test_a_code_is_taken_once_and_no_older_one_after_it() -> None:
    now = 100 * 30.0
    first = totp.judge(SEED, code_at(SEED, 100, Totp()), now, -1, Totp())
    assert (first.ok, first.step) == (True, 100)
    again = totp.judge(SEED, code_at(SEED, 100, Totp()), now, first.step, Totp())
    assert (again.ok, again.reason) == (False, "This code was used; wait for the next one.")
    assert not totp.judge(SEED, code_at(SEED, 99, Totp()), now, first.step, Totp()).ok
    assert totp.judge(SEED, code_at(SEED, 101, Totp()), now, first.step, Totp()).ok


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\ud800", "0" * 100_000, "\0"]
)
def test_no_text_is_a_code_by_accident(code: str) -> None:
    assert not totp.judge(SEED, code, 3000.0, -1, Totp()).ok


def test_codes_are_read_as_people_write_them() -> None:
    code = code_at(SEED, 100, Totp())
    assert totp.judge(SEED, f" {code[:3]} {code[3:]}\n", 3000.0, -1, Totp()).ok
    assert totp.judge(SEED, f"{code[:3]}-{code[3:]}", 3000.0, -1, Totp()).ok


def test_the_address_of_a_qr_code() -> None:
    address = totp.uri(SEED, "ann: a/b@shop.example", "Shop & Söhne", Totp(digits=8))
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Shop & Söhne:ann: a/b@shop.example"
    assert parts.path.count(":") == 1, "what is not the issuer's end is quoted"
    assert parse_qs(parts.query) == {
        "secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], "issuer": ["Shop & Söhne"], "algorithm": ["SHA1"],
        "digits": ["8"], "period": ["30"],
    }  # fmt: skip
    assert "+" not in parts.query, "authenticators show a plus as a plus"


@pytest.mark.parametrize("said", [{"algorithm": "MD5"}, {"digits": 4}, {"period": 1}, {"drift": 9}])
def test_rules_that_cannot_be_meant(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Totp"):
        Totp(**said)


def test_secrets_are_read_as_people_type_them() -> None:
    assert totp.secret_of("gezd gnbv-gy3tqojqGEZDGNBVGY3TQOJQ") == SEED
    with pytest.raises(ValueError, match="base32"):
        totp.secret_of("not base32!")


def test_recovery_codes_are_long_and_read_as_people_write_them() -> None:
    code = recovery.text_of(bytes(range(15)))
    assert len(code.replace("-", "")) * 5 == 120
    kept = [recovery.digest("other"), recovery.digest(code)]
    sloppy = code.upper().replace("-", " ").replace("B", "8").replace("O", "0").replace("L", "1")
    assert recovery.find(sloppy, kept) == recovery.digest(code)
    assert recovery.find(code[:-1], kept) is None
    assert recovery.find("\ud800" * 100_000, kept) is None


# -- enrolled -------------------------------------------------------------------------------------------------------


def test_an_authenticator_is_enrolled_by_its_first_code_only(world: World) -> None:
    factors, clock = world.factors, world.clock
    begun = factors.begin_totp("ann", "ann@shop.example")
    assert factors.begin_totp("ann").secret == begun.secret, "a page may be loaded again"
    clock.now += 601
    seen, begun = begun, factors.begin_totp("ann")
    assert begun.secret != seen.secret, "who saw the one of long ago knows nothing"
    assert factors.confirm_totp("ann", "000000") is None
    assert not factors.has("ann")
    assert factors.check("ann", now_code(clock, begun.secret), HOME).ok is False, "it is not enrolled yet"
    codes = factors.confirm_totp("ann", now_code(clock, begun.secret))
    assert codes is not None
    assert len(set(codes)) == 10
    assert (factors.has("ann").totp, factors.has("ann").codes) == (True, 10)
    assert not factors.check("ann", now_code(clock, begun.secret), HOME).ok, "the first code is used"
    assert factors.confirm_totp("ann", now_code(clock, begun.secret)) is None, "nothing is begun"


def test_a_code_passes_once_and_so_does_a_recovery_code(world: World) -> None:
    secret, codes = world.enrol()
    code = now_code(world.clock, secret)
    first = world.factors.check("ann", code, HOME)
    assert (first.ok, first.kind, first.user) == (True, "totp", "ann")
    assert world.factors.check("ann", code, HOME).reason == "This code was used; wait for the next one."
    outcome = world.factors.check("ann", codes[3], HOME)
    assert (outcome.ok, outcome.kind, outcome.reason) == (True, "recovery", "A recovery code; 9 are left.")
    assert not world.factors.check("ann", codes[3], HOME).ok
    assert not world.factors.check("bob", codes[4], HOME).ok


def test_new_recovery_codes_end_the_old_ones_and_removal_ends_all(world: World) -> None:
    secret, codes = world.enrol()
    fresh = world.factors.renew_codes("ann")
    assert not world.factors.check("ann", codes[0], HOME).ok
    assert world.factors.check("ann", fresh[0], HOME).ok
    world.factors.remove_totp("ann")
    assert (bool(world.factors.has("ann")), world.factors.has("ann").codes) == (False, 0)
    assert not world.factors.check("ann", now_code(world.clock, secret), HOME).ok


def check(world: World, code: str, passed: list[bool]) -> None:
    passed.append(world.factors.check("ann", code, HOME).ok)


def test_of_two_requests_with_one_code_one_passes(tmp_path: Path) -> None:
    clock = Clock()
    store = SqliteStore(tmp_path / "factors.db")
    world = World(clock, store, Factors(store, "Shop", clock=clock))
    secret, codes = world.enrol()
    for code in (now_code(clock, secret), codes[0]):
        passed: list[bool] = []
        threads = [threading.Thread(target=check, args=(world, code, passed)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(passed) == [False, False, False, True]
    store.close()


def test_guesses_are_throttled_and_wait_longer_each_time(world: World) -> None:
    secret, _ = world.enrol()
    waits = []
    for _ in range(12):
        outcome = world.factors.check("ann", "000000", HOME)
        waits.append(outcome.wait)
        world.clock.now += outcome.wait
    assert waits == [0, 0, 0, 0, 0, 2, 0, 4, 0, 8, 0, 16]
    outcome = world.factors.check("ann", "000000", HOME)
    outcome = world.factors.check("ann", now_code(world.clock, secret), HOME)
    assert (outcome.ok, outcome.wait) == (False, 32), "the right code has to wait, too"


def test_what_is_kept_shows_no_code_and_sealed_no_secret(world: World) -> None:
    class Reversed:
        def seal(self, text: str, *context: str) -> str:
            return ":".join((*context, text[::-1]))

        def open(self, sealed: str, *context: str) -> str:
            *found, text = sealed.split(":")
            assert tuple(found) == context
            return text[::-1]

    world.factors = Factors(world.store, "Shop", seals=Reversed(), clock=world.clock)
    secret, codes = world.enrol()
    kept = repr(world.store.__dict__)
    assert secret not in kept
    assert secret[::-1] in kept
    assert not any(code in kept for code in codes)
    assert world.factors.check("ann", now_code(world.clock, secret), HOME).ok


# -- passkeys -------------------------------------------------------------------------------------------------------


class Counting(Authenticator):
    """An authenticator that counts how often it was used."""

    uses = 0

    def _data(self, place: str, flags: int) -> bytes:
        return super()._data(place, flags)[:-4] + self.uses.to_bytes(4, "big")


def asked(options: str) -> str:
    return json.dumps({"publicKey": json.loads(options)})


def made(world: World, key: Authenticator, user: str = "ann") -> None:
    question = world.factors.ask_for_passkey(user)
    world.factors.add_passkey(user, question.kept, key.make(asked(question.options)), "  my\nkey ")


def test_a_passkey_signs_in_with_and_without_a_name(world: World) -> None:
    key = Counting(SITE)
    made(world, key)
    (kept,) = world.factors.has("ann").passkeys
    assert (kept.name, kept.uses) == ("my key", 0)
    for user in ("", "ann"):
        key.uses += 1
        question = world.factors.ask_to_use_passkey(user)
        assert json.loads(question.options)["userVerification"] == "required"
        assert [one["id"] for one in json.loads(question.options)["allowCredentials"]] == (
            [kept.id] if user else []
        )
        outcome = world.factors.use_passkey(question.kept, key.use(asked(question.options)), HOME, user)
        assert (outcome.ok, outcome.kind, outcome.user) == (True, "passkey", "ann"), outcome.reason
    assert world.factors.has("ann").passkeys[0].uses == 2


def test_a_question_fits_json_so_that_a_session_keeps_it(world: World) -> None:
    question = world.factors.ask_for_passkey("ann")
    assert json.loads(json.dumps(question.kept)) == question.kept
    assert json.loads(question.options)["user"]["id"] not in ("YW5u", "ann"), "the handle is no name"


def other_origin(world: World, key: Counting, kept: Any) -> Any:
    key.origin = "https://shop.example.evil.example"
    return kept


def other_challenge(world: World, key: Counting, kept: Any) -> Any:
    return {**kept, "challenge": packed(bytes(64))}


def other_kind(world: World, key: Counting, kept: Any) -> Any:
    return world.factors.ask_for_passkey("ann").kept


def too_late(world: World, key: Counting, kept: Any) -> Any:
    world.clock.now += 300
    return kept


def unverified(world: World, key: Counting, kept: Any) -> Any:
    key.flags = PRESENT
    return kept


def copied(world: World, key: Counting, kept: Any) -> Any:
    key.uses = 4
    return kept


def other_key(world: World, key: Counting, kept: Any) -> Any:
    key.key = Authenticator().key
    return kept


def stranger(world: World, key: Counting, kept: Any) -> Any:
    key.id = b"another credential of 32 bytes.."
    return kept


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (other_origin, "origin"),
        (other_challenge, "challenge"),
        (other_kind, "nothing was asked"),
        (lambda *_: None, "nothing was asked"),
        (too_late, "too late"),
        (unverified, "verification"),
        (copied, "sign count"),
        (other_key, "signature"),
        (stranger, "none of this user's"),
    ],
)
def test_answers_that_prove_nothing(world: World, lie: Any, why: str) -> None:
    key = Counting(SITE)
    key.uses = 5
    made(world, key)
    question = world.factors.ask_to_use_passkey("ann")
    key.uses += 1
    kept = lie(world, key, question.kept)
    outcome = world.factors.use_passkey(kept, key.use(asked(question.options)), HOME, "ann")
    assert (outcome.ok, outcome.user) == (False, "")
    assert why in outcome.reason


def test_making_is_refused_for_what_was_not_asked(world: World) -> None:
    key = Authenticator(SITE)
    question = world.factors.ask_for_passkey("ann")
    answer = key.make(asked(question.options))
    with pytest.raises(PasskeyRefused, match="nothing was asked"):
        world.factors.add_passkey("ann", {}, answer)
    with pytest.raises(PasskeyRefused, match="too long"):
        world.factors.add_passkey("ann", question.kept, " " * 70_000)
    world.factors.add_passkey("ann", question.kept, answer)
    with pytest.raises(PasskeyRefused, match="there already"):
        world.factors.add_passkey("ann", question.kept, answer)
    assert world.factors.remove_passkey("ann", world.factors.has("ann").passkeys[0].id)
    assert not world.factors.remove_passkey("ann", "again")
    assert not world.factors.has("ann")


def test_all_factors_of_a_user_are_forgotten(world: World) -> None:
    secret, codes = world.enrol()
    key = Authenticator(SITE)
    made(world, key)
    world.factors.forget("ann")
    assert (bool(world.factors.has("ann")), world.factors.has("ann").codes) == (False, 0)
    question = world.factors.ask_to_use_passkey()
    assert not world.factors.use_passkey(question.kept, key.use(asked(question.options)), HOME).ok
    assert not world.factors.check("ann", codes[0], HOME).ok
    assert secret not in repr(world.store.__dict__)


JSON = st.recursive(st.one_of(st.none(), st.integers(), st.text(max_size=8)), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "rawId", "type", "response", "userHandle", "signature"]), inner, max_size=4), max_leaves=8)  # fmt: skip


@given(said=st.one_of(st.text(max_size=30), JSON.map(json.dumps)), data=st.data())
@settings(max_examples=25, deadline=None)
def test_whatever_a_browser_answers_is_refused_and_raises_nothing_else(
    said: str, data: st.DataObject
) -> None:
    clock = Clock()
    world = World(
        clock,
        MemoryStore(),
        Factors(MemoryStore(), "Shop", passkeys=Passkeys("shop.example", "Shop"), clock=clock),
    )
    key = Authenticator(SITE)
    question = world.factors.ask_for_passkey("ann")
    making = key.make(asked(question.options))
    world.factors.add_passkey("ann", question.kept, making)
    asking = world.factors.ask_to_use_passkey("ann")
    right = json.loads(key.use(asked(asking.options)))
    field = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]))
    raw = bytearray(unpacked(right["response"][field]))
    at, kept = (data.draw(st.integers(0, 9999)) % len(raw) for _ in range(2))
    cut = data.draw(st.booleans())
    raw[at] ^= data.draw(st.integers(1, 255))
    bent = {
        **right,
        "response": {**right["response"], field: packed(bytes(raw[:kept] if cut else raw))},
    }
    for answer in (said, json.dumps(bent)):
        assert not world.factors.use_passkey(asking.kept, answer, HOME, "ann").ok
        with pytest.raises(PasskeyRefused):
            world.factors.add_passkey("ann", question.kept, answer)
