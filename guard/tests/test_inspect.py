"""Attempts to attack are told of, and where the policy says so refused, in every door; nothing else changes."""

import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.tests.doors import Act, Ask, Door
from guard.tests.vedette import Told
from vedette_guard import Inspect, PathPolicy, Policy, PolicyError
from vedette_guard.decisions.attacks import html, parts, sql
from vedette_guard.decisions.attacks.views import decode, views
from vedette_guard.inspect import snippet
from vedette_guard.inspecting import Found, Inspector, Looked, segments, values
from vedette_guard.prefilter import MISSING, prefilter

FORM = ("content-type", "application/x-www-form-urlencoded")
MULTIPART = ("content-type", "multipart/form-data; boundary=xyz")
SQL = "q=1%27%20or%20%271%27=%271"
MONITOR = Policy(inspect=Inspect(engine="re2"))
BLOCK = Policy(inspect=Inspect(mode="block", engine="re2"))


@pytest.fixture(scope="module")
def inspector() -> Inspector:
    """Return an inspector by RE2, which needs no time to start."""
    return Inspector("re2")


def field(name: str, value: str, more: str = "") -> bytes:
    """Return one part of a form."""
    return f'--xyz\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'.encode()


ATTEMPTS: list[tuple[str, str, Ask]] = [
    ("sqli", "query", Ask(query=SQL)),
    ("xss", "query", Ask(query="q=%3Cscript%3Ealert(1)%3C/script%3E")),
    ("traversal", "query", Ask(query="file=..%2f..%2f..%2fetc%2fpasswd")),
    ("traversal", "path", Ask(path="/files/../../../etc/passwd")),
    ("rce", "query", Ask(query="host=example.com;cat%20/etc/x%20-n")),
    ("ssrf", "query", Ask(query="url=http://169.254.169.254/latest/")),
    ("sqli", "header", Ask(headers=[("user-agent", "' or sleep(5)--")])),
    ("xss", "cookie", Ask(headers=[("cookie", "a=b; c=%3Cscript%3Ealert(1)%3C/script%3E")])),
    ("sqli", "header", Ask(headers=[("referer", f"https://shop.example/a?{SQL}")])),
    ("sqli", "form", Ask(method="POST", headers=[FORM], chunks=[b"a=b&", SQL.encode()])),
    ("xss", "json", Ask(method="POST", headers=[("content-type", "application/json")],
                        chunks=[json.dumps({"a": [{"b": "\"><img src=x onerror=alert(1)>"}]}).encode()])),
    ("sqli", "xml", Ask(method="POST", headers=[("content-type", "application/xml")],
                        chunks=[b'<a b="1&#39; or &#39;1&#39;=&#39;1"/>'])),
    ("rce", "form", Ask(method="POST", headers=[MULTIPART],
                        chunks=[field("a", "$(cat /etc/passwd)") + b"--xyz--\r\n"])),
    ("traversal", "filename", Ask(method="POST", headers=[MULTIPART],
                                  chunks=[field("f", "x", '; filename="../../x.php"') + b"--xyz--\r\n"])),
]  # fmt: skip


def test_attempts_are_told_of_and_let_in(door: Door) -> None:
    for family, where, ask in ATTEMPTS:
        told, act = Told(), Act()
        answer = door.open(act, MONITOR, listener=told)(ask)
        assert (answer.status, answer.starts) == (200, 1), (family, where)
        assert act.seen[-1]["body"] == b"".join(ask.chunks)
        details = {(one["detail"]["family"], one["detail"]["where"]): one["detail"] for one in told.heard}
        assert (family, where) in details, (family, where, told.heard)
        assert int(details[family, where]["score"]) >= 5
        assert {one["kind"] for one in told.heard} == {"inspect"}


def test_attempts_are_refused_where_the_policy_blocks(door: Door) -> None:
    for family, where, ask in ATTEMPTS:
        told, act = Told(), Act()
        answer = door.open(act, BLOCK, listener=told)(ask)
        assert (answer.status, answer.starts, act.seen) == (403, 1, []), (family, where)
        assert b"looks like an attack" in answer.body
        assert b"passwd" not in answer.body, "the client is told nothing of what gave it away"
        assert family in {one["detail"]["family"] for one in told.heard}
        assert all("snippet" in one["detail"] for one in told.heard)


def test_what_attacks_nothing_passes_as_it_came(door: Door) -> None:
    told, act = Told(), Act()
    ask = door.open(act, BLOCK, listener=told)
    long = b"text=" + b"It's O'Brien & sons; a union hotel -- or not? " * 300
    for body in (b"a=b", b"name=O%27Brien", long):
        assert ask(method="POST", headers=[FORM], chunks=[body[:9], body[9:]]).status == 200
        assert act.seen[-1]["body"] == body
    assert ask(query="q=select+a+union+hotel").status == 200
    assert told.heard == []


def test_policies_of_paths_look_or_do_not(door: Door) -> None:
    told = Told()
    off, block = (
        PathPolicy(inspect=Inspect(mode="off")),
        PathPolicy(inspect=Inspect(mode="block", engine="re2")),
    )
    ask = door.open(Act(), MONITOR.but(paths={"/raw": off, "/admin": block}), listener=told)
    assert ask(path="/raw/x", query=SQL).status == 200
    assert ask(path="/raw", method="POST", headers=[FORM], chunks=[SQL.encode()]).status == 200
    assert told.heard == []
    assert ask(path="/admin/x", query=SQL).status == 403
    assert ask(path="/", query=SQL).status == 200
    assert [one["path"] for one in told.heard] == ["/admin/x", "/"]


def test_only_the_beginning_of_a_body_is_looked_at_and_that_is_told(door: Door) -> None:
    told, act = Told(), Act()
    ask = door.open(act, Policy(inspect=Inspect(body=100, mode="block", engine="re2")), listener=told)
    late = b"a=" + b"x" * 200 + b"&" + SQL.encode()
    assert ask(method="POST", headers=[FORM], chunks=[late[:150], late[150:]]).status == 200
    assert act.seen[-1]["body"] == late
    early = SQL.encode() + b"&a=" + b"x" * 200
    assert ask(method="POST", headers=[FORM], chunks=[early]).status == 403
    assert told.heard[-1]["detail"]["looked_at"] == "the first 100 bytes of the body"


def test_thresholds_and_families_are_the_policys(door: Door) -> None:
    for said in (Inspect(threshold=100, engine="re2"), Inspect(families=("xss",), engine="re2")):
        told = Told()
        door.open(Act(), Policy(inspect=said), listener=told)(query=SQL)
        assert told.heard == []


def test_an_application_that_reads_lines_gets_them_all() -> None:
    from vedette_guard import WsgiGuard

    body, lines = b"a=1\nb=2\n" + b"c" * 300 + b"\nlast", []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        lines.extend(environ["wsgi.input"])
        start_response("200 OK", [])
        return [b"ok"]

    from guard.tests.doors import ask_wsgi

    guarded = WsgiGuard(app, Policy(inspect=Inspect(body=50, engine="re2")))
    assert (
        ask_wsgi(guarded, Ask(method="POST", headers=[("content-type", "text/plain")], chunks=[body])).status
        == 200
    )
    assert lines == [b"a=1\n", b"b=2\n", b"c" * 300 + b"\n", b"last"]


def test_policies_that_cannot_be_meant() -> None:
    for table, said in (
        ({"mode": "on"}, "guard.inspect.mode"), ({"families": ["sql"]}, "sqli, xss"), ({"threshold": 0}, "threshold"),
        ({"modus": "off"}, "did you mean `mode`"),
    ):  # fmt: skip
        with pytest.raises(PolicyError, match=said):
            Policy.from_mapping({"inspect": table})
    read = Policy.from_mapping({"inspect": {}, "paths": {"/x": {"inspect": {"mode": "off"}}}})
    assert read.inspect == Inspect()
    assert read.paths["/x"].inspect == Inspect(mode="off")


def test_without_a_library_the_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("hyperscan", "re2"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(PolicyError, match="vedette-guard\\[inspect\\]"):
        prefilter(["a"])
    assert "pip install" in MISSING


def test_without_hyperscan_re2_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    assert prefilter(["b+", "x"])(b"aBBc") == [0]


def test_compiled_patterns_are_kept_for_their_owner_only(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert prefilter(["b+"], "hyperscan")(b"aBBc") == [0]
    (kept,) = (tmp_path / "vedette-guard").iterdir()
    whole = kept.read_bytes()
    assert prefilter(["b+"], "hyperscan")(b"abc") == [0]
    for broken in (whole[: len(whole) // 2], b""):
        kept.write_bytes(broken)
        assert prefilter(["b+"], "hyperscan")(b"abc") == [0]
        assert kept.read_bytes() == whole
    kept.chmod(0o666)
    assert prefilter(["b+"], "hyperscan")(b"abc") == [0], "a file that others may write is not loaded"
    assert kept.stat().st_mode & 0o022 == 0
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/none")
    assert prefilter(["b+"], "hyperscan")(b"abc") == [0]


def test_snippets_show_no_secrets() -> None:
    def of(text: str, name: str = "q") -> str:
        return snippet(Found("sqli", "query", name, 5, "", text))

    assert of("' or 1=1", "password") == "…"
    assert of("jane@example.com' or 1=1 and 4111111111111111") == "…@…' or 1=1 and …"
    assert len(of("x " * 500)) <= 81


HIDDEN = [
    ("%253Cscript%253Ealert(1)", "<script>alert(1)"),
    ("&#x3c;script&gt;alert&lpar;1&rpar;", "<script>alert(1)"),
    ("\\u003cscript\\x3ealert(1)", "<script>alert(1)"),
    ("＜script＞alert(1)", "<script>alert(1)"),
    ("<scr\0ipt>alert(1)", "<script>alert(1)"),
]


@pytest.mark.parametrize(("sent", "read"), HIDDEN)
def test_what_is_hidden_by_encodings_is_found(inspector: Inspector, sent: str, read: str) -> None:
    assert decode(decode(sent)) == read
    body = json.dumps({"a": sent}).encode()
    found = inspector.look(Looked("/", (), "application/json", body))
    assert [one.family for one in found if one.score >= 5] == ["xss"]


def test_statements_with_comments_and_cases_are_statements(inspector: Inspector) -> None:
    for sent in (
        "1/**/uNiOn/**/sElEcT/**/1,2,3--",
        "1 /*!50000union*/ /*!50000select*/ 1,2",
        "-1%0aunion%0aselect%0a1,2",
    ):
        found = inspector.look(Looked("/?q=" + sent.replace(" ", "+")))
        assert "sqli" in {one.family for one in found if one.score >= 5}, sent


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="'\"`\\/*-#;()<>=&|%$@{}[] \n\0abon1", max_size=200))
def test_whatever_comes_is_judged_without_an_error(text: str) -> None:
    assert sql.judge(text).score in (0, 5)
    assert html.judge(text).score in (0, 5)
    assert len(views(text)) <= 4


@settings(max_examples=50, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(["application/json", FORM[1], MULTIPART[1], "text/xml", "text/plain", ""]),
)
def test_whatever_body_comes_is_taken_apart(body: bytes, kind: str) -> None:
    looked = Looked("/?" + body[:20].decode("latin-1"), (), kind, body)
    assert all(part.where for segment in segments(looked) for part in values(looked, segment))
    assert len(list(parts.pairs("form", body))) <= 2 * parts.MOST


HOSTILE = [
    "'" * 60_000, "/*" * 30_000, "<" * 60_000, "<a " + "b " * 30_000, "(" * 60_000, "$(" * 30_000, "a=" * 30_000, "\\" * 60_000,
    "../" * 20_000, "or " * 20_000, "' or " * 12_000, "a(/**/" * 10_000, "&#x" * 20_000, "%25" * 20_000, "{a," * 20_000,
    "?" * 60_000, ";sh " * 15_000, "http://" * 8_000, "=" * 60_000, " " * 60_000, "select " * 8_000, "<!--" * 15_000, "\"on" * 20_000,
]  # fmt: skip


@pytest.mark.timeout(20)
@pytest.mark.parametrize("size", [300, pytest.param(60_000, marks=pytest.mark.deep)])
def test_hostile_values_take_time_by_their_size_only(inspector: Inspector, size: int) -> None:
    for value in HOSTILE:
        body = json.dumps({"a": value[:size]}).encode()
        inspector.look(Looked("/", (), "application/json", body))
