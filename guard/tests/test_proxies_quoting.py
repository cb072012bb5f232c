"""Whatever a policy says, its configuration is accepted and says it: nothing in a value is read as anything else."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guard.tests.proxied import HOST, Application, Proxy, ports, rendered, why_refused
from vedette_guard import (
    Cookies,
    Cors,
    Csrf,
    Headers,
    Https,
    Limits,
    PathPolicy,
    Policy,
    PolicyError,
    Proxies,
    Rate,
    Reports,
)
from vedette_guard.proxies import caddy_text, nginx_text, places
from vedette_guard.proxies.site import ProxyError
from vedette_guard.structured import MOST_INTEGER

pytestmark = pytest.mark.xdist_group("proxies")
NASTY = st.text(st.sampled_from("ab /;,{}$\"'`\\#~%.()*|[]<>=-_ü\n\t"), max_size=12)
VALUE = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
    st.text(st.sampled_from("a\"'`\\{}$%# ;"), max_size=12),
    st.sampled_from(
        [
            "{$HOME}",
            "{path}",
            "{http.request.uri}",
            "$host",
            "${host}",
            "\\{x}",
            "\\",
            '\\"`',
            "} respond `x`",
            '"; return 200; #',
        ]
    ),
)
SOURCE = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=",;"), min_size=1, max_size=12
)
PATH = NASTY.map(lambda text: "/" + text)
NAME = st.text(st.sampled_from("abC-_!#$%&'*+.^`|~09"), min_size=1, max_size=20)
HOSTS = st.sampled_from(
    ["shop.example", "*.shop.example", "a_b", "[::1]", "localhost:8000", "*", "x.example.", "10.0.0.1:1"]
)
NUMBER = st.one_of(st.integers(0, 10), st.integers(0, 2**80))
REQUESTS = st.one_of(st.integers(1, 10), st.integers(1, MOST_INTEGER))
DURATION = st.sampled_from(["0s", "1s", "30s", "7m", "1d", "99999y"])
ORIGIN = st.sampled_from(
    ["https://a.example", "http://[::1]:8000", "https://x_y.example:443", "capacitor://localhost"]
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Return policies of any values that a policy may have."""
    several = lambda of: st.lists(of, max_size=3).map(tuple)  # noqa: E731
    headers = st.builds(
        Headers, csp=st.dictionaries(st.sampled_from(["img-src", "script-src"]), several(SOURCE)), cache=VALUE,
        frames=st.sampled_from([(), ("'self'",), ("'none'",), ("https://a.example",)]), ours=several(NAME), remove=several(NAME),
        report_only=st.booleans(),
    )  # fmt: skip
    limits = st.builds(
        Limits, body=NUMBER, headers=NUMBER, json_depth=NUMBER, body_time=DURATION, body_rate=NUMBER
    )
    csrf = st.builds(
        Csrf, on=st.booleans(), trusted=several(ORIGIN), exempt=several(PATH), same_site=st.booleans()
    )
    cookies = st.builds(
        Cookies,
        http_only=st.sampled_from(["off", "sessions", "all"]),
        readable=several(NAME),
        untouched=several(NAME),
    )
    https = st.builds(Https, redirect=st.booleans(), plain=several(PATH), hsts=st.sampled_from(["off", "1y"]))
    by = st.sampled_from(
        ["address", "user", "key", "route", "header:X-A", "header:a!b", "cookie:sid", "cookie:a-b"]
    )
    rates = st.builds(
        Rate, name=st.just("x"), limit=REQUESTS, per=st.sampled_from(["1s", "7m", "1w"]), burst=REQUESTS,
        by=st.lists(by, min_size=1, max_size=3).map(tuple), paths=several(PATH), methods=several(st.sampled_from(["GET", "A B", "Ü;$"])),
    )  # fmt: skip
    below = st.builds(PathPolicy, https=https, headers=headers, csrf=csrf, cookies=cookies, limits=limits)
    return Policy(
        https=draw(https), hosts=draw(several(HOSTS)), headers=draw(headers), csrf=draw(csrf), cookies=draw(cookies),
        limits=draw(limits), rates=draw(st.lists(rates, max_size=1).map(tuple)), cors=Cors(draw(several(ORIGIN))),
        proxies=Proxies(draw(several(st.sampled_from(["10.0.0.0/8", "unix", "::1", "2001:db8::/32"])))),
        reports=Reports(url=draw(st.sampled_from(["", "https://v.example/?a=$b&c='{d}'", "https://v.example/`x`"]))),
        paths=draw(st.dictionaries(PATH, below, max_size=2)),
    )  # fmt: skip


def accepted(kind: str, policy: Policy) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = rendered(kind, Path(folder), policy)
        except PolicyError:
            return  # a policy that cannot be meant is told before anything is written
        assert why_refused(kind, Path(folder), made) == ""
        comments = made.text[: made.text.index("\n", made.text.rindex("\n# -"))]
        assert all(line.startswith("#") for line in comments.split("\n"))


@pytest.mark.parametrize("kind", ["nginx", "caddy"])
@settings(max_examples=4, deadline=None)
@given(policies())
def test_any_policy_is_accepted(kind: str, policy: Policy) -> None:
    accepted(kind, policy)


@pytest.mark.deep
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["nginx", "caddy"])
@settings(max_examples=400, deadline=None)
@given(policies())
def test_very_many_policies_are_accepted(kind: str, policy: Policy) -> None:
    accepted(kind, policy)


def says_what_was_meant(kind: str, values: list[str], folder: Path) -> None:
    """Serve each value as the Cache-Control of a path of its own, and read it back over a socket."""
    secure, plain = ports(2)
    application = Application()
    paths = {f"/v{n}": PathPolicy(headers=Headers(cache=value)) for n, value in enumerate(values)}
    policy = Policy(https=Https(port=secure), hosts=(HOST,), paths=paths)
    proxy = Proxy(kind, folder, policy, application.address, plain)
    try:
        for n, value in enumerate(values):
            got = proxy.ask(f"/v{n}").one("cache-control")
            told = any(
                repr(value) in f"{sentence}" or json.dumps(value) in sentence
                for sentence in proxy.rendering.missing
            )
            assert (got or "").strip() == value.strip() or (told and got is None), (value, got)
    finally:
        proxy.close()
        application.close()


@pytest.mark.parametrize("kind", ["nginx", "caddy"])
@settings(max_examples=1, deadline=None)
@given(st.lists(VALUE, min_size=15, max_size=15))
def test_values_arrive_as_they_were_meant(kind: str, values: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        says_what_was_meant(kind, values, Path(folder))


@pytest.mark.deep
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["nginx", "caddy"])
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.large_base_example, HealthCheck.data_too_large],
)
@given(st.lists(VALUE, min_size=60, max_size=60))
def test_very_many_values_arrive_as_they_were_meant(kind: str, values: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        says_what_was_meant(kind, values, Path(folder))


def test_a_long_value_is_cut_into_words_that_nginx_reads() -> None:
    text = nginx_text.Text()
    assert text.literal("short") == '"short"'
    assert text.literal("x" * 6000).count("${guard_text") == 4
    with pytest.raises(ProxyError, match="too long"):
        nginx_text.quote("x" * 4000)


def test_what_a_caddyfile_cannot_say_is_refused() -> None:
    for text in ("{$HOME}", 'a\\"`', "`\\", "}"):
        with pytest.raises(ProxyError):
            caddy_text.value(text)
    assert caddy_text.value("a}b") == '"a}b"'
    assert caddy_text.value("{a}") == "`\\{a\\}`"


def test_no_comment_reads_on_into_what_follows(tmp_path: Path) -> None:
    """Caddy puts variables of the environment into comments as well."""
    policy = Policy(headers=Headers(cache="{$HOME"), hosts=(HOST,))
    made = rendered("caddy", tmp_path, policy)
    assert any("{$HOME" in sentence for sentence in made.missing)
    assert why_refused("caddy", tmp_path, made) == ""


def test_expressions_hold_nothing_of_a_text_but_letters() -> None:
    assert places.under("/a.b", places.pcre) == r"^/a\x2eb(/|\z)"
    assert places.under("/ü", places.pcre) == r"^/\xc3\xbc(/|\z)"
    assert places.under("/ü(", places.re2) == r"^/\x{fc}\x{28}(/|\z)"
