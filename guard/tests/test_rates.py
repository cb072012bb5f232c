"""Rates: the algorithm, who is counted, what is told."""

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from guard.tests.clock import Clock
from guard.tests.doors import DOORS, Act, Door, Opened
from vedette_guard import Cors, Csrf, Policy, Proxies, Rate
from vedette_guard.buckets import Buckets, SharedBuckets
from vedette_guard.decisions.rates import Metre, step

THREE = (Rate("all", limit=3, per="1m"),)


def opened(door: Door, *rates: Rate, **more: Any) -> tuple[Opened, Clock]:
    """Return an application behind rates, and the clock they go by."""
    clock = Clock()
    policy = Policy(rates=rates, csrf=Csrf(on=False)).but(**more.pop("policy", {}))
    return door.open(Act(), policy, clock=clock, **more), clock


def test_what_is_told_and_when_it_is_restored(door: Door) -> None:
    ask, clock = opened(door, *THREE)
    for left, restored in ((2, 20), (1, 40), (0, 60)):
        answer = ask()
        assert answer.status == 200
        assert answer.one("ratelimit-policy") == '"all";q=3;w=60'
        assert answer.one("ratelimit") == f'"all";r={left};t={restored}'
        assert answer.one("retry-after") is None
    refused = ask()
    assert (refused.status, refused.one("retry-after")) == (429, "20")
    assert refused.one("ratelimit") == '"all";r=0;t=60'
    assert b"more than 3 requests in 1m" in refused.body
    clock.now += 19
    assert ask().one("retry-after") == "1"
    clock.now += 1
    assert ask().one("ratelimit") == '"all";r=0;t=60'
    clock.now += 60
    assert ask().one("ratelimit") == '"all";r=2;t=20'


def test_a_burst_is_what_may_come_at_once(door: Door) -> None:
    ask, clock = opened(door, Rate("all", limit=60, per="1m", burst=2))
    assert [ask().status for _ in range(3)] == [200, 200, 429]
    clock.now += 1
    assert [ask().status for _ in range(2)] == [200, 429]


def test_an_ipv6_network_is_one_client_and_addresses_are_others(door: Door) -> None:
    ask, _ = opened(door, Rate("all", limit=2))
    asked = [
        "2001:db8:1:2::1",
        "2001:db8:1:2:ffff::9",
        "2001:db8:1:2::3",
        "2001:db8:1:3::1",
        "203.0.113.9",
        "203.0.113.8",
    ]
    assert [ask(peer=peer).status for peer in asked] == [200, 200, 429, 200, 200, 200]


def test_a_refused_request_counts_against_nothing(door: Door) -> None:
    ask, clock = opened(door, Rate("few", limit=1), Rate("many", limit=5, per="5m", burst=5))
    assert [ask().status for _ in range(4)] == [200, 429, 429, 429]
    clock.now += 60
    answer = ask()
    assert answer.one("ratelimit-policy") == '"few";q=1;w=60, "many";q=5;w=300'
    assert answer.one("ratelimit") == '"few";r=0;t=60, "many";r=4;t=60'


def test_paths_and_methods_have_rates_of_their_own(door: Door) -> None:
    ask, _ = opened(door, Rate("sign-in", limit=1, paths=("/login",), methods=("POST",)))
    assert ask(path="/login").one("ratelimit") is None
    assert ask(method="POST", path="/other").one("ratelimit") is None
    assert [ask(method="POST", path="/login/totp").status for _ in range(2)] == [200, 429]


def test_a_path_with_slashes_and_dots_is_counted_as_what_it_may_be_read_as() -> None:
    [door] = [door for door in DOORS if door.name == "wsgi"]
    for path in ("//login", "/./login", "/x/../login/totp", "/login/../x"):
        ask, _ = opened(door, Rate("sign-in", limit=1, by=("address", "route"), paths=("/login",)))
        assert [ask(path=at).status for at in ("/login", path, "//other")] == [200, 429, 200], path


def test_keys_headers_cookies_and_routes_are_counted_where_the_policy_says_so(door: Door) -> None:
    for by, headers in (
        (("key",), [("x-api-key", "one")]),
        (("key",), [("authorization", "Bearer one")]),
        (("header:x-device",), [("X-Device", "one")]),
        (("cookie:sessionid",), [("cookie", "a=b; sessionid=one")]),
    ):
        ask, _ = opened(door, Rate("each", limit=1, by=by))
        other = [(name, value.replace("one", "two")) for name, value in headers]
        assert [
            ask(headers=h, peer=f"203.0.113.{n}").status for n, h in enumerate((headers, other, headers))
        ] == [200, 200, 429]
        assert [ask(peer=peer).status for peer in ("198.51.100.1", "198.51.100.1", "198.51.100.2")] == [
            200,
            429,
            200,
        ]
    ask, _ = opened(door, Rate("each", limit=1, by=("route",), paths=("/a", "/b")))
    assert [ask(path=path).status for path in ("/a/1", "/b/1", "/a/2")] == [200, 200, 429]
    ask, _ = opened(door, Rate("each", limit=1, by=("address", "route"), paths=("/a", "/b")))
    asked = [("/a", "1.1.1.1"), ("/b", "1.1.1.1"), ("/a", "2.2.2.2"), ("/a/x", "1.1.1.1")]
    assert [ask(path=path, peer=peer).status for path, peer in asked] == [200, 200, 200, 429]


def test_users_are_counted_by_whoever_knows_them(door: Door) -> None:
    def user(source: Any) -> str | None:
        if isinstance(source, dict) and "headers" in source:
            return dict(source["headers"]).get(b"x-user", b"").decode() or None
        environ = source if isinstance(source, dict) else source.META
        return environ.get("HTTP_X_USER")

    ask, _ = opened(door, Rate("each", limit=1, by=("user",)), user=user)
    assert [ask(headers=[("x-user", name)]).status for name in ("ann", "bob", "ann")] == [200, 200, 429]
    assert [ask().status for _ in range(2)] == [200, 429], "nobody is counted by address"


def test_preflights_are_not_counted(door: Door) -> None:
    ask, _ = opened(door, Rate("all", limit=1))
    preflight = [("origin", "https://app.example"), ("access-control-request-method", "PUT")]
    assert [ask(method="OPTIONS", headers=preflight).status for _ in range(3)] == [200, 200, 200]
    assert [ask(method="OPTIONS").status for _ in range(2)] == [200, 429], "an OPTIONS that is none is"


def test_a_refusal_can_be_read_across_origins(door: Door) -> None:
    ask, _ = opened(door, Rate("all", limit=1), policy={"cors": Cors(origins=("*",))})
    ask()
    answer = ask(headers=[("origin", "https://any.example")])
    assert (answer.status, answer.one("access-control-allow-origin")) == (429, "*")
    assert answer.one("access-control-expose-headers") == "RateLimit, RateLimit-Policy, Retry-After"


def test_clients_behind_a_trusted_proxy_have_their_own_counts_and_cannot_leave_them(door: Door) -> None:
    ask, _ = opened(door, Rate("all", limit=1), policy={"proxies": Proxies(trusted=("10.0.0.0/8",))})

    def by_proxy(forwarded: str) -> int:
        return ask(peer="10.0.0.1", headers=[("x-forwarded-for", forwarded)]).status

    assert [by_proxy(hop) for hop in ("203.0.113.9", "203.0.113.8", "1.1.1.1, 203.0.113.9", "2.2.2.2, 203.0.113.9")] == [
        200, 200, 429, 429,
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 30), min_size=1, max_size=200), st.integers(1, 20), st.integers(1, 20))
def test_no_window_has_more_than_burst_and_rate_allow(pauses: list[float], limit: int, burst: int) -> None:
    interval, span = 60 / limit, 60 / limit * burst
    now, state, allowed = 1000.0, 0.0, []
    for pause in pauses:
        now += pause
        ok, after, left, wait, restored = step(state, now, interval, span)
        assert 0 <= left < burst + 1
        assert 0 <= restored <= span + 1e-6
        if ok:
            state = after
            allowed.append(now)
        else:
            assert wait > 0
            assert step(state, now + wait + 1e-6, interval, span)[0], "after the wait it is allowed"
    for n, first in enumerate(allowed):
        for m in range(n, len(allowed)):
            assert m - n + 1 <= burst + math.floor((allowed[m] - first) / interval + 1e-6)


def test_memory_is_bounded_and_who_keeps_asking_keeps_the_count() -> None:
    for buckets in (Buckets(most=100), SharedBuckets(most=100)):
        metre = Metre(Rate("all", limit=1, per="1h"))
        assert buckets.take([(metre, "busy")], 1000.0)[0][0]
        for n in range(1000):
            buckets.take([(metre, n)], 1000.0 + n)
            if n % 50 == 0:
                assert not buckets.take([(metre, "busy")], 1000.0 + n)[0][0]
        assert len(buckets) <= 200
