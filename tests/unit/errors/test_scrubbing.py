"""Secrets go, whatever they stand in; what is no secret stays; the page can say which rule took what."""

import json
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.errors.conftest import delivery

from vedette.errors.normalize import normalize
from vedette.errors.scrubbing import scrubber
from vedette.errors.secrets import BUILT_IN, Names, is_card
from vedette.errors.types import Event
from vedette.projects.types import ScrubRules

CARD = "4111 1111 1111 1111"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"
SECRET = "hunter2-Xq"


def scrubbed(sent: object = None, rules: ScrubRules = ScrubRules(), **changes: object) -> Event:  # noqa: B008 - frozen
    return normalize(delivery(sent, **changes), scrubber(rules)).event


def everything(event: Event) -> str:
    return json.dumps(event.data) + event.title + event.message + event.culprit + str(event.tags)


@pytest.mark.parametrize(
    "key",
    [
        "password", "Password", "PASSWORD", "user_password", "passwd", "passphrase", "pwd", "secret", "client_secret", "secretKey",
        "token", "access_token", "refreshToken", "csrftoken", "api_key", "apiKey", "X-Api-Key", "authorization", "Authorization",
        "Proxy-Authorization", "cookie", "Set-Cookie", "cookies", "csrf", "XSRF-TOKEN", "sessionid", "session_id", "PHPSESSID",
        "credit_card", "cardNumber", "cvv", "private_key", "aws_secret_access_key", "credentials",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["extra", "contexts", "vars", "pairs", "named", "tags", "deep"])
def test_values_under_a_secrets_name_go(key: str, place: str) -> None:
    sent = {
        "extra": {"extra": {key: SECRET}},
        "contexts": {"contexts": {"mine": {key: SECRET}}},
        "vars": {"exception": [{"type": "E", "stacktrace": {"frames": [{"vars": {key: SECRET}}]}}]},
        "pairs": {"request": {"headers": [["Host", "x"], [key, SECRET]]}},
        "named": {"extra": {"form": [{"name": key, "value": SECRET}]}},
        "tags": {"tags": [[key, SECRET]]},
        "deep": {"extra": {"a": [{"b": [[{key: {"inner": SECRET}}]]}]}},
    }[place]
    event = scrubbed(sent)
    assert SECRET not in everything(event)
    assert "[Filtered: " in json.dumps(event.data)
    assert any("Hidden by scrubbing rules: 1 values" in note.what for note in event.notes)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"https://x/?token={SECRET}&page=2", SECRET),
        (f"https://x/?a=1&sig={SECRET}", SECRET),
        (f"a=1&password={SECRET}&b=2", SECRET),
        (f"login with password={SECRET}, then fail", SECRET),
        (f'{{"user": "anna", "password": "{SECRET}"}}', SECRET),
        (f"{{'user': 'anna', 'api_key': '{SECRET}'}}", SECRET),
        (f"PASSWORD = '{SECRET}'", SECRET),
        (f"Authorization: Bearer {SECRET}123", SECRET),
        (f"Cookie: sessionid={SECRET}; theme=dark", SECRET),
        (f"calling with Bearer {SECRET}0123456789", SECRET),
        (f"sent {JWT} to them", JWT),
        (f"key is {PEM} here", "MIIEpAIBAAKCAQEA"),
        ("key is -----BEGIN PRIVATE KEY-----\nMIIEpAIB", "MIIEpAIB"),
        (f"postgres://shop:{SECRET}@db.example/shop", SECRET),
        (f"redis://:{SECRET}@cache/0", SECRET),
        (f"paid with {CARD} today", CARD),
        ("paid with 4111111111111111 today", "4111111111111111"),
        ("token ghp_0123456789abcdefghijABCDEFGHIJ012345 leaked", "ghp_0123456789"),
        ("key AKIAIOSFODNN7EXAMPLE leaked", "AKIAIOSFODNN7"),
    ],
)
@pytest.mark.parametrize("place", ["message", "exception", "crumb", "body", "query", "url", "list"])
def test_texts_lose_their_secrets_and_keep_the_rest(text: str, hidden: str, place: str) -> None:
    sent = {
        "message": {"message": text},
        "exception": {"exception": [{"type": "E", "value": text}]},
        "crumb": {"breadcrumbs": [{"message": text}]},
        "body": {"request": {"data": text}},
        "query": {"request": {"query_string": text}},
        "url": {"request": {"url": text}},
        "list": {"extra": {"list": ["short", text, 3]}},
    }[place]
    event = scrubbed(sent)
    assert hidden not in everything(event)
    assert "[Filtered: " in everything(event)


def test_the_rest_of_a_text_stays() -> None:
    assert (
        scrubbed({"message": f"GET /a?token={SECRET}&page=2 failed"}).message
        == "GET /a?token=[Filtered: token]&page=2 failed"
    )
    assert (
        scrubbed({"message": f"postgres://shop:{SECRET}@db/x"}).message
        == "postgres://shop:[Filtered: password]@db/x"
    )
    assert scrubbed({"message": f"password='{SECRET}' no"}).message == "password='[Filtered: password]' no"


@pytest.mark.parametrize(
    "sent",
    [
        {"extra": {"password": "", "token": None, "cookie": False, "secret": []}},
        {"extra": {"max_tokens": 100, "token_count": 7, "tokenizer": "bpe", "author": "anna", "passport": "x", "keyboard": "us"}},
        {"message": "Invalid token, please sign in again; the password must have 12 characters"},
        {"message": "basic authentication failed for bearer of this letter"},
        {"message": "order 4111111111111112 of 1764000000123456 and 0000000000000000"},
        {"message": "mail anna@example.org via http://example.org:8080/path"},
        {"extra": {"password": "[Filtered]", "cookie": "[Filtered]"}},
        {"modules": {"django-secret-token": "1.0", "cookies": "2.2"}},
        {"exception": [{"type": "E", "stacktrace": {"frames": [{"context_line": "  token = request.headers.get('X-Token')",
                                                                 "pre_context": ["    password=password, secret=self.secret)"]}]}}]},
        {"request": {"headers": {"Cookie": "[Filtered]"}}, "_meta": {"request": {"headers": {"Cookie": {"": {"rem": [["!config", "s"]]}}}}}},
        {"contexts": {"trace": {"trace_id": "0123456789abcdef0123456789abcdef"}}},
    ],
)  # fmt: skip
def test_what_is_no_secret_stays(sent: dict[str, object]) -> None:
    event = scrubbed(sent)
    assert "Filtered:" not in json.dumps(event.data)
    assert {key: event.data[key] for key in sent} == sent or "exception" in sent
    assert not event.notes


def test_a_secret_written_into_the_source_goes() -> None:
    frame = {"context_line": f'connect(password="{SECRET}")', "pre_context": [f"TOKEN = '{SECRET}'"]}
    event = scrubbed({"exception": [{"type": "E", "stacktrace": {"frames": [frame]}}]})
    assert SECRET not in everything(event)
    assert 'connect(password=\\"[Filtered: password]\\")' in everything(event)


def test_names_within_what_goes_stay_readable() -> None:
    event = scrubbed({"request": {"cookies": {"theme": "dark", "sid": "x"}, "headers": [["Cookie", "a=b"]]}})
    request = event.data["request"]
    assert request["cookies"] == {"theme": "[Filtered: cookie]", "sid": "[Filtered: cookie]"}  # type: ignore[index,call-overload]
    assert request["headers"] == [["Cookie", "[Filtered: cookie]"]]  # type: ignore[index,call-overload]


def test_arguments_of_a_command_line() -> None:
    event = scrubbed(
        {"extra": {"sys.argv": ["run", "--password", SECRET, f"--api-key={SECRET}", "--verbose", "yes"]}}
    )
    assert SECRET not in everything(event)
    assert "yes" in everything(event)


def test_numbers_that_are_cards_or_pins() -> None:
    event = scrubbed(
        {"extra": {"n": 4111111111111111, "list": [4111111111111111], "pin": 1234, "id": 1234567890123456}}
    )
    assert event.data["extra"] == {
        "n": "[Filtered: card]",
        "list": ["[Filtered: card]"],
        "pin": "[Filtered: password]",
        "id": 1234567890123456,
    }


def test_a_projects_own_rules() -> None:
    own = ScrubRules(extra_keys=("customer_no",), safe_keys=("session_id",))
    event = scrubbed(
        {"extra": {"customerNo": "K-17", "Customer-No": "K-18", "session_id": "s-1", "password": SECRET}}, own
    )
    assert event.data["extra"] == {
        "customerNo": "[Filtered: customer_no]", "Customer-No": "[Filtered: customer_no]", "session_id": "s-1",
        "password": "[Filtered: password]",
    }  # fmt: skip
    assert "K-19" not in scrubbed({"message": "failed for customer_no=K-19"}, own).message


def test_addresses_are_masked_when_asked() -> None:
    sent = {
        "user": {"ip_address": "{{auto}}", "id": 1},
        "request": {
            "env": {"REMOTE_ADDR": "9.8.7.6"},
            "headers": {"X-Forwarded-For": "9.8.7.6", "X-Real-Ip": "9.8.7.6"},
        },
    }
    event = scrubbed(sent, ScrubRules(mask_addresses=True), address="9.8.7.6")
    assert "9.8.7.6" not in everything(event)
    assert event.user == "id:1"
    assert "9.8.7.6" in everything(scrubbed(sent, address="9.8.7.6"))


def test_the_defaults_can_be_left_out() -> None:
    none = ScrubRules(defaults=False)
    sent = {"extra": {"password": SECRET, "card": CARD}, "message": f"token={SECRET}"}
    assert scrubbed(sent, none).data == sent


def test_a_name_written_with_escapes_is_seen() -> None:
    payload = b'{"extra": {"pass\\u0077ord": "%b"}, "message": "m"}' % SECRET.encode()
    assert SECRET not in everything(scrubbed(payload=payload))


def test_of_a_name_that_comes_twice_no_value_rests() -> None:
    payload = b'{"extra": {"password": "%b", "password": ""}}' % SECRET.encode()
    made = normalize(delivery(payload=payload), scrubber(ScrubRules()))
    assert made.raw is None or SECRET.encode() not in made.raw


def test_broken_json_is_scrubbed_too() -> None:
    assert SECRET not in everything(
        scrubbed(payload=b'{"extra": {"password": "%b", "x": NaN,}' % SECRET.encode())
    )
    assert SECRET not in everything(scrubbed(payload=('{"password": "' + SECRET + '"}').encode("utf-16")))


@pytest.mark.parametrize(
    ("text", "card"),
    [
        (CARD, True),
        ("5500-0000-0000-0004", True),
        ("340000000000009", True),
        ("4111111111111112", False),
        ("1234567890123", False),
        ("4444444444444444", False),
    ],
)
def test_cards(text: str, card: bool) -> None:
    assert is_card(text) is card


def test_decisions_about_names_are_bounded() -> None:
    names = Names(ScrubRules())
    for n in range(25_000):
        assert names[f"field_{n}"] is None
    assert len(names) <= 10_000
    assert names["x" * 500 + "password"] is None


BOMBS = [
    [f"password=secret-{n}" for n in range(40_000)],
    [4111111111111111] * 50_000,
    {f"key_{n}": "value" for n in range(60_000)} | {"password": "secret-1"},
    ["token"] * 60_000 + ["token=secret-1"],
    ["--password"] * 50_000,
    [["password", "secret-1"]] * 30_000,
    "password=" * 100_000,
    "4" * 900_000,
    "eyJ" * 300_000,
]


@pytest.mark.parametrize(
    "data",
    [one if n % 3 == 0 else pytest.param(one, marks=pytest.mark.deep) for n, one in enumerate(BOMBS)],
    ids=["texts", "cards", "names", "words", "options", "pairs", "one text", "digits", "tokens"],
)
def test_a_bomb_costs_its_size_and_no_more(data: object) -> None:
    begun = process_time()
    event = scrubbed({"extra": {"data": data}})
    assert process_time() - begun < 8
    assert "secret-1" not in everything(event)


SAFE = st.text("abcdefg ", max_size=8)
WORDS = st.sampled_from(
    ["password", "Secret", "apiKey", "auth_token", "set-cookie", "csrf", "session_id", "cvv", "authorization"]
)
PREFIX = st.sampled_from(["", "my_", "user.", "x-"])


@settings(max_examples=200, deadline=None)
@given(
    prefix=PREFIX,
    word=WORDS,
    value=st.text("abcXYZ019", min_size=9, max_size=12),
    around=st.dictionaries(SAFE, SAFE, max_size=3),
    depth=st.integers(0, 6),
)
def test_no_secret_survives_anywhere(
    prefix: str, word: str, value: str, around: dict[str, str], depth: int
) -> None:
    key = word if word in {"cvv"} else prefix + word
    holder: object = {**around, key: value}
    for level in range(depth):
        holder = [holder] if level % 2 else {"in": holder, "and": [1, "two"]}
    event = scrubbed({"extra": {"data": holder}})
    assert value not in everything(event)


def test_every_rule_has_a_name_and_takes_itself() -> None:
    names = Names(ScrubRules())
    samples = {
        "password": "password",
        "secret": "secret",
        "api key": "api_key",
        "authorization": "authorization",
        "csrf": "csrf",
        "cookie": "cookie",
        "session": "session_id",
        "card": "credit_card",
        "token": "token",
    }
    assert {rule.name for rule in BUILT_IN} == set(samples)
    assert all(names[sample] is not None and names[sample].name == rule for rule, sample in samples.items())  # type: ignore[union-attr]
