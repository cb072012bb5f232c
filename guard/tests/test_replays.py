"""What broke well-known libraries, in each door. (Hosts, nonces and multipart have further replays in their own files.)"""

from guard.tests.clock import Clock
from guard.tests.doors import Act, Door
from vedette_guard import Cors, Headers, Https, Policy, Proxies, Rate

HTML = ("Content-Type", "text/html")
FEW = Policy(rates=(Rate("all", limit=2),), cors=Cors(origins=("https://app.example",)))


def test_set_cookie_survives_three_security_headers_of_the_application(door: Door) -> None:
    said = [
        HTML, ("Set-Cookie", "a=1"), ("X-Frame-Options", "DENY"), ("Set-Cookie", "b=2"),
        ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"),
    ]  # fmt: skip
    answer = door.open(Act(headers=said), "strict")()
    assert [cookie.partition(";")[0] for cookie in answer.all("set-cookie")] == ["a=1", "b=2"]


def test_a_streamed_answer_of_four_chunks_begins_once(door: Door) -> None:
    answer = door.open(Act(chunks=[b"1", b"2", b"3", b"4"]), "strict")()
    assert (answer.starts, answer.chunks) == (1, [b"1", b"2", b"3", b"4"])


def test_behind_a_proxy_not_everybody_shares_one_bucket(door: Door) -> None:
    ask = door.open(Act(), FEW.but(proxies=Proxies(trusted=("10.0.0.0/8",))), clock=Clock())
    for n in range(5):
        assert ask(peer="10.0.0.1", headers=[("x-forwarded-for", f"203.0.113.{n}")]).status == 200


def test_forwarding_headers_of_a_stranger_make_no_new_client(door: Door) -> None:
    for policy in (FEW, FEW.but(proxies=Proxies(trusted=("10.0.0.0/8",)))):
        for name in ("X-Forwarded-For", "X_FORWARDED_FOR", "Forwarded", "X-Real-IP"):
            if "_" in name and door.name == "wsgi":
                continue  # the validator minds the name
            ask = door.open(Act(), policy, clock=Clock())
            told = [
                ask(headers=[(name, f"for=203.0.113.{n}" if name == "Forwarded" else f"203.0.113.{n}")])
                for n in range(4)
            ]
            assert [answer.status for answer in told] == [200, 200, 429, 429], name


def test_a_name_with_underscores_is_another_header_behind_a_proxy_too(door: Door) -> None:
    if door.kind in {"wsgi", "django"}:
        return  # the server writes both into one variable: docs/guard.md says what the proxy has to do
    ask = door.open(Act(), FEW.but(proxies=Proxies(trusted=("10.0.0.0/8",))), clock=Clock())
    headers = [("x-forwarded-for", "203.0.113.9")]
    told = [
        ask(peer="10.0.0.1", headers=[*headers, ("x_forwarded_for", f"1.1.1.{n}")]).status for n in range(3)
    ]
    assert told == [200, 200, 429]


def test_a_flood_of_paths_that_are_not_there_is_limited(door: Door) -> None:
    ask = door.open(Act(status=404), FEW, clock=Clock())
    assert [ask(path=f"/nothing/{n}").status for n in range(4)] == [404, 404, 429, 429]


def test_429_and_500_have_cors_headers(door: Door) -> None:
    ask = door.open(Act(raises=True), FEW, clock=Clock())
    for status in (500, 500, 429):
        answer = ask(headers=[("origin", "https://app.example")])
        assert (answer.status, answer.one("access-control-allow-origin")) == (status, "https://app.example")


def test_a_dot_at_the_end_of_the_host_is_nothing(door: Door) -> None:
    assert door.open(Act(), Policy(hosts=("app.example.com",)))(host="app.example.com.").status == 200


def test_a_malformed_host_does_not_get_into_the_path(door: Door) -> None:
    act = Act()
    ask = door.open(act, Policy(https=Https(redirect=True)))
    for host in (
        "shop.example/evil?",
        "shop.example#",
        "shop.example\\evil",
        "user:pw@shop.example",
        "shop.example:80:90",
    ):
        for scheme in ("http", "https"):
            answer = ask(host=host, scheme=scheme)
            assert (answer.status, answer.one("location")) == (400, None), host
    assert not act.seen


def test_health_is_not_redirected_and_hsts_is_not_told_over_http(door: Door) -> None:
    answer = door.open(Act(), "strict")(path="/health", scheme="http")
    assert (answer.status, answer.one("strict-transport-security")) == (200, None)


def test_a_policy_from_upstream_is_not_doubled(door: Door) -> None:
    said = [
        HTML,
        ("Content-Security-Policy", "default-src 'self'"),
        ("content-security-policy-report-only", "img-src *"),
    ]
    policy = Policy(headers=Headers(csp_report_only={"img-src": ("'none'",)}))
    answer = door.open(Act(headers=said), policy)()
    assert answer.all("content-security-policy") == ["default-src 'self'"]
    assert answer.all("content-security-policy-report-only") == ["img-src *"]


def test_the_nonce_of_a_page_that_is_cached_is_not_overwritten(door: Door) -> None:
    policy = Policy(headers=Headers(csp={"script-src": ("'nonce'",)}))
    page = door.open(Act(wants_nonce=True), policy)()
    assert f"'nonce-{page.body.decode()}'" in (page.one("content-security-policy") or "")
    assert page.one("cache-control") == "no-store"
    assert (
        door.open(Act(status=304, headers=[("ETag", "1")], chunks=[]), policy)().one(
            "content-security-policy"
        )
        is None
    )
