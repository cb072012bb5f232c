"""Every target of the table gets its verdict, from real servers on loopback, all at once."""

import asyncio
import time
from collections.abc import Iterator

import pytest
import uvloop
from tests.support.naughty import Naughty, answer, echoes, redirects, says
from tests.support.targets import PATIENCE, Proxy, Targets

from vedette.core.address import AddressPolicy
from vedette.instruments.probe.running import run
from vedette.instruments.probe.types import Family, Request, Result, Standpoint

pytestmark = pytest.mark.xdist_group("probes")


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Targets]:
    made = Targets(tmp_path_factory.mktemp("targets"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def results(targets: Targets) -> dict[str, Result]:
    """Return the result of every case; on uvloop and many together, as the scheduler's run.

    Those that show in which phase time runs out go by themselves: the start of a hundred others would use theirs up.
    """

    async def together(names: list[str]) -> dict[str, Result]:
        found = await asyncio.gather(*(run(targets.request(name), targets.standpoint()) for name in names))
        return dict(zip(names, found, strict=True))

    patient = [name for name, case in targets.cases.items() if case.deadline == PATIENCE]
    others = [name for name in targets.cases if name not in patient]
    return {**uvloop.run(together(others)), **uvloop.run(together(patient))}


def once(request: Request, standpoint: Standpoint) -> Result:
    """Run one check on asyncio's own loop, as the command line does."""
    return asyncio.run(run(request, standpoint))


def test_every_target_gets_its_verdict(targets: Targets, results: dict[str, Result]) -> None:
    found = {name: results[name].code for name in targets.cases}
    assert found == {name: case.code for name, case in targets.cases.items()}, {
        name: results[name].sentence
        for name, case in targets.cases.items()
        if results[name].code != case.code
    }


def test_every_sentence_says_what_matters(targets: Targets, results: dict[str, Result]) -> None:
    silent = {
        name: results[name].sentence
        for name, case in targets.cases.items()
        if case.saying not in results[name].sentence
    }
    assert silent == {}
    assert all(
        result.sentence.endswith((".", "ms.")) and "\n" not in result.sentence for result in results.values()
    )


def test_silence_ends_at_the_deadline(targets: Targets, results: dict[str, Result]) -> None:
    patient = [results[name] for name, case in targets.cases.items() if case.deadline == PATIENCE]
    assert len(patient) > 9
    assert all(result.phases.total >= PATIENCE * 900 for result in patient)
    request = Request(url=targets.cases["slow headers"].url, deadline=0.3)
    began = time.monotonic()
    assert once(request, targets.standpoint()).code == "timeout-in-first-byte"
    assert time.monotonic() - began < 3.0, "headers that drip kept it beyond its deadline"


def test_phases_add_up_and_hops_are_named(targets: Targets, results: dict[str, Result]) -> None:
    found = results["redirect to expiring"]
    assert [hop.url for hop in found.evidence.hops] == [
        targets.cases["redirect to expiring"].url,
        targets.cases["certificate soon"].url,
    ]
    spent = [
        found.phases.dns,
        found.phases.connect,
        found.phases.tls,
        found.phases.first_byte,
        found.phases.transfer,
    ]
    assert all(part is not None for part in spent)
    assert sum(part or 0 for part in spent) <= found.phases.total * 1.05


def test_certificates_that_fail_are_shown(results: dict[str, Result]) -> None:
    for name in (
        "https expired",
        "tls expired",
        "smtp+starttls, expired",
        "https wrong-name",
        "https self-signed",
    ):
        chain = results[name].evidence.chain
        assert chain, name
        assert len(chain[0].fingerprint) == 64
    assert results["https wrong-name"].evidence.chain[0].names == ("other.test", "www.other.test")
    assert [c.subject for c in results["https good"].evidence.chain] == ["CN=shop.test"]


class PublicAndLoopback(AddressPolicy):
    """Takes loopback for public, so that a test has something to be refused."""

    def why_not(self, text: str) -> str | None:
        return None if text in {"127.0.0.1", "::1"} else super().why_not(text)


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/", "http://10.1.2.3/",
        "http://inside.test/", "http://[fe80::1]/",
    ],
)  # fmt: skip
def test_a_redirect_may_not_lead_inside(targets: Targets, location: str) -> None:
    server = Naughty(redirects(location))
    targets.names._records["inside.test A"] = ["192.168.7.7"]  # type: ignore[index]
    request = Request(url=f"http://127.0.0.1:{server.port}/", deadline=5.0)
    result = once(request, targets.standpoint(PublicAndLoopback()))
    server.close()
    assert result.code == "blocked-address"
    assert [hop.status for hop in result.evidence.hops] == [302]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "https://[::1]/", "tcp://10.0.0.1:22", "tls://192.168.1.1",
        "icmp://127.0.0.1", "dns://127.0.0.1/shop.test", "http://shop.test/", "smtp+starttls://127.0.0.1:25",
    ],
)  # fmt: skip
def test_what_is_inside_is_not_asked(targets: Targets, url: str) -> None:
    result = once(Request(url=url, deadline=5.0), targets.standpoint(AddressPolicy()))
    assert (result.code, result.phases.connect) == ("blocked-address", None)


def test_a_name_server_or_proxy_inside_is_not_asked(targets: Targets) -> None:
    public = targets.standpoint(AddressPolicy())
    by = Request(url="http://shop.example/", name_server=targets.names.at, deadline=5.0)
    assert once(by, public).code == "blocked-address"
    through = Request(url="http://192.0.2.1/", options={"proxy": "http://127.0.0.1:3128"}, deadline=5.0)
    assert once(through, public).code == "blocked-address"


def test_a_name_is_resolved_once_and_pinned(targets: Targets) -> None:
    """A name server that changes its answer after the first one leads nobody elsewhere."""
    before = list(targets.names.asked)
    port = targets.servers["good"].port
    assert once(Request(url=f"http://pin.shop.test:{port}/", pins=("127.0.0.1",)), targets.standpoint()).ok
    assert targets.names.asked == before
    assert once(Request(url=f"http://shop.test:{port}/", family=Family.IPV4), targets.standpoint()).ok
    assert targets.names.asked[len(before) :] == ["shop.test. A"]


def test_checks_of_one_host_with_other_pins_do_not_meet(targets: Targets) -> None:
    """libcurl keeps names for all transfers of a loop; each check must reach its own addresses all the same."""
    here = [Naughty(says(answer(body=b"127.0.0.2")), host="127.0.0.2")]
    here.append(Naughty(says(answer(body=b"127.0.0.4")), host="127.0.0.4", port=here[0].port))
    url = f"http://one.test:{here[0].port}/"
    pairs = [("127.0.0.2", "127.0.0.3"), ("127.0.0.4", "127.0.0.5")] * 10

    async def together() -> list[Result]:
        asked = [
            Request(url=url, pins=pins, expect=(f"[BODY] == {pins[0]}", f"[IP] == {pins[0]}"))
            for pins in pairs
        ]
        return await asyncio.gather(*(run(request, targets.standpoint()) for request in asked))

    assert [result.sentence for result in asyncio.run(together()) if not result.ok] == []
    for server in here:
        server.close()


def test_secrets_are_dots_everywhere(targets: Targets) -> None:
    server = Naughty(echoes)
    planted = {
        "token": "planted-token-1",
        "headers": {"X-Auth-Token": "planted-header-2"},
        "body": "planted-body-3",
        "method": "POST",
    }
    expect = ('[BODY] contains "never there"', "[BODY] == x")
    request = Request(
        url=f"http://127.0.0.1:{server.port}/?api_key=planted-query-4", options=planted, expect=expect
    )
    result = once(request, targets.standpoint())
    asked = server.asked[0]
    server.close()
    assert all(text in asked for text in (b"planted-token-1", b"planted-header-2", b"planted-body-3"))
    shown = repr(result) + repr(request)
    for text in (
        "planted-token-1",
        "planted-header-2",
        "planted-body-3",
        "own-secret-cookie",
        "own-secret-key",
    ):
        assert text not in shown, text
    assert "planted-query-4" not in repr(result.evidence.hops)


def test_credentials_stay_behind_when_a_redirect_leaves_the_host(targets: Targets) -> None:
    other = Naughty(says(answer()))
    first = Naughty(redirects(f"http://127.0.0.1:{other.port}/", "307 Temporary Redirect"))
    options = {
        "user": "anna",
        "password": "planted",
        "headers": {"Authorization2": "planted", "X-Kept": "yes"},
        "method": "POST",
        "body": "again",
    }
    assert once(Request(url=f"http://127.0.0.1:{first.port}/", options=options), targets.standpoint()).ok
    assert b"authorization: Basic" in first.asked[0].replace(b"Authorization: ", b"authorization: ")
    assert b"uthorization" not in other.asked[0]
    assert b"X-Kept: yes" in other.asked[0]
    assert other.asked[0].endswith(b"again")


def test_a_proxy_is_asked_for_the_pinned_address(targets: Targets) -> None:
    proxy = Proxy()
    options = {"proxy": f"http://127.0.0.1:{proxy.port}", "proxy_user": "p", "proxy_password": "planted"}
    good, secure = targets.servers["good"].port, targets.servers["https good"].port
    try:
        for url in (f"http://shop.test:{good}/", f"https://shop.test:{secure}/"):
            result = once(Request(url=url, options=options), targets.standpoint(PublicAndLoopback()))
            assert result.ok, result.sentence
        asked = [line.split("\r\n")[0] for line in proxy.asked]
        assert asked == [f"CONNECT 127.0.0.1:{good} HTTP/1.1", f"CONNECT 127.0.0.1:{secure} HTTP/1.1"]
        assert all("Proxy-Authorization: Basic" in line for line in proxy.asked)
        socks = Request(
            url=f"http://shop.test:{good}/", options={"proxy": f"socks5://127.0.0.1:{proxy.port}"}
        )
        assert once(socks, targets.standpoint(PublicAndLoopback())).ok
        assert proxy.asked[-1] == f"SOCKS 127.0.0.1:{good}"
    finally:
        proxy.close()


def test_pings(targets: Targets) -> None:
    for url in ("icmp://127.0.0.1", "ping://six.test"):
        result = once(
            Request(url=url, deadline=5.0, expect=("[RESPONSE_TIME] < 1000", "[CONNECTED]")),
            targets.standpoint(),
        )
        assert result.ok or result.code == "no-permission", result.sentence


def test_a_machine_without_a_resolver_says_so(targets: Targets) -> None:
    nobody = Standpoint(policy=AddressPolicy(allow_private=True), name_servers=("127.0.0.1:1",), hosts="")
    result = once(Request(url="http://shop.test/", deadline=1.0), nobody)
    assert result.code in {"resolver-timeout", "resolver-unreachable"}
