"""What is seen without asking: over TLS, by exact answers."""

import pytest

from vedette.instruments.scan.checking import Hit, told
from vedette.instruments.scan.dns.checks import transport
from vedette.instruments.scan.fetching import Page
from vedette.instruments.scan.site import html, registry
from vedette.instruments.scan.site.types import Site

CSP = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "content-type": "text/html",
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
}
URL = "https://shop.example/"


def site(
    body: str = "", plain: tuple[Page, ...] = (), chain: tuple[Page, ...] = (), url: str = URL, **headers: str
) -> Site:
    sent = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    page = Page(url=url, status=200, headers=tuple(sent.items()), body=body.encode())
    return Site(
        pages=(page,), documents=(html.read(body),), now=0.0, local=False, plain=plain, chain=(*chain, page)
    )


def hop(url: str, to: str = "") -> Page:
    return Page(url=url, status=301 if to else 200, headers=(("Location", to),) if to else ())


def hits(seen: Site) -> set[str]:
    return {hit.check for look in registry.looks() for hit in look(seen)}


@pytest.mark.parametrize(
    ("seen", "checks"),
    [
        (site(), set()),
        (site(strict_transport_security=""), {"hsts-missing"}),
        (site(strict_transport_security="max-age=0"), {"hsts-missing"}),
        (site(strict_transport_security="max-age=86400"), {"hsts-short"}),
        (site(strict_transport_security="max-age=31536000; preload"), {"hsts-not-preloadable"}),
        (site(strict_transport_security="max-age=31536000; includeSubDomains; preload"), set()),
        (site(url="http://shop.example/"), {"not-encrypted"}),
        (site(chain=(hop(URL, "http://shop.example/"),), url="http://shop.example/"), {"not-encrypted", "redirect-downgrade"}),
        (site(plain=(hop("http://shop.example/"),)), {"plain-not-redirected"}),
        (site(plain=(hop("http://shop.example/", URL), hop(URL))), set()),
        (site(plain=(hop("http://shop.example/", "https://www.shop.example/"),)), {"redirect-off-host"}),
        (site(set_cookie="theme=dark"), {"cookie-not-secure"}),
        (site(set_cookie="theme=dark; Secure"), set()),
        (site("<script src='http://cdn.example/a.js'></script>"), {"mixed-scripts"}),
        (site("<link rel=stylesheet href='http://cdn.example/a.css'>"), {"mixed-scripts"}),
        (site("<img src='http://cdn.example/a.png'>"), {"mixed-media"}),
        (site("<form action='http://shop.example/login'>"), {"form-in-clear"}),
        (site("<a href='http://other.example/'>x</a>"), set()),
        (site("<script src='https://cdn.example/a.js' integrity='sha384-x'></script>"), set()),
    ],
)  # fmt: skip
def test_what_is_seen_over_tls(seen: Site, checks: set[str]) -> None:
    assert hits(seen) == checks


def test_an_identity_stays_when_the_host_and_its_port_change() -> None:
    first, second = (
        [each.identity for each in told("site", registry.checks(), (Hit("nosniff-missing", url),))]
        for url in ("http://a.example:81/x?y=1", "https://b.example/x")
    )
    assert first == second == ["site|nosniff-missing||/x"]


@pytest.mark.parametrize(
    ("policy", "checks"),
    [
        ("version: STSv1\nmode: enforce\nmx: mx.shop.example\nmax_age: 604800", []),
        ("version: STSv1\nmode: enforce\nmx: *.shop.example\nmax_age: 604800", []),
        ("version: STSv1\nmode: testing\nmx: mx.shop.example\nmax_age: 604800", ["mta-sts-testing"]),
        ("version: STSv1\nmode: enforce\nmx: other.example\nmax_age: 604800", ["mta-sts-misses-mx"]),
        ("<html>", ["mta-sts-invalid"]),
        ("", ["mta-sts-invalid"]),
    ],
)
def test_a_policy_of_mta_sts(policy: str, checks: list[str]) -> None:
    assert [check for check, _ in transport.judged(policy, ["mx.shop.example"])] == checks
