"""How much a request may bring: sizes, depth, multipart, time."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guard.tests.clock import Clock
from guard.tests.doors import DOORS, Act, Ask, Door, ask_asgi, ask_wsgi
from vedette_guard import Csrf, Guard, Limits, Policy, WsgiGuard
from vedette_guard.decisions.jsondepth import JsonDepth
from vedette_guard.decisions.limits import Body
from vedette_guard.decisions.multipart import Multipart, boundary, headers_fault

JSON = ("content-type", "application/json")
FORM = ("content-type", "multipart/form-data; boundary=xyz")
SMALL = Policy(limits=Limits(body=100, headers=600, json_depth=3, parts=2, part_headers=200, preamble=20))


def part(name: str = "a", data: bytes = b"1", more: str = "") -> bytes:
    return f'--xyz\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + data + b"\r\n"


END = b"--xyz--\r\n"


def test_a_body_may_have_so_many_bytes_and_no_more(door: Door) -> None:
    act = Act()
    ask = door.open(act, SMALL)
    assert ask(method="POST", chunks=[b"x" * 100]).status == 200
    assert act.seen[-1]["body"] == b"x" * 100
    answer = ask(method="POST", chunks=[b"x" * 101])
    assert (answer.status, len(act.seen)) == (413, 1)
    assert b"more than 100 bytes" in answer.body
    assert ask(method="POST", chunks=[b"x"] * 100, length=False).status in (200, 411)
    answer = ask(method="POST", chunks=[b"x" * 60, b"x" * 60], length=False)
    assert answer.status == (411 if door.kind.startswith("django") else 413), "found out while it came"
    assert answer.starts == 1
    assert answer.one("x-content-type-options") == "nosniff"


def test_a_length_that_is_none_is_refused(door: Door) -> None:
    ask = door.open(Act(), SMALL)
    for length in ("-1", "1e3", "0x10", "1, 1", "٣", "9" * 30):
        if door.name == "wsgi" or (door.kind != "asgi" and not length.isascii()):
            continue  # the validator, or the server, minds before
        sent = length.encode().decode("latin-1")
        assert ask(method="POST", headers=[("content-length", sent)]).status == 400, length
    both = [("transfer-encoding", "chunked")]
    assert ask(method="POST", chunks=[b"x"], headers=both).status == 400


def test_headers_may_have_so_many_bytes_and_no_more(door: Door) -> None:
    act = Act()
    ask = door.open(act, SMALL)
    assert ask(headers=[("x-a", "x" * 500)]).status == 200
    assert ask(headers=[("x-a", "x" * 600)]).status == 431
    assert ask(headers=[(f"x-{n}", "x" * 50) for n in range(20)]).status == 431
    assert len(act.seen) == 1


def test_json_may_be_so_deep_and_no_deeper(door: Door) -> None:
    act = Act()
    ask = door.open(act, SMALL)
    assert ask(method="POST", headers=[JSON], chunks=[b'{"a": [{"b": "[[[[{{{{\\"[["}]}']).status == 200
    answer = ask(method="POST", headers=[JSON], chunks=[b'{"a": [{"b"', b": []}]}"])
    assert (answer.status, answer.starts) == (400, 1)
    assert b"deeper than 3" in answer.body
    assert (
        ask(
            method="POST", headers=[("content-type", "Application/Problem+JSON; a=b")], chunks=[b"[[[[]]]]"]
        ).status
        == 400
    )
    assert ask(method="POST", headers=[("content-type", "text/plain")], chunks=[b"[[[[]]]]"]).status == 200


BAD_FORMS: list[tuple[str, tuple[str, str], bytes]] = [
    ("no boundary", ("content-type", "multipart/form-data"), part() + END),
    ("an empty boundary", ("content-type", 'multipart/form-data; boundary=""'), part() + END),
    ("a long boundary", ("content-type", "multipart/form-data; boundary=" + "x" * 71), part() + END),
    ("two boundaries", ("content-type", "multipart/form-data; boundary=xyz; boundary=abc"), part() + END),
    ("a boundary with a quote", ("content-type", 'multipart/form-data; boundary=x"yz'), part() + END),
    ("a preamble", FORM, b"x" * 40 + b"\r\n" + part() + END),
    ("many parts", FORM, part() * 3 + END),
    ("bare LF", FORM, (part() + END).replace(b"\r\n", b"\n")),
    ("headers without end", FORM, b"--xyz\r\nX: " + b"x" * 300),
    ("long headers", FORM, part(more="; x=" + "x" * 200) + END),
    ("filename beside filename*", FORM, part(more="; filename=\"a.txt\"; filename*=UTF-8''a.php") + END),
    ("two filenames", FORM, part(more='; filename="a.txt"; filename="a.php"') + END),
    ("a filename in pieces", FORM, part(more='; filename*0="a.t"; filename*1="xt"') + END),
    ("NUL in a filename", FORM, part(more='; filename="a.php\0.txt"') + END),
    ("two dispositions", FORM, b"--xyz\r\nContent-Disposition: form-data; name=a\r\ncontent-disposition: form-data; "
     b"name=b\r\n\r\n1\r\n" + END),
    ("a boundary that goes on", FORM, part() + b"--xyzzy\r\n\r\n" + END),
]  # fmt: skip
FEW = Policy(limits=Limits(body=2000, parts=2, part_headers=200, preamble=20), csrf=Csrf(on=False))


def test_multipart_bodies_that_have_two_meanings_are_refused(door: Door) -> None:
    act = Act()
    ask = door.open(act, FEW)
    for name, kind, body in BAD_FORMS:
        answer = ask(method="POST", headers=[kind], chunks=[body])
        assert (answer.status, answer.starts) == (400, 1), name
    assert not act.seen


def test_multipart_bodies_of_browsers_pass(door: Door) -> None:
    act = Act()
    ask = door.open(act, FEW)
    quoted = ("content-type", 'Multipart/Form-Data; charset=utf-8; boundary="x y:z"')
    upload = part(more='; filename="a; filename=b.txt"', data=b"\r\n--xy\r\n--xyy" * 5)
    for kind, body in (
        (FORM, part() + upload + END),
        (FORM, part(data=b"") + END),
        (FORM, b"hello\r\n" + part() + END + b"epilogue"),
        (FORM, END),
        (FORM, part(more="; filename*=UTF-8''na%C3%AFve.txt") + END),
        (quoted, (part() + END).replace(b"xyz", b"x y:z")),
    ):
        assert ask(method="POST", headers=[kind], chunks=[body]).status == 200, body
        assert act.seen[-1]["body"] == body


def cut(body: bytes, places: list[int]) -> list[bytes]:
    """Return a body in pieces."""
    ends = sorted({place % (len(body) + 1) for place in places})
    starts = [0, *ends]
    return [body[a:b] for a, b in zip(starts, [*ends, len(body)], strict=True)]


def verdict(scanner: Any, pieces: list[bytes]) -> str:
    """Return the first reason to refuse."""
    return next((reason for piece in pieces if (reason := scanner.feed(piece))), "")


QUICK = settings(max_examples=60, deadline=None)
PLACES = st.lists(st.integers(0, 5000), max_size=12)


@QUICK
@given(st.sampled_from(BAD_FORMS[5:]), PLACES)
def test_however_a_bad_form_comes_it_is_refused(
    form: tuple[str, tuple[str, str], bytes], places: list[int]
) -> None:
    assert verdict(Multipart(b"xyz", FEW.limits), cut(form[2], places))


@QUICK
@given(st.lists(st.binary(max_size=60), max_size=2), PLACES)
@example([b"\r\n--xy", b"--xy\r\n"], [1, 2, 3])
def test_however_a_good_form_comes_it_passes(parts: list[bytes], places: list[int]) -> None:
    body = b"".join(part(data=data.replace(b"--xyz", b"")) for data in parts) + END
    assert verdict(Multipart(b"xyz", FEW.limits), cut(body, places)) == ""


def test_a_large_form_takes_time_by_its_size_only() -> None:
    scanner = Multipart(b"xyz", Limits(parts=0))
    assert verdict(scanner, [part(data=b"x" * 10) * 5_000]) == ""
    assert verdict(Multipart(b"xyz", Limits()), [part(data=b"\r\n-" * 300_000) + END]) == ""


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("multipart/form-data; boundary=abc", b"abc"), ('multipart/mixed; a=b; BOUNDARY="a b"', b"a b"),
        ("multipart/form-data; boundary=a b", None), ("multipart/form-data; boundary='abc'", b"'abc'"),
        ("multipart/form-data; boundary=abc ; x=y", b"abc"), ('multipart/form-data; boundary="abc ', None),
        ("multipart/form-data; boundary=a,b", b"a,b"), ("multipart/form-data; xboundary=abc", None),
        ('multipart/form-data; boundary="a "', None), ("multipart/form-data; boundary=ab\u00fc", None),
    ],
)  # fmt: skip
def test_boundaries(kind: str, found: bytes | None) -> None:
    assert boundary(kind) == found


def test_names_in_quotes_are_no_names() -> None:
    assert (
        headers_fault(b'Content-Disposition: form-data; name="; filename=x; filename=y"; filename="a\\"b"')
        == ""
    )


# -- JSON ---------------------------------------------------------------------------------------------------------

values = st.recursive(
    st.none() | st.integers() | st.text(alphabet='[]{}"\\ a\n\u00fc', max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(alphabet='[{"\\', max_size=3), inner, max_size=3)
    ),
    max_leaves=20,
)


def depth(value: Any) -> int:
    """Return how deep a value nests."""
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@QUICK
@given(values, PLACES, st.booleans())
def test_depth_is_counted_right_however_the_body_comes(value: Any, places: list[int], plain: bool) -> None:
    pieces = cut(json.dumps(value, ensure_ascii=plain).encode(), places)
    deep = depth(value)
    assert verdict(JsonDepth(max(deep, 1)), pieces) == ""
    if deep > 1:
        # the least bound that refuses: only bodies in one piece with few brackets are not looked into
        assert verdict(JsonDepth(deep - 1), pieces)


def test_hostile_json_takes_time_by_its_size_only() -> None:
    for body in (b'"' + b'\\"' * 100_000, b'"\\' * 100_000, b'"' * 100_000, b"[" * 64 + b'"\\\\' * 100_000):
        for size in (len(body), 1000):
            verdict(JsonDepth(64), [body[n : n + size] for n in range(0, len(body), size)])


# -- time ---------------------------------------------------------------------------------------------------------


def test_a_body_has_time_and_earns_more_by_coming() -> None:
    watch = Body(Limits(body_time="30s", body_rate=100), None)
    assert watch.left() == 30.0
    assert watch.feed(b"x" * 1000, 10.0) is None
    assert watch.left() == 30.0
    late = watch.feed(b"x", 35.0)
    assert late is not None
    assert late.status == 408
    endless = Body(Limits(body_time="0s"), None)
    assert (endless.feed(b"x", 1e9), endless.left()) == (None, None)
    unearned = Body(Limits(body_rate=0), None)
    assert unearned.feed(b"", 31.0) is None
    assert unearned.left() == 0


def test_an_application_that_reads_late_gets_a_body_that_was_there() -> None:
    clock, policy = Clock(), Policy(limits=Limits(body_time="1s"))
    asked = Ask(method="POST", chunks=[b"here"])

    def late(environ: Any, start_response: Any) -> list[bytes]:
        clock.now += 60
        body = environ["wsgi.input"].read()
        start_response("200 OK", [])
        return [body]

    async def later(scope: Any, receive: Any, send: Any) -> None:
        clock.now += 60
        body = (await receive())["body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    for answer in (
        ask_wsgi(WsgiGuard(late, policy, clock=clock), asked),
        ask_asgi(Guard(later, policy, clock=clock), asked),
    ):
        assert (answer.status, answer.body) == (200, b"here")


@pytest.mark.parametrize("door", [door for door in DOORS if door.kind != "asgi"], ids=lambda door: door.name)
def test_a_body_that_came_too_slowly_is_refused_between_reads(door: Door) -> None:
    clock = Clock()
    policy = Policy(limits=Limits(body_time="1s"))

    class Slow(Act):
        def saw(self, cookie: str | None, body: bytes) -> None:
            raise AssertionError("it read the body")

    def later() -> float:
        clock.now += 2
        return clock.now

    answer = door.open(Slow(), policy, clock=later)(method="POST", chunks=[b"x"])
    assert (answer.status, answer.starts) == (408, 1)
