"""The language of assertions: what it reads, where it says what is wrong, and how it decides."""

import fnmatch
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.instruments.probe.assertions.facts import Facts
from vedette.instruments.probe.assertions.globbing import matches
from vedette.instruments.probe.assertions.judging import first_broken, judge
from vedette.instruments.probe.assertions.reading import read, read_all
from vedette.instruments.probe.assertions.speaking import judges
from vedette.instruments.probe.types import Cause

BODY = {
    "status": "ok", "age": 7, "ratio": 0.5, "on": True, "gone": None, "name": "John Doe", "a.b": 1,
    "items": [{"id": 1}, {"id": 2}], "tags": ["blue", "green"], "empty": [], "text": "a(b)",
}  # fmt: skip
FACTS = Facts(
    connected=True,
    address="192.0.2.7",
    status=200,
    headers={"content-type": "application/json; charset=utf-8", "x-ready": "yes"},
    body=json.dumps(BODY).encode(),
    response_ms=143.2,
    certificate_ms=10 * 86.4e6,
    domain_ms=None,
    rcode="NOERROR",
)
HOLD = [
    "[STATUS] == 200", "[STATUS]==200", "200 == [STATUS]", "[STATUS] != 500", "[STATUS] < 300", "[STATUS] >= 200",
    "[STATUS] == any(200, 204)", "[STATUS] != any(500, 503)", "[STATUS] == pat(2*)", "[status] == 200",
    "[CONNECTED] == true", "[CONNECTED]", "[IP] == 192.0.2.7", "[IP] == pat(192.0.2.*)", "[IP] == any(10.0.0.1, pat(192.*))",
    "[RESPONSE_TIME] < 300", "[RESPONSE_TIME] < 1s", "[RESPONSE_TIME] > 0.1s",
    "[CERTIFICATE_EXPIRATION] > 48h", "[CERTIFICATE_EXPIRATION] > 9d", "[CERTIFICATE_EXPIRATION] < 1w4d",
    "[DNS_RCODE] == NOERROR", "[BODY].status == ok", '[BODY].status == "ok"', "[BODY].status == 'ok'",
    "[BODY].age == 7", "[BODY].age == 7.0", "[BODY].age <= 7", "[BODY].ratio < 0.6", "[BODY].on == true",
    "[BODY].gone == null", "[BODY].name == John Doe", '[BODY]["a.b"] == 1', "[BODY].items[1].id == 2",
    "len([BODY].items) == 2", "len([BODY].name) == 8", "len([BODY].empty) == 0", "has([BODY].items) == true",
    "has([BODY].errors) == false", "has([BODY].items[0].id)", "[BODY] == pat(*John*)", '[BODY] contains "John Doe"',
    "[BODY] !contains error", "[BODY].tags contains green", "[BODY].tags !contains red", '[BODY].text == "a(b)"',
    "[BODY].text == any(x, a(b))", '[BODY].text == pat("a(*")', "[BODY].missing != anything",
    "[HEADER].content-type == pat(application/json*)", '[HEADER]["X-Ready"] == yes', "has([HEADER].x-other) == false",
    '[BODY] == schema({"type": "object", "required": ["status", "items"]})', '[BODY].items == schema({"minItems": 2})',
    '[BODY] != schema({"required": ["nothing"]})', "len([BODY]) == 11", "[BODY].items[0].id == [BODY].items[0].id",
]  # fmt: skip
FAIL = {
    "[STATUS] == 201": "it is 200",
    "[STATUS] > 200": "it is 200",
    "[BODY].age > 10": "it is 7",
    "[BODY].missing == x": "the body has no such part",
    "[BODY].missing < 3": "no such part",
    "[BODY].name < 3": "John Doe is no number",
    "[BODY].items[7].id == 1": "no such part",
    "[BODY].status == OK": "it is ok",
    "[HEADER].x-none == 1": "no such header",
    "[CERTIFICATE_EXPIRATION] > 240h1m": "it is 240.0h",
    "[DOMAIN_EXPIRATION] > 30d": "no registry",
    "[BODY] == schema({\"properties\": {\"age\": {\"maximum\": 5}}})": "age: 7 is greater than the maximum of 5",
    "len([BODY].age) == 1": "no such part",
    "has([BODY].errors)": "it is false",
    "[BODY] contains nothing": "it is",
}  # fmt: skip
WRONG = {
    "": (1, "nothing to assert"),
    "[STATUS] = 200": (10, "write =="),
    "[STATUS] 200": (10, "is no operator"),
    "[STATUS]": (9, "operator is missing"),
    "[STATUS] ==": (12, "is missing"),
    "[STATSU] == 200": (1, "did you mean [STATUS]?"),
    "[NONSENSE] == 1": (1, "there are [STATUS]"),
    "[STATUS == 200": (8, "closing ]"),
    "[STATUS].x == 1": (1, "is one value"),
    "[HEADER] == x": (1, "name one header"),
    "[BODY].a. == x": (10, "a key is missing"),
    "[BODY][x] == 1": (8, "an index is a number"),
    '[BODY].a == "x': (13, "has no end"),
    '[BODY].a == "x" y': (17, "nothing may follow"),
    "length([BODY]) == 1": (1, "did you mean len()?"),
    "[BODY] == foo(x)": (11, "quotes"),
    "[BODY] < pat(x*)": (10, "go with == and !="),
    "[BODY] == pat(x*": (17, "closing )"),
    "[STATUS] == any(200": (20, "closing )"),
    "[STATUS] == any(,)": (17, "a value is missing"),
    "len(200) == 1": (5, "takes a placeholder"),
    "has([BODY].a) == 3": (18, "true or false"),
    "a == b": (1, "neither side"),
    '[BODY] == schema({"type": 3})': (18, "no JSON Schema"),
    '[BODY] == schema({"type": )': (27, "no JSON"),
    '[BODY] == schema({"$ref": "https://evil.example/x"})': (18, "may only lead into the schema"),
    '[BODY] == schema({"pattern": "(?=x)"})': (18, "RE2"),
    "[STATUS] == schema({})": (13, "[BODY]"),
}


@pytest.mark.parametrize("text", HOLD)
def test_it_holds(text: str) -> None:
    judged = judge(read(text), FACTS)
    assert judged.holds, judged.reason


@pytest.mark.parametrize(("text", "why"), FAIL.items())
def test_it_does_not_hold_and_says_why(text: str, why: str) -> None:
    judged = judge(read(text), FACTS)
    assert not judged.holds
    assert why in judged.reason
    assert text in judged.reason


@pytest.mark.parametrize(("text", "column", "why"), [(t, c, w) for t, (c, w) in WRONG.items()])
def test_what_cannot_be_read_is_told_with_its_column(text: str, column: int, why: str) -> None:
    with pytest.raises(Invalid) as told:
        read(text)
    assert f"column {column}:" in str(told.value)
    assert why in str(told.value)


def test_the_first_broken_one_is_named_by_its_number() -> None:
    broken = first_broken(read_all(["[STATUS] == 200", "[BODY].age == 8", "[STATUS] == 1"]), FACTS)
    assert broken is not None
    assert broken[0] == 2
    assert first_broken(read_all(["[STATUS] == 200"]), FACTS) is None


def test_there_is_an_end_to_assertions() -> None:
    with pytest.raises(Invalid, match="100 are the most"):
        read_all(["[STATUS] == 200"] * 101)
    with pytest.raises(Invalid, match="are the most"):
        read("[BODY] == " + "x" * 20_000)
    with pytest.raises(Invalid, match="steps at most"):
        read("[BODY]" + ".a" * 60 + " == 1")


def test_failures_that_assertions_speak_of_are_theirs() -> None:
    assert judges(read_all(["[CONNECTED] == false"]), Cause.REFUSED)
    assert judges(read_all(["has([BODY].x)", "[STATUS] == 404"]), Cause.BAD_STATUS)
    assert not judges(read_all(["[STATUS] == 404"]), Cause.TLS_EXPIRED)
    assert not judges(read_all(["[BODY] contains x"]), Cause.REFUSED)


def test_values_beside_json_are_compared_as_they_are() -> None:
    plain = Facts(body="Grüße".encode("latin-1"), headers={"content-type": "text/plain; charset=ISO-8859-1"})
    assert judge(read("[BODY] == Grüße"), plain).holds
    assert not judge(read("[BODY].a == 1"), plain).holds
    assert not judge(read("[BODY] == schema({})"), plain).holds
    assert judge(read("len([BODY]) == 5"), plain).holds
    odd = Facts(body=b"x", headers={"content-type": "text/plain; charset=rot13"})
    assert judge(read("[BODY] == x"), odd).holds


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"1" * 100_000, b"", b'"\\ud800"']
)
def test_hostile_bodies_break_nothing(body: bytes) -> None:
    facts = Facts(body=body)
    for text in (
        "[BODY].a.b == 1",
        "len([BODY]) > 0",
        "[BODY] == pat(*x*)",
        "[BODY] == 1",
        '[BODY] == schema({"type":"object"})',
        "[BODY] < 5",
    ):
        judge(read(text), facts)


def test_schemas_are_bounded() -> None:
    """Patterns that would take for ever with backtracking, items that would be compared each with each, and loops."""
    began = time.monotonic()
    slow = Facts(body=json.dumps({"a": "a" * 50_000 + "!"}).encode())
    judge(read('[BODY] == schema({"properties":{"a":{"pattern":"^(a+)+$"}}})'), slow)
    many = Facts(body=json.dumps([{"n": n} for n in range(20_000)]).encode())
    assert judge(read('[BODY] == schema({"uniqueItems": true})'), many).holds
    twice = Facts(body=b'[{"a":1,"b":2},{"b":2,"a":1}]')
    assert not judge(read('[BODY] == schema({"uniqueItems": true})'), twice).holds
    loop = judge(read('[BODY] == schema({"$ref": "#"})'), FACTS)
    assert "nested too deeply" in loop.reason
    assert "does not hold" in judge(read('[BODY] == schema({"$ref": "#/$defs/none"})'), FACTS).reason
    keys = judge(read('[BODY] == schema({"patternProperties":{"^a":{"type":"string"}}})'), FACTS)
    assert "is not of type" in keys.reason
    assert time.monotonic() - began < 10.0, "it went on and on"


@given(st.text(alphabet="ab*", max_size=12), st.text(alphabet="ab", max_size=12))
def test_patterns_match_as_globs_do(pattern: str, text: str) -> None:
    assert matches(pattern, text) == fnmatch.fnmatchcase(text, pattern)


def test_patterns_do_not_blow_up() -> None:
    assert not matches("*a" * 5_000 + "b", "a" * 1_000_000)


def problem(text: str) -> str | None:
    try:
        read(text)
    except Invalid as error:
        return str(error)
    return None


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_with_a_column(text: str) -> None:
    said = problem(text)
    assert said is None or "column" in said
    if said is None:
        judge(read(text), FACTS)


NAMES = st.sampled_from(
    ["[STATUS]", "[BODY]", "[BODY].a[0]", "[HEADER].x", "len([BODY].a)", "[IP]", "[RESPONSE_TIME]"]
)
OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "contains", "!contains"])


@given(
    NAMES,
    OPERATORS,
    st.text(alphabet=st.characters(exclude_categories=["C"]), min_size=1, max_size=30),
    st.binary(max_size=60),
)
def test_whatever_is_quoted_is_compared_as_it_is(name: str, operator: str, text: str, body: bytes) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    found = read(f'{name} {operator} "{quoted}"')
    assert found.right.text == text  # type: ignore[union-attr]
    judge(found, Facts(status=200, body=body, headers={"x": text}))


@given(st.integers(-(10**25), 10**25), st.integers(-(10**25), 10**25))
def test_numbers_are_compared_exactly(first: int, second: int) -> None:
    facts = Facts(body=f'{{"n": {first}}}'.encode())
    if -(2**63) <= first < 2**64:
        assert judge(read(f"[BODY].n < {second}"), facts).holds == (first < second)
        assert judge(read(f"[BODY].n == {first}"), facts).holds
