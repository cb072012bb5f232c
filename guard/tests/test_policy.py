"""A policy: from code, from a preset, from a file; and a wrong one, which says key, value and what was meant."""

from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from vedette_guard import (
    Cookies,
    Cors,
    Csrf,
    Guard,
    Headers,
    Https,
    PathPolicy,
    Policy,
    PolicyError,
    Proxies,
    Rate,
    Reports,
    UploadPolicy,
    WsgiGuard,
)
from vedette_guard.doors.django import policy_of
from vedette_guard.presets import PRESETS
from vedette_guard.reading import read_policy

# (what stands in the file below [guard], what the error says)
WRONG_FILES = [
    ("htps = {}", "guard.htps: there is no such key; did you mean `https`?"),
    ('preset = "stric"', "preset = 'stric': there are default, strict, api, spa, fastapi-docs, django-admin; did you"),
    ("preset = 3", "guard.preset = 3: meant is the name of a preset"),
    ('https = { hsts = "1yr" }', "guard.https.hsts = '1yr': meant is off, ramp, or a duration such as 30s, 5m"),
    ('https = { redirct = true }', "guard.https.redirct: there is no such key; did you mean `redirect`?"),
    ('https = { redirect = "yes" }', "guard.https.redirect = 'yes': meant is true or false"),
    ("https = { port = 70000 }", "guard.https.port = 70000: meant is a port, 1 to 65535"),
    ('https = { hsts = "ramp" }', "guard.https.since = '': meant is the day from which on the ramp goes up"),
    ("https = { preload = true }", 'hsts must be "1y" or more; subdomains must be true; redirect must be true'),
    ('hosts = "shop.example"', "guard.hosts = 'shop.example': meant is several: ('shop.example',)"),
    ('hosts = ["https://shop.example/"]', "guard.hosts[0] = 'https://shop.example/': meant is a name such as"),
    ('proxies = { trusted = ["10.0.0.1/8"] }', "guard.proxies.trusted[0] = '10.0.0.1/8': meant is a network"),
    ('proxies = { header = "x-real-ip" }', "guard.proxies.header = 'x-real-ip': meant is one of 'x-forwarded-for'"),
    ('headers = { csp = { script-src = ["self"] } }', "guard.headers.csp.script-src = 'self': meant is \"'self'\""),
    ('headers = { csp = { scrpt-src = ["*"] } }', "guard.headers.csp.scrpt-src: there is no such key; did you mean `scr"),
    ("headers = { csp = { img-src = [\"'none'\", \"*\"] } }", "meant is 'none' alone"),
    ('headers = { csp = { img-src = ["a; script-src *"] } }', "meant is one source an entry"),
    ('headers = { csp = { frame-ancestors = ["*"] } }', "meant is `headers.frames`, which writes frame-ancestors"),
    ('headers = { referrer = "none" }', "guard.headers.referrer = 'none': meant is empty, or one of no-referrer"),
    ('headers = { opener = "same-orign" }', "guard.headers.opener = 'same-orign': meant is empty, or one of"),
    ('headers = { permissions = { camera = ["none"] } }', "guard.headers.permissions.camera = 'none': meant is self"),
    ('headers = { cache = "no-store\\nx: y" }', "guard.headers.cache"),
    ('reports = { url = "http://watch.example/" }', "guard.reports.url = 'http://watch.example/': meant is an address"),
    ('reports = { url = "https://watch.example/?a,b" }', "guard.reports.url = 'https://watch.example/?a,b': meant is"),
    ('csrf = { trusted = ["shop.example"] }', "guard.csrf.trusted[0] = 'shop.example': meant is an origin such as"),
    ('csrf = { exempt = ["/hooks/*"] }', "guard.csrf.exempt[0] = '/hooks/*': meant is a path that begins with /"),
    ('csrf = { exempt = "/hooks" }', "guard.csrf.exempt = '/hooks': meant is several: ('/hooks',)"),
    ('cookies = { http_only = "yes" }', "guard.cookies.http_only = 'yes': meant is one of 'off', 'sessions', 'all'"),
    ('cookies = { host_prefix = ["__Host-id"] }', "meant is the name of a cookie, as the application sets it"),
    ('uploads = { kind = ["jpeg"] }', "guard.uploads.kind: there is no such key; did you mean `kinds`?"),
    ('uploads = { kinds = ["jpg"] }', "guard.uploads.kinds[0] = 'jpg': meant is one of jpeg, png, gif, webp"),
    ('uploads = { size = "10 MiB" }', "guard.uploads.size = '10 MiB': meant is a whole number, 0 or more"),
    ('uploads = { clamd_time = "soon" }', "guard.uploads.clamd_time = 'soon': meant is a duration such as 30s"),
    ('uploads = { clamd = "clamav" }', "guard.uploads.clamd = 'clamav': meant is the path of a socket, or host:port"),
    ('paths = { "/a" = { uploads = {} } }', "uploads: there is no such key"),
    ('rates = [{ name = "all" }]', "guard.rates[0]: it needs `limit`"),
    ('rates = [{ name = "all", limit = 0 }]', "guard.rates[0].limit = 0: meant is how many requests are allowed"),
    ('rates = [{ name = "all", limit = 1000000000000000 }]', "meant is how many requests are allowed, 1 to 999999999999999"),
    ('rates = [{ name = "all", limit = 5, burst = 1000000000000000 }]', "guard.rates[0].burst = 1000000000000000: meant is"),
    ('rates = [{ name = "all", limit = -1 }]', "guard.rates[0].limit = -1: meant is a whole number, 0 or more"),
    ('rates = [{ name = "all", limit = 5, per = "minute" }]', "guard.rates[0].per = 'minute': meant is a duration"),
    ('rates = [{ name = "all", limit = 5, by = ["ip"] }]', "guard.rates[0].by[0] = 'ip': meant is one of address"),
    ('rates = [{ name = "all", limit = 5, pr = "1m" }]', "guard.rates[0].pr: there is no such key; did you mean `p"),
    ('rates = [{ name = "a", limit = 5 }, { name = "a", limit = 6 }]', "guard.rates[1].name = 'a': meant is a name"),
    ('rates = [{ name = "a", limit = 5, methods = ["post"] }]', "guard.rates[0].methods[0] = 'post': meant is"),
    ('limits = { body = "1MB" }', "guard.limits.body = '1MB': meant is a whole number, 0 or more"),
    ('limits = { body_time = "soon" }', "guard.limits.body_time = 'soon': meant is a duration"),
    ('cors = { origins = ["*"], credentials = true }', "with credentials, any page could read as the user"),
    ('answers = "html"', "guard.answers = 'html': meant is one of 'text', 'problem'"),
    ('paths = { "docs" = {} }', "guard.paths.\"docs\" = 'docs': meant is a path that begins with /"),
    ('paths = { "/docs" = { hosts = [] } }', 'guard.paths."/docs".hosts: there is no such key'),
    ('paths = { "/docs" = { csrf = { on = 1 } } }', 'guard.paths."/docs".csrf.on = 1: meant is true or false'),
    ("paths = 3", "guard.paths = 3: meant is a table of paths"),
    ("https = 3", "guard.https = 3: meant is a table [guard.https]"),
]  # fmt: skip


def test_a_wrong_file_tells_key_value_and_what_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "vedette.toml"
    for text, said in WRONG_FILES:
        path.write_text(f"[guard]\n{text}\n")
        with pytest.raises(PolicyError) as caught:
            Policy.from_file(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert said in str(caught.value)


def test_a_file_that_is_no_toml_or_has_no_guard_is_told(tmp_path: Path) -> None:
    path = tmp_path / "vedette.toml"
    for text, said in (
        ("[guard", "Expected"),
        ("port = 3\n", "there is no [guard]"),
        ("guard = 3", "there is no [guard]"),
    ):
        path.write_text(text)
        with pytest.raises(PolicyError, match=r"vedette\.toml: ") as caught:
            Policy.from_file(path)
        assert said in str(caught.value)


# From code: what type checkers would say too, and values that they cannot see.
WRONG_CODE = [
    (Policy(hosts="shop.example"), "guard.hosts = 'shop.example': meant is several: ('shop.example',)"),  # type: ignore[arg-type]
    (Policy(https=None), "guard.https = None: meant is a Https"),  # type: ignore[arg-type]
    (Policy(csrf=Csrf(exempt=("hooks",))), "guard.csrf.exempt[0] = 'hooks': meant is a path"),
    (Policy(headers=Headers(frames=("self",))), "guard.headers.frames = 'self': meant is \"'self'\""),
    (Policy(rates=(Rate("Log in", 5),)), "guard.rates[0].name = 'Log in': meant is a name of lower-case"),
    (Policy(paths={"/a/../b": PathPolicy()}), "guard.paths.\"/a/../b\" = '/a/../b': meant is a path"),
    (Policy(cookies=Cookies(readable=("a b",))), "guard.cookies.readable[0] = 'a b'"),
    (Policy(cors=Cors(origins=("https://a.example/x",))), "guard.cors.origins[0] = 'https://a.example/x'"),
    (Policy(reports=Reports(url="https://a.example/", name="A")), "guard.reports.name = 'A'"),
    (Policy(headers=Headers(ours=("a:b",))), "guard.headers.ours/remove[0] = 'a:b'"),
]


def test_a_wrong_policy_fails_as_the_door_is_built() -> None:
    for door in (Guard, WsgiGuard):
        for policy, said in WRONG_CODE:
            with pytest.raises(PolicyError) as caught:
                door(None, policy)  # type: ignore[arg-type]
            assert said in str(caught.value)


def test_a_policy_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Policy().hosts = ("a",)  # type: ignore[misc]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_meant(name: str) -> None:
    Guard(lambda *_: None, name)  # type: ignore[arg-type, return-value]
    Guard(lambda *_: None, Policy(paths={"/x": PathPolicy.preset(name)}))  # type: ignore[arg-type, return-value]


FILE = """
[guard]
preset = "strict"
hosts = ["shop.example"]

[guard.https]
subdomains = false

[guard.headers.csp]
img-src = ["'self'", "https://cdn.example"]

[guard.proxies]
trusted = ["10.0.0.0/8", "unix"]

[[guard.rates]]
name = "sign-in"
limit = 5
per = "1m"
by = ["address", "header:x-device"]
paths = ["/login"]

[guard.uploads]
kinds = ["jpeg", "pdf"]
clamd = "/run/clamav/clamd.ctl"

[guard.paths."/docs"]
preset = "fastapi-docs"

[guard.paths."/hooks".csrf]
on = false
"""


def test_a_file_says_what_code_says(tmp_path: Path) -> None:
    path = tmp_path / "vedette.toml"
    path.write_text(FILE)
    strict = Policy.preset("strict")
    rate = Rate("sign-in", 5, "1m", by=("address", "header:x-device"), paths=("/login",))
    images = {**strict.headers.csp, "img-src": ("'self'", "https://cdn.example")}
    policy = Policy.from_file(path)
    assert policy == strict.but(
        hosts=("shop.example",),
        https=replace(strict.https, subdomains=False),
        headers=replace(strict.headers, csp=images),
        proxies=Proxies(trusted=("10.0.0.0/8", "unix")),
        rates=(rate,),
        uploads=UploadPolicy(kinds=("jpeg", "pdf"), clamd="/run/clamav/clamd.ctl"),
        paths={
            "/docs": PathPolicy.preset("fastapi-docs"),
            "/hooks": PathPolicy(csrf=Csrf(on=False)),
        },
    )


def test_what_a_path_says_stands_over_the_policy_around_it() -> None:
    policy = read_policy(
        {"csrf": {"trusted": ["https://a.example"]}, "paths": {"/x": {"csrf": {"same_site": True}}}}
    )
    assert policy.paths["/x"].csrf == Csrf(trusted=("https://a.example",), same_site=True)


def test_django_takes_an_object_a_name_or_a_table() -> None:
    policy = Policy(https=Https(redirect=True))
    assert policy_of(policy) is policy
    assert policy_of("strict") == "strict"
    assert policy_of({"https": {"redirect": True}}) == policy
    with pytest.raises(PolicyError):
        policy_of({"https": {"redirect": 1}})
