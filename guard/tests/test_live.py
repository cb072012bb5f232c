"""What a live site sends, against a policy: by answers made up one by one, and by real proxies."""

import datetime
from dataclasses import dataclass, field, replace

import pytest

from vedette_guard import Cookies, Cors, Headers, Https, PathPolicy, Policy
from vedette_guard.live import csp
from vedette_guard.live.looking import STRANGER, look, target
from vedette_guard.live.seen import Answer, Level, Pairs, Unanswered
from vedette_guard.plan import compile_policy

TODAY = datetime.date(2026, 11, 26)
POLICY = Policy.preset("strict").but(hosts=("shop.example",), cookies=Cookies(http_only="all"))
GOOD_TLS = {"TLSv1": False, "TLSv1.1": False, "TLSv1.2": True, "TLSv1.3": True}


def pairs_of(policy: Policy) -> Pairs:
    return tuple(compile_policy(policy, TODAY).root.dressings.secure_text.pairs)


@dataclass
class Site:
    """A site in memory that does what a policy says, but for what a test spoils."""

    headers: Pairs = field(default_factory=lambda: pairs_of(POLICY))
    plain: Answer | None = field(
        default_factory=lambda: Answer(301, (("location", "https://shop.example/"),))
    )
    refused: int = 400
    allows: Pairs = ()
    offered: dict[str, bool] = field(default_factory=lambda: dict(GOOD_TLS))
    fault: str = ""

    def ask(self, url: str, headers: Pairs) -> Answer:
        if url.startswith("http://"):
            if self.plain is None:
                raise Unanswered("nobody listens")
            return self.plain
        hosts = [value for name, value in headers if name == "Host"]
        if hosts != ["shop.example"]:
            return Answer(self.refused, ())
        asked = dict(headers).get("Origin")
        allowed = (
            tuple((name, value.replace("ECHO", asked or "")) for name, value in self.allows) if asked else ()
        )
        return Answer(200, self.headers + allowed)

    def versions(self, url: str) -> dict[str, bool]:
        return self.offered

    def certificate_fault(self, url: str) -> str:
        return self.fault


def sentences(
    site: Site, policy: Policy = POLICY, level: Level = Level.WRONG, url: str = "https://shop.example/"
) -> list[str]:
    found = look(policy, target(url), site, TODAY)
    assert found == sorted(found, key=lambda finding: -finding.level)
    return [finding.sentence for finding in found if finding.level is level]


def but(name: str, *values: str) -> Pairs:
    """Return the headers of the policy, one of them otherwise."""
    kept = tuple(pair for pair in pairs_of(POLICY) if pair[0] != name)
    return kept + tuple((name, value) for value in values)


def test_a_site_that_keeps_its_policy_is_told_so() -> None:
    assert sentences(Site()) == []
    assert sentences(Site(), level=Level.OTHER) == []
    kept = sentences(Site(), level=Level.KEPT)
    for words in (
        "sent to HTTPS",
        "two Host headers",
        "TLSv1.2 and TLSv1.3",
        "Content-Security-Policy is that",
        "nosniff",
    ):
        assert any(words in sentence for sentence in kept), words


@pytest.mark.parametrize(
    ("spoiled", "sentence"),
    [
        ({"plain": Answer(200, ())}, "plain HTTP is answered 200, and not sent to HTTPS"),
        ({"plain": Answer(301, (("location", "https://evil.example/"),))}, "plain HTTP is answered 301 to https://evil.example/, and not sent to HTTPS"),
        ({"plain": Answer(301, (("location", "https://shop.example/"), ("strict-transport-security", "max-age=1")))}, "HSTS is told over plain HTTP, where browsers must ignore it"),
        ({"headers": but("strict-transport-security")}, "no HSTS is told; the policy says max-age=31536000; includeSubDomains"),
        ({"headers": but("strict-transport-security", "max-age=300; includeSubDomains")}, "HSTS lasts 300 seconds; the policy says 31536000"),
        ({"headers": but("strict-transport-security", "max-age=31536000")}, "HSTS lacks includesubdomains"),
        ({"headers": but("content-security-policy")}, "no Content-Security-Policy is sent"),
        ({"headers": but("x-frame-options")}, "x-frame-options is not sent; the policy says DENY"),
        ({"headers": but("x-frame-options", "SAMEORIGIN")}, "x-frame-options is SAMEORIGIN; the policy says DENY"),
        ({"headers": but("x-content-type-options", "sniff")}, "x-content-type-options is sniff; the policy says nosniff"),
        ({"headers": but("x-powered-by", "PHP/5")}, "x-powered-by is sent: PHP/5"),
        ({"headers": but("set-cookie", "sid=1; Secure", "b=1; Secure; HttpOnly; SameSite=Lax")}, "the cookie sid lacks HttpOnly, SameSite=Lax"),
        ({"allows": (("access-control-allow-origin", "ECHO"), ("access-control-allow-credentials", "true"))}, f"pages of https://{STRANGER} may read answers with the user's cookies"),
        ({"allows": (("access-control-allow-origin", "*"),)}, "pages of null may read answers, which the policy does not allow"),
        ({"offered": {**GOOD_TLS, "TLSv1.1": True}}, "TLSv1.1 is offered; Mozilla's intermediate profile begins with TLSv1.2"),
        ({"fault": "certificate has expired"}, "browsers do not believe the certificate: certificate has expired"),
    ],
)  # fmt: skip
def test_what_is_weaker_is_said(spoiled: dict[str, object], sentence: str) -> None:
    assert sentence in sentences(replace(Site(), **spoiled))  # type: ignore[arg-type]


def test_hosts_that_are_not_refused_are_said() -> None:
    assert sentences(Site(refused=200)) == [
        "a request with two Host headers is answered 200",
        "a request with a malformed Host header is answered 200",
        "a request with another host is answered 200",
    ]
    assert len(sentences(Site(refused=200), POLICY.but(hosts=()))) == 2


def test_plain_http_that_nobody_answers_is_fine() -> None:
    assert sentences(Site(plain=None)) == []


def test_a_path_is_compared_with_its_own_policy() -> None:
    policy = POLICY.but(paths={"/api": PathPolicy(headers=Headers(cache="no-store"))})
    assert "cache-control is not sent; the policy says no-store" in sentences(
        Site(), policy, url="https://shop.example/api/x"
    )
    assert sentences(Site(), policy) == []


def test_what_is_stricter_is_no_fault() -> None:
    loose = Policy(https=Https(hsts="5m"), cors=Cors(origins=("https://a.example",)))
    assert sentences(Site(), loose) == []
    found = sentences(Site(), loose, Level.OTHER)
    for sentence in (
        "plain HTTP is sent to HTTPS, which the policy does not ask for",
        "HSTS is stricter than the policy: max-age=31536000; includeSubDomains",
        "x-frame-options is DENY; the policy says SAMEORIGIN",
        "referrer-policy is same-origin; the policy says strict-origin-when-cross-origin",
        "base-uri does not allow 'self', which the policy does",
        "pages of https://a.example may not read answers, which the policy allows",
    ):
        assert sentence in found


@pytest.mark.parametrize(
    ("sent", "level", "sentence"),
    [
        ("default-src 'self'; frame-ancestors 'none'", Level.WRONG, "img-src also allows 'self'"),
        ("default-src *; img-src a.example; frame-ancestors 'none'", Level.WRONG, "default-src also allows *"),
        ("img-src a.example b.example; default-src 'none'; frame-ancestors 'none'", Level.WRONG, "img-src also allows b.example"),
        ("img-src a.example; default-src 'none'", Level.WRONG, "frame-ancestors is missing"),
        ("img-src a.example; frame-ancestors 'none'", Level.WRONG, "default-src is missing"),
        ("default-src 'none'; img-src 'none'; frame-ancestors 'none'", Level.OTHER, "img-src does not allow a.example, which the policy does"),
        ("DEFAULT-SRC 'NONE'; img-src a.example; img-src *; frame-ancestors 'none'; report-uri /r", Level.KEPT, "the Content-Security-Policy is that of the policy"),
        ("default-src 'none'; img-src a.example; frame-ancestors 'none'; sandbox", Level.OTHER, "sandbox is sent, which the policy does not have"),
    ],
)  # fmt: skip
def test_policies_are_compared_by_directives(sent: str, level: Level, sentence: str) -> None:
    headers = Headers(csp={"default-src": ("'none'",), "img-src": ("a.example",)}, frames=("'none'",))
    assert (level, sentence) in [(f.level, f.sentence) for f in csp.compare([sent], headers)]


def test_nonces_are_alike_and_hashes_are_not() -> None:
    headers = Headers(csp={"script-src": ("'self'", "'nonce'")}, frames=())
    assert [f.level for f in csp.compare(["script-src 'self' 'nonce-abc'"], headers)] == [Level.KEPT]
    assert [f.level for f in csp.compare(["script-src 'self'"], headers)] == [Level.KEPT]
    assert [f.level for f in csp.compare(["script-src 'self' 'sha256-abc='"], headers)] == [Level.WRONG]


def test_only_https_addresses_are_looked_at() -> None:
    for wrong in ("http://shop.example/", "shop.example", "https://"):
        with pytest.raises(ValueError, match="https://"):
            target(wrong)
    assert target("https://[::1]:8443/a?b", 8080).plain == "http://[::1]:8080/a?b"
