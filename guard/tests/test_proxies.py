"""The same policy as configuration of real proxies: what they send, what they refuse, and what they say is missing."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from guard.tests.proxied import HOST, TODAY, Application, Proxy, ports, rendered, why_refused
from vedette_guard import Cookies, Cors, Csrf, Https, Limits, PathPolicy, Policy, Proxies, Rate, Reports
from vedette_guard.plan import compile_policy
from vedette_guard.presets import PRESETS
from vedette_guard.proxies import tls
from vedette_guard.proxies.site import ProxyError, Site

pytestmark = [
    pytest.mark.xdist_group("proxies"),
    pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning"),  # they must be refused
]
HTML = [("Content-Type", "text/html")]


def policy_at(port: int) -> Policy:
    strict = Policy.preset("strict")
    return strict.but(
        https=Https(redirect=True, port=port, hsts="1y", subdomains=True, plain=("/health",)),
        hosts=(HOST, "*.shop.example:8443"),
        cookies=Cookies(http_only="all", same_site=""),
        rates=(Rate("sign-in", limit=3, per="1m", paths=("/login",), methods=("POST",)),),
        limits=Limits(body=1000, headers=4096),
        cors=Cors(origins=("https://pages.example",)),
        csrf=Csrf(trusted=("https://pay.example",), exempt=("/hooks",)),
        reports=Reports(url="https://vedette.example/api/1/security/?sentry_key=a&b=$c"),
        proxies=Proxies(trusted=("127.0.0.1",)),
        paths={
            "/docs": PathPolicy.preset("fastapi-docs"),
            "/upload": PathPolicy(limits=Limits(body=5000)),
            "/open": PathPolicy(csrf=Csrf(on=False), https=Https(redirect=False, hsts="off")),
        },
    )


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    made = Application()
    yield made
    made.close()


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(
    request: pytest.FixtureRequest, application: Application, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    secure, plain = ports(2)
    folder = tmp_path_factory.mktemp(request.param)
    made = Proxy(request.param, folder, policy_at(secure), application.address, plain)
    yield made
    made.close()


def expected(path: str, *, secure: bool = True) -> dict[str, str]:
    """Return the headers that the guard inside would send."""
    dressings = compile_policy(policy_at(443), TODAY).of(path).dressings
    return dict((dressings.secure_text if secure else dressings.plain_text).pairs)


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/oauth", "/docsx", "/open/x"])
def test_an_answer_has_the_headers_of_the_guard(proxy: Proxy, path: str) -> None:
    reply = proxy.ask(path, answer=HTML)
    assert reply.status == 200
    assert {name: reply.one(name) for name in expected(path)} == expected(path)
    others = {name for name in expected("/") if reply.all(name)} - set(expected(path))
    assert not others


def test_a_path_that_reads_in_two_ways_is_in_no_part(proxy: Proxy) -> None:
    for path in ("/docs//x", "/docs/../docs/x", "/a/..%2fdocs", "/%64ocs/%2e%2e/docs/x"):
        reply = proxy.ask(path, answer=HTML)
        assert reply.status in {200, 400}
        if reply.status == 200:
            assert reply.one("content-security-policy") == expected("/")["content-security-policy"], path


def test_plain_http_is_redirected_and_listed_paths_are_served(proxy: Proxy) -> None:
    to = f"https://{HOST}:{proxy.port}/a?b=c"
    for method, status in (("GET", 301), ("HEAD", 301), ("POST", 308)):
        reply = proxy.ask("/a?b=c", method, plain=True)
        assert (reply.status, reply.one("location")) == (status, to)
    for path in ("/health", "/open/x"):
        reply = proxy.ask(path, plain=True, answer=[*HTML, ("Strict-Transport-Security", "max-age=9")])
        assert (reply.status, reply.one("strict-transport-security")) == (200, None)
    assert proxy.ask("/healthy", plain=True).status == 301
    assert proxy.ask("/x/../health", plain=True).status == 301


def test_other_and_malformed_hosts_are_refused(proxy: Proxy) -> None:
    for host in (HOST, "SHOP.example.", f"{HOST}:{proxy.port}", "a.shop.example:8443"):
        assert proxy.ask(host=host).status == 200, host
    for host in (
        "evil.example",
        "a.shop.example",
        f"x{HOST}",
        f"{HOST}.evil.example",
        "shop..example",
        f"{HOST}@evil",
    ):
        assert proxy.ask(host=host).status == 400, host


def test_two_hosts_are_refused(proxy: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", proxy.plain), 10) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: shop.example\r\nHost: evil.example\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_what_the_application_says_stays_alone(proxy: Proxy) -> None:
    own = [*HTML, ("Content-Security-Policy", "default-src 'self'"), ("Referrer-Policy", "origin")]
    reply = proxy.ask(
        answer=[*own, ("X-Content-Type-Options", "wrong"), ("X-Powered-By", "PHP/5"), ("Vary", "Cookie")]
    )
    assert reply.one("content-security-policy") == "default-src 'self'"
    assert reply.one("referrer-policy") == "origin"
    assert reply.one("x-content-type-options") == "nosniff"
    assert reply.one("x-powered-by") is None
    assert sorted(", ".join(reply.all("vary")).split(", ")) == ["Cookie", "Origin"]


def test_cookies_are_dressed_and_none_is_lost(proxy: Proxy) -> None:
    reply = proxy.ask(answer=[*HTML, ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; SameSite=Strict")])
    first, second = sorted(reply.all("set-cookie"))
    for cookie, kept in ((first, "a=1; Path=/"), (second, "b=2; SameSite=Strict")):
        assert cookie.startswith(kept)
        assert "; secure" in cookie.lower()
        assert "; httponly" in cookie.lower()
    plain = proxy.ask("/health", plain=True, answer=[("Set-Cookie", "a=1")]).one("set-cookie") or ""
    assert "secure" not in plain.lower()
    assert "httponly" in plain.lower()


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ("/", {"Sec-Fetch-Site": "same-site"}, 403),
        ("/", {"Sec-Fetch-Site": "same-origin"}, 200),
        ("/", {"Sec-Fetch-Site": "none"}, 200),
        ("/", {"Origin": "https://evil.example"}, 403),
        ("/", {"Origin": "null"}, 403),
        ("/", {"Origin": "https://shop.example"}, 200),
        ("/", {}, 200),
        ("/", {"Sec-Fetch-Site": "cross-site", "Origin": "https://pay.example"}, 200),
        ("/", {"Sec-Fetch-Site": "cross-site", "Origin": "https://pay.example.evil.example"}, 403),
        ("/hooks/1", {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 200),
        ("/hooksx", {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ("/hooks/../x", {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ("/open", {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 200),
    ],
)  # fmt: skip
def test_foreign_pages_change_nothing(proxy: Proxy, path: str, headers: dict[str, str], status: int) -> None:
    assert proxy.ask(path, "POST", headers=headers).status == status
    assert proxy.ask(path, "GET", headers=headers).status == 200
    socket_ = {**headers, "Upgrade": "websocket", "Connection": "Upgrade"}
    assert proxy.ask(path, "GET", headers=socket_).status == status


def test_no_other_protocol_is_a_tunnel_past_what_is_decided(proxy: Proxy) -> None:
    h2c = {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AAMAAABk"}
    assert "upgrade" not in proxy.ask(headers=h2c).seen
    assert (
        proxy.ask(headers={"Upgrade": "WebSocket", "Connection": "Upgrade"}).seen["upgrade"].lower()
        == "websocket"
    )


def test_pages_of_allowed_origins_read_answers(proxy: Proxy) -> None:
    def allowed(origin: str, answer: list[tuple[str, str]] = HTML) -> str | None:
        return proxy.ask(headers={"Origin": origin}, answer=answer).one("access-control-allow-origin")

    assert allowed("https://pages.example") == "https://pages.example"
    for other in (
        "https://evil.example",
        "https://pages.example.evil.example",
        "https://xpages.example",
        "null",
    ):
        assert allowed(other) is None
    assert (
        allowed("https://pages.example", [("Access-Control-Allow-Origin", "https://own.example")])
        == "https://own.example"
    )


def test_bodies_and_headers_are_bounded(proxy: Proxy) -> None:
    assert proxy.ask("/", "POST", body=b"x" * 1000).status == 200
    assert proxy.ask("/", "POST", body=b"x" * 1001).status in {413, 502}
    assert proxy.ask("/upload/a", "POST", body=b"x" * 5000).status == 200
    assert proxy.ask(headers={"X-Long": "x" * 3000}).status == 200
    assert proxy.ask(headers={"X-Long": "x" * 9000}).status in {400, 431}


def test_the_application_learns_who_asked(proxy: Proxy) -> None:
    asked = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "Forwarded": "for=192.0.2.1"}
    seen = proxy.ask(headers=asked, answer=HTML).seen
    assert seen["x-forwarded-for"].split(", ")[0] == "203.0.113.9"  # 127.0.0.1 is a trusted proxy
    assert (seen["host"], seen.get("forwarded")) == (HOST, None)


def test_a_rate_is_counted_where_the_proxy_can(proxy: Proxy) -> None:
    def statuses(address: str) -> list[int]:
        return [proxy.ask("/login", "POST", headers={"X-Forwarded-For": address}).status for _ in range(5)]

    if proxy.kind == "caddy":
        assert any("sign-in" in sentence for sentence in proxy.rendering.missing)
        return
    assert statuses("198.51.100.1") == [200, 200, 200, 429, 429]
    assert statuses("198.51.100.2") == [200, 200, 200, 429, 429]
    assert statuses("2001:db8::1")[:3] + statuses("2001:db8::2")[:1] == [200, 200, 200, 429]
    assert proxy.ask("/login", headers={"X-Forwarded-For": "198.51.100.1"}).status == 200
    refused = proxy.ask("/login", "POST", headers={"X-Forwarded-For": "198.51.100.1"})
    assert refused.one("content-security-policy") == expected("/login")["content-security-policy"]


def test_tls_is_mozillas_intermediate_profile(proxy: Proxy) -> None:
    def agreed(version: ssl.TLSVersion, ciphers: str = "ALL:@SECLEVEL=0") -> str | None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.minimum_version = context.maximum_version = version
        context.set_ciphers(ciphers)
        try:
            with socket.create_connection(("127.0.0.1", proxy.port), 10) as plain:
                return context.wrap_socket(plain, server_hostname=HOST).cipher()[0]  # type: ignore[index]
        except (ssl.SSLError, ConnectionError):
            return None

    assert agreed(ssl.TLSVersion.TLSv1_3)
    assert agreed(ssl.TLSVersion.TLSv1_2) in tls.CIPHERS
    assert agreed(ssl.TLSVersion.TLSv1_1) is None
    assert agreed(ssl.TLSVersion.TLSv1) is None
    assert agreed(ssl.TLSVersion.TLSv1_2, "AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0") is None
    assert tls.SOURCE in proxy.rendering.text


@pytest.mark.parametrize("kind", ["nginx", "caddy"])
@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_accepted(kind: str, preset: str, tmp_path: Path) -> None:
    assert why_refused(kind, tmp_path, rendered(kind, tmp_path, Policy.preset(preset))) == ""


@pytest.mark.parametrize("kind", ["nginx", "caddy"])
def test_what_is_missing_is_in_the_comments(kind: str, tmp_path: Path) -> None:
    made = rendered(kind, tmp_path, Policy.preset("strict").but(cookies=Cookies(host_prefix=("sid",))))
    assert all(f"\n# - {sentence}\n" in made.text for sentence in made.missing)
    for word in ("'nonce'", "depth of JSON", "same_site", "host_prefix: sid"):
        assert any(word in sentence for sentence in made.missing), word


def test_a_site_that_cannot_be_written_is_refused() -> None:
    for wrong in (
        {"upstream": "x:1; evil"},
        {"upstream": "http://x"},
        {"certificate": "a b", "key": "c"},
        {"certificate": "a"},
        {"http_port": 0},
    ):
        with pytest.raises(ProxyError, match=r"meant is|needs its key"):
            Site(**wrong)  # type: ignore[arg-type]
