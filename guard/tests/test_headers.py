"""What answers leave with: the policy's headers, the rule for the application's own, nonces, reports."""

import datetime
import re
from dataclasses import replace

import pytest

from guard.tests.doors import Act, Door
from vedette_guard import (
    Cors,
    Csrf,
    Headers,
    Https,
    Inspect,
    Limits,
    PathPolicy,
    Policy,
    Reports,
    client,
    nonce,
)
from vedette_guard.plan import compile_policy
from vedette_guard.presets import PRESETS

HTML = ("Content-Type", "text/html; charset=utf-8")
NONCED = Policy(
    headers=Headers(csp={"script-src": ("'self'", "'nonce'"), "style-src": ("'nonce'",)}, frames=("'none'",))
)
URL = "https://watch.example/api/1/security/?sentry_key=abc"


def directives(csp: str | None) -> dict[str, list[str]]:
    """Return a policy taken apart."""
    parts = [part.split() for part in (csp or "").split(";")]
    assert len({part[0] for part in parts}) == len(parts), "a directive stands twice"
    return {part[0]: part[1:] for part in parts}


def test_the_default_breaks_nothing_and_says_what_is_safe(door: Door) -> None:
    answer = door.open(Act())()
    assert (answer.status, answer.body) == (200, b"ok")
    assert answer.one("x-content-type-options") == "nosniff"
    assert answer.one("referrer-policy") == "strict-origin-when-cross-origin"
    assert answer.one("x-frame-options") == "SAMEORIGIN"
    assert answer.one("cross-origin-opener-policy") == "same-origin-allow-popups"
    assert answer.one("strict-transport-security") == "max-age=300"
    assert directives(answer.one("content-security-policy")) == {
        "base-uri": ["'self'"], "object-src": ["'none'"], "frame-ancestors": ["'self'"],
    }  # fmt: skip


def test_strict_says_everything(door: Door) -> None:
    answer = door.open(Act(headers=[HTML, ("Server", "toy/1"), ("X-Powered-By", "toy")]), "strict")()
    said = directives(answer.one("content-security-policy"))
    assert said["default-src"] == said["base-uri"] == said["frame-ancestors"] == ["'none'"]
    assert said["script-src"] == ["'self'"], "without a nonce asked for, none is there"
    assert said["require-trusted-types-for"] == ["'script'"]
    assert answer.one(
        "permissions-policy",
    ).startswith("accelerometer=(), browsing-topics=(), ")  # type: ignore[union-attr]
    assert (
        answer.one("cross-origin-opener-policy")
        == answer.one("cross-origin-resource-policy")
        == "same-origin"
    )
    assert answer.one("x-frame-options") == "DENY"
    assert answer.one("server") is answer.one("x-powered-by") is None


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_says_anything_twice(name: str) -> None:
    from guard.tests.doors import DOORS

    answer = DOORS[0].open(Act(), name)()
    names = [key for key, _ in answer.headers]
    assert len(set(names)) == len(names)
    directives(answer.one("content-security-policy"))


def test_every_header_can_be_asked_for(door: Door) -> None:
    headers = Headers(
        csp={"img-src": ("https:",), "upgrade-insecure-requests": ()}, csp_report_only={"script-src": ("'self'",)},
        trusted_types="report", frames=("https://a.example",), permissions={"geolocation": ("self", "https://m.example")},
        embedder="require-corp", resource="same-site", cache="no-store", nosniff=False, referrer="",
    )  # fmt: skip
    answer = door.open(Act(), Policy(headers=headers))()
    assert answer.one("content-security-policy") == (
        "img-src https:; upgrade-insecure-requests; frame-ancestors https://a.example"
    )
    only = answer.one("content-security-policy-report-only")
    assert only == "script-src 'self'; require-trusted-types-for 'script'"
    assert answer.one("x-frame-options") is None, "it cannot name other sites"
    assert answer.one("permissions-policy") == 'geolocation=(self "https://m.example")'
    assert answer.one("cross-origin-embedder-policy") == "require-corp"
    assert answer.one("cross-origin-resource-policy") == "same-site"
    assert answer.one("cache-control") == "no-store"
    assert answer.one("x-content-type-options") is answer.one("referrer-policy") is None


def test_a_policy_is_tried_by_reporting_only(door: Door) -> None:
    strict = Policy.preset("strict")
    tried = strict.but(
        headers=replace(strict.headers, report_only=True, csp_report_only={"img-src": ("'none'",)})
    )
    answer = door.open(Act(wants_nonce=True), tried)()
    assert directives(answer.one("content-security-policy")) == {"frame-ancestors": ["'none'"]}
    said = directives(answer.one("content-security-policy-report-only"))
    assert said["script-src"] == ["'self'", f"'nonce-{answer.body.decode()}'"]
    assert (said["img-src"], said["require-trusted-types-for"]) == (["'none'"], ["'script'"])


def test_what_the_application_says_stays_and_is_not_doubled(door: Door) -> None:
    said = [
        HTML, ("Content-Security-Policy", "default-src 'self'"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "unsafe-none"), ("X-Content-Type-Options", "sniff"), ("X-Own", "1"),
    ]  # fmt: skip
    answer = door.open(Act(headers=said))()
    assert answer.one("content-security-policy") == "default-src 'self'"
    assert answer.one("referrer-policy") == "no-referrer"
    assert answer.one("cross-origin-opener-policy") == "unsafe-none"
    assert answer.one("x-content-type-options") == "nosniff"
    assert answer.one("x-own") == "1"


def test_what_the_policy_calls_ours_replaces_what_the_application_says(door: Door) -> None:
    policy = Policy(headers=Headers(ours=("Referrer-Policy", "content-security-policy"), remove=("X-Own",)))
    said = [
        HTML,
        ("Content-Security-Policy", "default-src *"),
        ("Referrer-Policy", "unsafe-url"),
        ("X-Own", "1"),
    ]
    answer = door.open(Act(headers=said), policy)()
    assert "object-src 'none'" in (answer.one("content-security-policy") or "")
    assert answer.one("referrer-policy") == "strict-origin-when-cross-origin"
    assert answer.one("x-own") is None


def test_frame_options_of_the_application_are_obeyed_by_frame_ancestors(door: Door) -> None:
    for option, sources in (("DENY", ["'none'"]), ("sameorigin", ["'self'"]), ("ALLOWALL", ["'self'"])):
        answer = door.open(Act(headers=[HTML, ("X-Frame-Options", option)]))()
        assert answer.one("x-frame-options") == option
        assert directives(answer.one("content-security-policy"))["frame-ancestors"] == sources


def test_a_nonce_is_in_the_header_and_the_page_and_never_the_same(door: Door) -> None:
    ask = door.open(Act(wants_nonce=True, headers=[HTML, ("Cache-Control", "max-age=600")]), NONCED)
    seen = set()
    for _ in range(3):
        answer = ask()
        text = answer.body.decode()
        assert re.fullmatch(r"[A-Za-z0-9_-]{22}", text)
        said = directives(answer.one("content-security-policy"))
        assert said["script-src"] == ["'self'", f"'nonce-{text}'"]
        assert said["style-src"] == [f"'nonce-{text}'"]
        assert answer.one("cache-control") == "no-store"
        seen.add(text)
    assert len(seen) == 3


def test_a_page_without_a_nonce_may_be_stored(door: Door) -> None:
    answer = door.open(Act(headers=[HTML, ("Cache-Control", "max-age=600")]), NONCED)()
    said = directives(answer.one("content-security-policy"))
    assert (said["script-src"], said["style-src"]) == (["'self'"], ["'none'"])
    assert answer.one("cache-control") == "max-age=600"


def test_a_304_has_no_policy_that_could_have_a_nonce(door: Door) -> None:
    unmodified = Act(status=304, headers=[("ETag", '"1"')], chunks=[])
    answer = door.open(unmodified, NONCED)()
    assert answer.one("content-security-policy") is None
    assert answer.one("x-content-type-options") == "nosniff"
    assert door.open(unmodified)().one("content-security-policy"), (
        "without a nonce, the policy is the cached page's too"
    )


def test_a_nonce_nobody_can_use_costs_no_cache(door: Door) -> None:
    answer = door.open(Act(wants_nonce=True, headers=[HTML, ("Cache-Control", "max-age=600")]))()
    assert answer.one("cache-control") == "max-age=600"
    assert "nonce" not in (answer.one("content-security-policy") or "")


def test_without_a_guard_there_is_no_nonce_and_no_client() -> None:
    for read in (nonce, client):
        with pytest.raises(LookupError, match="no Guard stands before"):
            read({"type": "http"})


def test_reports_go_where_the_policy_says(door: Door) -> None:
    policy = Policy(
        reports=Reports(url=URL, age="1d"), headers=Headers(csp_report_only={"img-src": ("'self'",)})
    )
    ask = door.open(Act(headers=[HTML, ("Reporting-Endpoints", 'own="https://own.example/"')]), policy)
    answer = ask()
    assert answer.one("reporting-endpoints") == f'own="https://own.example/", vedette="{URL}"'
    assert answer.one("report-to") == (
        '{"group": "vedette", "max_age": 86400, "endpoints": [{"url": "' + URL + '"}]}'
    )
    assert answer.one("nel") == '{"report_to": "vedette", "max_age": 86400}'
    for name in ("content-security-policy", "content-security-policy-report-only"):
        assert (answer.one(name) or "").endswith(f"; report-uri {URL}; report-to vedette")
    plain = ask(scheme="http")
    assert plain.one("nel") is plain.one("report-to") is None, "browsers take them over HTTPS only"
    assert plain.one("reporting-endpoints")
    assert door.open(Act(), Policy(reports=Reports(url=URL, network=False)))().one("nel") is None


def test_paths_have_policies_of_their_own(door: Door) -> None:
    docs = PathPolicy(headers=Headers(referrer="no-referrer"))
    deeper = PathPolicy(headers=Headers(referrer="origin"), https=Https(hsts="off"))
    ask = door.open(Act(), Policy(paths={"/docs": docs, "/docs/deep/": deeper}))
    for path, referrer in (
        ("/docs", "no-referrer"), ("/docs/x", "no-referrer"), ("/docs/deep", "origin"), ("/docs/deep/x", "origin"),
        ("/docsx", "strict-origin-when-cross-origin"), ("/", "strict-origin-when-cross-origin"),
        ("/docs/../admin", "strict-origin-when-cross-origin"), ("//docs", "strict-origin-when-cross-origin"),
    ):  # fmt: skip
        assert ask(path=path).one("referrer-policy") == referrer, path
    assert ask(path="/docs/deep/x").one("strict-transport-security") is None


def test_a_path_with_slashes_and_dots_escapes_no_strictness_and_gets_no_laxity() -> None:
    strict = PathPolicy(
        limits=Limits(body=9, body_rate=0), inspect=Inspect("block"), https=Https(redirect=True)
    )
    lax = PathPolicy(limits=Limits(body=0, body_time="0s"), inspect=Inspect("off"), csrf=Csrf(on=False))
    policy = Policy(paths={"/login": strict, "/open": lax}, inspect=Inspect("monitor"))
    plans = compile_policy(policy, datetime.date(2026, 11, 26))
    for path in ("//login", "/./login", "/open/../login/x"):
        found = plans.of(path).policy
        assert (found.limits.body, found.limits.headers, found.limits.body_rate) == (9, 32 * 1024, 0)
        assert found.inspect is not None
        assert (found.inspect.mode, found.https.redirect) == ("block", True)
    found = plans.of("/login/..//open").policy
    assert (found.limits, found.inspect, found.csrf) == (policy.limits, policy.inspect, policy.csrf)
    assert plans.of("/open/..") is plans.root
    off = compile_policy(
        policy.but(csrf=Csrf(on=False), paths={"/a": PathPolicy(csrf=Csrf())}), datetime.date(2026, 1, 1)
    )
    assert off.of("//a").policy.csrf.on


def test_refusals_read_as_problems_where_the_policy_says_so(door: Door) -> None:
    policy = Policy.preset("api").but(hosts=("shop.example",))
    answer = door.open(Act(), policy)(host="evil.example")
    assert answer.one("content-type") == "application/problem+json"
    assert answer.body == b'{"title": "Bad Request", "status": 400, "detail": "this host is not served here"}'
    assert answer.one("content-length") == str(len(answer.body))
    assert answer.one("x-frame-options") == "DENY"
    assert door.open(Act(), policy)(host="evil.example", method="HEAD").body == b""


CORS = Policy(cors=Cors(origins=("https://app.example",), credentials=True), hosts=("shop.example",))


def test_pages_of_allowed_origins_read_refusals_and_errors_too(door: Door) -> None:
    failing = Act(raises=True)
    for origin in ("https://app.example", "https://APP.example:443"):
        for answer in (
            door.open(failing, CORS)(headers=[("origin", origin)]),
            door.open(Act(), CORS)(host="x", headers=[("origin", origin)]),
        ):
            assert answer.status in (400, 500)
            assert answer.one("access-control-allow-origin") == origin
            assert answer.one("access-control-allow-credentials") == "true"
            assert answer.one("vary") == "Origin"
            assert answer.one("x-content-type-options") == "nosniff"


def test_others_do_not(door: Door) -> None:
    for headers in ([("origin", "https://evil.example")], [("origin", "null")], []):
        answer = door.open(Act(headers=[HTML, ("Vary", "Cookie")]), CORS)(headers=headers)
        assert answer.one("access-control-allow-origin") is None
        assert answer.one("vary") == "Cookie, Origin"


def test_where_the_application_answers_cors_the_guard_does_not(door: Door) -> None:
    said = [HTML, ("Access-Control-Allow-Origin", "https://app.example"), ("Vary", "Origin")]
    answer = door.open(Act(headers=said), CORS)(headers=[("origin", "https://app.example")])
    assert answer.one("access-control-allow-origin") == "https://app.example"
    assert answer.one("access-control-allow-credentials") is None
    assert answer.one("vary") == "Origin"
