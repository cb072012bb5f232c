"""Where a request is: HTTPS and HSTS, the host, and the client behind proxies."""

import datetime

import pytest

from guard.tests.doors import Act, Door
from vedette_guard import Csrf, Https, Policy, Proxies
from vedette_guard.decisions import hosts, https
from vedette_guard.decisions.forwarding import bucket, finder

HTTPS = Policy(https=Https(redirect=True, hsts="1y", subdomains=True), csrf=Csrf(on=False))


REDIRECTS = [
    ("GET", "/orders", "page=2&q=a%20b", 301, "https://shop.example/orders?page=2&q=a%20b"),
    ("HEAD", "/", "", 301, "https://shop.example/"),
    ("POST", "/orders", "", 308, "https://shop.example/orders"),
    ("DELETE", "/orders/ü", "", 308, "https://shop.example/orders/%C3%BC"),
    ("GET", "//evil.example/x", "", 301, "https://shop.example//evil.example/x"),
    ("GET", "/healthy", "", 301, "https://shop.example/healthy"),
    ("GET", "/health/../admin", "", 301, "https://shop.example/health/../admin"),
]


def test_plain_http_is_redirected(door: Door) -> None:
    act = Act()
    ask = door.open(act, HTTPS)
    for method, path, query, status, location in REDIRECTS:
        answer = ask(method=method, path=path, query=query, scheme="http")
        assert (answer.status, answer.one("location")) == (status, location)
    assert not act.seen


def test_listed_paths_are_served_over_plain_http(door: Door) -> None:
    ask = door.open(Act(), HTTPS)
    for path in ("/health", "/health/db", "/.well-known/acme-challenge/x"):
        assert ask(path=path, scheme="http").status == 200, path


def test_hsts_is_told_over_https_only_even_when_the_application_tells_it(door: Door) -> None:
    saying = Act(headers=[("Content-Type", "text/plain"), ("Strict-Transport-Security", "max-age=7")])
    for act, told in ((Act(), "max-age=31536000; includeSubDomains"), (saying, "max-age=7")):
        ask = door.open(act, HTTPS)
        assert ask().one("strict-transport-security") == told
        assert ask(path="/health", scheme="http").one("strict-transport-security") is None


def test_a_redirect_goes_to_the_port_of_https(door: Door) -> None:
    ask = door.open(Act(), Policy(https=Https(redirect=True, port=8443)))
    assert ask(scheme="http", host="Shop.Example.:8000").one("location") == "https://shop.example:8443/page"


@pytest.mark.parametrize(
    ("day", "seconds"),
    [(-1, 0), (0, 300), (6, 300), (7, 604_800), (34, 604_800), (35, 31_536_000), (400, 31_536_000)],
)
def test_the_ramp_goes_up(day: int, seconds: int) -> None:
    since = datetime.date(2026, 11, 1)
    found, reason = https.age(Https(hsts="ramp", since="2026-11-01"), since + datetime.timedelta(days=day))
    assert (found, bool(reason)) == (seconds, True)


def test_a_site_for_the_list_of_browsers_has_to_be_ready() -> None:
    ready = Https(redirect=True, hsts="1y", subdomains=True, preload=True)
    assert https.preload_faults(ready) == []
    assert https.value(ready, datetime.date(2026, 11, 1)) == "max-age=31536000; includeSubDomains; preload"
    assert len(https.preload_faults(Https())) == 3


HOSTS = Policy(
    hosts=("app.example.com", "*.shop.example", "[::1]", "local.example:8000"), https=Https(hsts="off")
)


GOOD_HOSTS = [
        "app.example.com", "APP.example.COM", "app.example.com.", "app.example.com:8000", "app.example.com.:443",
        "a.shop.example", "a.b.shop.example", "[::1]", "[::1]:8000", "local.example:8000",
]  # fmt: skip
BAD_HOSTS = [
        "evil.example", "app.example.com@evil.example", "app.example.com:80:90", "shop.example", "xshop.example",
        "local.example:8001", "local.example", "", "app.example.com:", "app.example.com:0", "app.example.com:99999",
        "app.example.com/../x", "app.example.com?x", "app.example.com#x", "app.example.com x", "[::1", "::1", "[::g]",
        "a..shop.example", ".shop.example", "app.example.com\t", "app.exämple.com", "a" * 300 + ".shop.example",
]  # fmt: skip


def test_a_host_is_known_by_any_spelling(door: Door) -> None:
    ask = door.open(Act(), HOSTS)
    for host in GOOD_HOSTS:
        assert ask(host=host).status == 200, host


def test_another_or_a_malformed_host_is_refused_before_routing(door: Door) -> None:
    act = Act()
    ask = door.open(act, HOSTS)
    for host in BAD_HOSTS:
        assert ask(host=host).status == 400, host
    assert not act.seen


def test_two_hosts_are_refused(door: Door) -> None:
    for policy in (HOSTS, Policy()):
        answer = door.open(Act(), policy)(host="app.example.com", headers=[("host", "evil.example")])
        assert answer.status == 400
        assert b"several" in answer.body


def test_without_a_list_any_well_formed_host_is_served(door: Door) -> None:
    ask = door.open(Act())
    assert ask(host="anything.example:81").status == 200
    assert ask(host="any@thing").status == 400
    if door.name != "fastapi":  # a request of HTTP/1.0
        assert ask(host=None).status == 200
    assert door.open(Act(), HOSTS)(host=None).status == 400


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("A.Example.:443", "a.example"), ("a.example:8443", "a.example:8443"), ("[2001:DB8::1]:80", "[2001:db8::1]"),
        ("a_b.example", "a_b.example"), ("a@b", ""), ("[1.2.3.4]", ""), ("-a.example", ""), ("", ""),
    ],
)  # fmt: skip
def test_hosts_have_one_spelling(text: str, normal: str) -> None:
    assert hosts.normal(text) == normal


TRUSTED = ("10.0.0.0/8", "2001:db8:1::/48")


@pytest.mark.parametrize(
    ("peer", "forwarded", "proto", "address", "scheme"),
    [
        ("10.0.0.1", "203.0.113.9", "https", "203.0.113.9", "https"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "https", "203.0.113.9", "https"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "https, http", "203.0.113.9", "http"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "https, http", "203.0.113.9", "https"),
        ("198.51.100.7", "203.0.113.9", "https", "198.51.100.7", ""),
        ("10.0.0.1", "", "", "10.0.0.1", ""),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "", "10.0.0.3", ""),
        ("10.0.0.1", "203.0.113.9:4711", "", "203.0.113.9", ""),
        ("10.0.0.1", "[2001:db8:9::1]:4711", "", "2001:db8:9::1", ""),
        ("10.0.0.1", "::ffff:203.0.113.9", "", "203.0.113.9", ""),
        ("::ffff:10.0.0.1", "203.0.113.9", "", "203.0.113.9", ""),
        ("10.0.0.1", "203.0.113.9, unknown", "", "10.0.0.1", ""),
        ("10.0.0.1", "203.0.113.9, unknown, 10.0.0.2", "", "10.0.0.2", ""),
        ("10.0.0.1", "1.1.1.1," * 200 + "203.0.113.9", "", "203.0.113.9", ""),
        ("10.0.0.1", "203.0.113.9", "gopher", "203.0.113.9", ""),
        ("", "203.0.113.9", "https", "", ""),
    ],
)
def test_the_client_is_the_rightmost_hop_that_is_not_trusted(
    peer: str, forwarded: str, proto: str, address: str, scheme: str
) -> None:
    found = finder(TRUSTED, "x-forwarded-for")(peer, forwarded, proto)
    assert (found.address, found.scheme, bool(found.reason)) == (address, scheme, True)


@pytest.mark.parametrize(
    ("forwarded", "address", "scheme"),
    [
        ("for=1.1.1.1, for=203.0.113.9;proto=https;host=x", "203.0.113.9", "https"),
        ('For="[2001:db8:9::1]:4711";Proto=http', "2001:db8:9::1", "http"),
        ("by=10.0.0.1;for=_hidden", "10.0.0.1", ""),
        ("proto=https", "10.0.0.1", "https"),
    ],
)
def test_forwarded_is_read_where_the_policy_says_so(forwarded: str, address: str, scheme: str) -> None:
    found = finder(TRUSTED, "forwarded")("10.0.0.1", forwarded, "ignored")
    assert (found.address, found.scheme) == (address, scheme)


def test_a_unix_socket_is_trusted_by_its_name() -> None:
    assert finder(("unix",), "x-forwarded-for")("", "203.0.113.9", "https").address == "203.0.113.9"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::ffff:1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"), ("fe80::1%eth0", "fe80::/64"), ("", ""), ("nonsense", "nonsense"),
    ],
)  # fmt: skip
def test_an_ipv6_network_is_one_client(address: str, counted: str) -> None:
    assert bucket(address) == counted


def test_a_trusted_proxy_tells_of_https(door: Door) -> None:
    policy = HTTPS.but(proxies=Proxies(trusted=("10.0.0.0/8",)))
    forwarded = [("x-forwarded-proto", "https"), ("x-forwarded-for", "203.0.113.9")]
    ask = door.open(Act(), policy)
    answer = ask(scheme="http", peer="10.0.0.1", headers=forwarded)
    assert answer.status == 200
    assert answer.one("strict-transport-security")
    assert ask(scheme="http", peer="198.51.100.7", headers=forwarded).status == 301


@pytest.mark.parametrize("written", ["x" * 600, "1.1.1.1, " * 90, ""])
def test_a_client_hides_behind_no_long_header(written: str) -> None:
    find = finder(("10.0.0.0/8",), "x-forwarded-for")
    forwarded = f"{written}, 6.6.6.6" if written else "6.6.6.6"
    found = find("10.0.0.1", forwarded, f"{'y' * 600}, https")
    assert (found.address, found.scheme) == ("6.6.6.6", "https")
    assert find("10.0.0.1", "x" * 600, "").address == "10.0.0.1"
