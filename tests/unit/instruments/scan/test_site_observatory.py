"""The score of a site is that of the rules MDN publishes, by worked examples."""

import re
from pathlib import Path

import pytest

from vedette.instruments.scan.fetching import Page
from vedette.instruments.scan.site import html, observatory
from vedette.instruments.scan.site.observatory import outcomes, scoring
from vedette.instruments.scan.site.types import Site

URL = "https://shop.example/"
STRICT = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HSTS = "max-age=31536000; includeSubDomains"
HEADERS = {
    "content-type": "text/html", "content-security-policy": STRICT, "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin", "strict-transport-security": HSTS,
}  # fmt: skip


def hop(url: str, to: str = "") -> Page:
    return Page(url=url, status=301 if to else 200, headers=(("Location", to),) if to else ())


def site(body: str = "", *, url: str = URL, plain: tuple[Page, ...] = (), chain: tuple[Page, ...] = (), cookies: tuple[str, ...] = (), **headers: str) -> Site:  # fmt: skip
    sent = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = (
        *((name, value) for name, value in sent.items() if value != "-"),
        *(("set-cookie", each) for each in cookies),
    )
    page = Page(url=url, status=200, headers=lines, body=body.encode())
    return Site(
        pages=(page,), documents=(html.read(body),), now=0.0, local=False, plain=plain, chain=(*chain, page)
    )


def policy(text: str, body: str = "", url: str = URL) -> Site:
    return site(body, url=url, content_security_policy=text)


GOOD = "default-src 'self'"
PLAIN = "http://shop.example/"
EXAMPLES = {
    "csp-implemented-with-no-unsafe-default-src-none": [policy(STRICT), policy("-", f'<meta http-equiv="Content-Security-Policy" content="{STRICT}">')],
    "csp-implemented-with-no-unsafe": [
        policy(GOOD), policy(f"{GOOD}, default-src *"),
        policy("script-src 'nonce-YWJj' 'unsafe-inline'; object-src 'none'; style-src 'self'"),
        policy("script-src 'nonce-YWJj' 'strict-dynamic' https: http: 'self'; object-src 'none'; style-src 'self'"),
    ],
    "csp-implemented-with-unsafe-inline-in-style-src-only": [policy(f"{GOOD}; style-src 'self' 'unsafe-inline'"), policy(f"{GOOD}; style-src https:")],
    "csp-implemented-but-duplicate-directives": [policy(f"{GOOD}; report-uri /a; report-uri /b")],
    "csp-implemented-with-insecure-scheme-in-passive-content-only": [policy(f"{GOOD}; img-src http:")],
    "csp-implemented-with-unsafe-eval": [policy("default-src 'self' 'unsafe-eval'"), policy(f"{GOOD}; img-src http:; script-src 'unsafe-eval'")],
    "csp-implemented-with-unsafe-inline": [policy("script-src 'self' 'unsafe-inline'; object-src 'none'"), policy("script-src 'self'"), policy("script-src data:; object-src 'none'"), policy("frame-ancestors 'none'"), policy("default-src 'none'; script-src https:"), policy("default-src *")],
    "csp-implemented-with-insecure-scheme": [policy(f"{GOOD}; script-src http://cdn.example"), policy(f"{GOOD}; font-src http://cdn.example")],
    "csp-header-invalid": [policy(f"{GOOD}; script-src 'self'; script-src 'none'"), policy(";"), policy("default-src 'none'; script-src 'strict-dynamic'"), policy(f"{GOOD},")],
    "csp-not-implemented": [policy("-"), policy("-", "<meta http-equiv='Content-Security-Policy' content='frame-ancestors x'>")],
    "csp-not-implemented-but-reporting-enabled": [site(content_security_policy="-", content_security_policy_report_only=STRICT)],
    "cookies-not-found": [site(), site(cookies=("heroku-session-affinity=x",))],
    "cookies-secure-with-httponly-sessions-and-samesite": [site(cookies=("sessionid=a; Secure; HttpOnly; SameSite=Lax", "theme=b; Secure; SameSite=None"))],
    "cookies-secure-with-httponly-sessions": [site(cookies=("sessionid=a; Secure; HttpOnly",))],
    "cookies-without-secure-flag-but-protected-by-hsts": [site(cookies=("theme=a",))],
    "cookies-session-without-secure-flag-but-protected-by-hsts": [site(cookies=("login=a; HttpOnly", "theme=a"))],
    "cookies-without-secure-flag": [site(cookies=("theme=a",), strict_transport_security="max-age=60")],
    "cookies-samesite-flag-invalid": [site(cookies=("theme=a; Secure; SameSite=Maybe",)), site(cookies=("theme=a; Secure; SameSite",)), site(cookies=("theme=a; SameSite=None",))],
    "cookies-anticsrf-without-samesite-flag": [site(cookies=("csrftoken=a; Secure",))],
    "cookies-session-without-httponly-flag": [site(cookies=("sessionid=a; SameSite=Lax",))],
    "cookies-session-without-secure-flag": [site(cookies=("sessionid=a",), strict_transport_security="-")],
    "cross-origin-resource-sharing-not-implemented": [site()],
    "cross-origin-resource-sharing-implemented-with-public-access": [site(access_control_allow_origin="*")],
    "cross-origin-resource-sharing-implemented-with-restricted-access": [site(access_control_allow_origin="https://a.example")],
    "redirection-to-https": [site(plain=(hop(PLAIN, URL), hop(URL))), site(chain=(hop(PLAIN, URL),))],
    "redirection-not-needed-no-http": [site()],
    "redirection-off-host-from-http": [site(plain=(hop(PLAIN, "https://www.shop.example/"),))],
    "redirection-not-to-https-on-initial-redirection": [site(plain=(hop(PLAIN, "/home"), hop(f"{PLAIN}home", URL), hop(URL)))],
    "redirection-missing": [site(plain=(hop(PLAIN),)), site(url=PLAIN)],
    "redirection-not-to-https": [site(plain=(hop(PLAIN, "/home"), hop(f"{PLAIN}home")))],
    "referrer-policy-private": [site(), site(referrer_policy="unsafe-url, no-referrer"), site("<meta http-equiv=referrer-policy content=no-referrer>", referrer_policy="-")],
    "referrer-policy-not-implemented": [site(referrer_policy="-")],
    "referrer-policy-unsafe": [site(referrer_policy="origin")],
    "referrer-policy-header-invalid": [site(referrer_policy="whatever")],
    "hsts-implemented-max-age-at-least-six-months": [site(), site(strict_transport_security="max-age=15768000")],
    "hsts-implemented-max-age-less-than-six-months": [site(strict_transport_security="max-age=15767999"), site(strict_transport_security="max-age=0")],
    "hsts-not-implemented": [site(strict_transport_security="-")],
    "hsts-not-implemented-no-https": [site(url=PLAIN)],
    "hsts-header-invalid": [site(strict_transport_security="includeSubDomains")],
    "sri-implemented-and-all-scripts-loaded-securely": [site("<script src=/a.js integrity=x></script>")],
    "sri-implemented-and-external-scripts-loaded-securely": [site("<script src=https://cdn.example/a.js integrity=x></script>")],
    "sri-not-implemented-response-not-html": [site(content_type="text/plain")],
    "sri-not-implemented-but-no-scripts-loaded": [site()],
    "sri-not-implemented-but-all-scripts-loaded-from-secure-origin": [site("<script src=/a.js></script>"), site("<script src=https://cdn.shop.example/a.js></script>"), site("<script>x()</script>")],
    "sri-not-implemented-but-external-scripts-loaded-securely": [site("<script src=https://cdn.example/a.js></script>")],
    "sri-implemented-but-external-scripts-not-loaded-securely": [site("<script src=http://cdn.example/a.js integrity=x></script>")],
    "sri-not-implemented-and-external-scripts-not-loaded-securely": [site("<script src=//cdn.example/a.js></script><script src=https://b.example/b.js></script>")],
    "x-content-type-options-nosniff": [site()],
    "x-content-type-options-not-implemented": [site(x_content_type_options="-")],
    "x-content-type-options-header-invalid": [site(x_content_type_options="no")],
    "x-frame-options-implemented-via-csp": [site()],
    "x-frame-options-sameorigin-or-deny": [site(content_security_policy=GOOD, x_frame_options="DENY")],
    "x-frame-options-allow-from-origin": [site(content_security_policy=GOOD, x_frame_options="ALLOW-FROM https://a.example")],
    "x-frame-options-not-implemented": [site(content_security_policy=GOOD)],
    "x-frame-options-header-invalid": [site(content_security_policy=GOOD, x_frame_options="deny, sameorigin")],
    "corp-implemented-with-same-origin": [site(cross_origin_resource_policy="same-origin")],
    "corp-implemented-with-same-site": [site(cross_origin_resource_policy="same-site")],
    "corp-implemented-with-cross-origin": [site(cross_origin_resource_policy="cross-origin")],
    "corp-not-implemented": [site()],
    "corp-header-invalid": [site(cross_origin_resource_policy="yes")],
}  # fmt: skip
# Preload lists are not known offline; a broken certificate makes a scan blind; HTML is read whatever it is.
NEVER = {"hsts-preloaded", "hsts-invalid-cert", "redirection-all-redirects-preloaded", "redirection-invalid-cert", "html-not-parseable"}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_outcome_is_that_of_its_examples(name: str) -> None:
    for example in EXAMPLES[name]:
        found = list(outcomes.of(example, set()))
        assert name in found, found
        assert len(found) == 10


def test_every_published_outcome_has_an_example_or_a_reason() -> None:
    universal = "cross-origin-resource-sharing-implemented-with-universal-access"
    assert universal in set(outcomes.of(site(), {"cors-any-origin"}))
    assert set(scoring.table().modifiers) == set(EXAMPLES) | NEVER | {universal}


@pytest.mark.parametrize(
    ("seen", "points", "grade"),
    [
        (site(), 120, "A+"),  # policy 10, referrer 5, frames 5
        (site(cross_origin_resource_policy="same-origin"), 130, "A+"),
        (site("<script src=/a.js integrity=x></script>", cross_origin_resource_policy="same-origin", cookies=("a=b; Secure; SameSite=Lax",)), 140, "A+"),  # the most without a preload list
        (site(content_security_policy="-", x_frame_options="-", referrer_policy="-", strict_transport_security="-", x_content_type_options="-"), 30, "D"),
        (site(cookies=("sessionid=a; SameSite=Lax",)), 70, "B"),
        (site("<script src=https://cdn.example/a.js></script>"), 115, "A+"),
        (site(strict_transport_security="max-age=60"), 110, "A+"),
        (site(strict_transport_security="-", x_content_type_options="no"), 75, "B"),
        (site(url=PLAIN, content_security_policy="-", cookies=("sessionid=a",)), 0, "F"),
    ],
)  # fmt: skip
def test_the_score_is_that_of_the_published_rules(seen: Site, points: int, grade: str) -> None:
    found = scoring.score(seen, set())
    assert (found.points, found.grade) == (points, grade), found


@pytest.mark.parametrize(
    ("names", "points", "grade"),
    [
        (("hsts-not-implemented", "csp-implemented-with-no-unsafe"), 80, "B+"),  # no bonus under 90
        (("csp-implemented-with-unsafe-eval", "corp-implemented-with-same-origin"), 100, "A+"),
        (("corp-header-invalid",), 95, "A"),
        (("csp-header-invalid", "cookies-session-without-secure-flag", "hsts-not-implemented"), 15, "F"),
    ],
)
def test_penalties_come_first_and_bonuses_from_90_on(names: tuple[str, ...], points: int, grade: str) -> None:
    assert scoring.summed(names)[:2] == (points, grade)


def test_the_table_names_its_source_and_its_date() -> None:
    assert Path(observatory.__file__ or "").with_name("table.json").is_file()
    assert re.search(r"https://developer\.mozilla\.org/\S+.* read \d{4}-\d\d-\d\d", scoring.table().source)
