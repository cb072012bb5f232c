"""The decisions of probes: causes, sentences, marks, redirects, options, targets, masks."""

import errno
import re
from pathlib import Path

import msgspec
import pycurl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.address import AddressPolicy
from vedette.core.errors import Invalid
from vedette.core.place import place
from vedette.instruments.probe import causes, masking, sentences
from vedette.instruments.probe.dns.options import DnsOptions, Match, question, why_unfit
from vedette.instruments.probe.hosts import known
from vedette.instruments.probe.http.options import HttpOptions, accepted, check
from vedette.instruments.probe.http.receiving import Receiver
from vedette.instruments.probe.http.redirecting import Ask, following
from vedette.instruments.probe.http.timing import Marks, cut_off, phase_at, spent
from vedette.instruments.probe.optioning import decoded
from vedette.instruments.probe.registry import kinds, probe_of, schemes
from vedette.instruments.probe.targeting import name_server, redirected, targeted
from vedette.instruments.probe.types import (
    OUR_FAULTS,
    RESOLVER_FAULTS,
    Cause,
    Certificate,
    Failed,
    Phase,
    Request,
)

DOCS = (Path(__file__).parents[3] / "docs/monitors.md").read_text()
CAN = {"2": True, "3": False}
HTTP = {"http": 80, "https": 443}


def test_every_cause_is_explained_and_documented() -> None:
    assert set(causes.MEANINGS) == set(Cause)
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.+?) \|$", DOCS, re.MULTILINE))
    assert {cause.value: meaning for cause, meaning in causes.MEANINGS.items()} == {
        name: text for name, text in rows.items() if name in set(Cause)
    }
    assert not RESOLVER_FAULTS & OUR_FAULTS


def test_every_option_of_every_probe_is_documented() -> None:
    for kind, probe in kinds().items():
        section = DOCS.split(f"### {kind}\n")[1].split("\n### ")[0].split("\n## ")[0]
        named = set(re.findall(r"`([a-z_0-9]+)`", section))
        fields = {field.name for field in msgspec.structs.fields(probe.options)}
        assert fields <= named, (kind, fields - named)
        assert set(probe.secrets) <= fields
        assert all(f"`{scheme}" in section for scheme in probe.schemes), kind


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (errno.ECONNREFUSED, Cause.REFUSED), (errno.EHOSTUNREACH, Cause.UNREACHABLE), (errno.ENETUNREACH, Cause.UNREACHABLE),
        (errno.ECONNRESET, Cause.RESET), (errno.ETIMEDOUT, Cause.TIMEOUT_IN_CONNECT), (None, Cause.UNREACHABLE),
    ],
)  # fmt: skip
def test_error_numbers(number: int | None, cause: Cause) -> None:
    assert causes.of_errno(number) is cause


@pytest.mark.parametrize(
    ("code", "words", "number", "cause"),
    [
        (pycurl.E_COULDNT_CONNECT, "", errno.ECONNREFUSED, Cause.REFUSED),
        (pycurl.E_COULDNT_CONNECT, "Failed to connect to proxy", 0, Cause.PROXY),
        (pycurl.E_GOT_NOTHING, "", 0, Cause.CLOSED_EARLY),
        (pycurl.E_PARTIAL_FILE, "", 0, Cause.CLOSED_EARLY),
        (pycurl.E_RECV_ERROR, "Recv failure: Connection reset by peer", errno.ECONNRESET, Cause.RESET),
        (pycurl.E_RECV_ERROR, "CONNECT tunnel failed, response 407", 0, Cause.PROXY),
        (pycurl.E_RECV_ERROR, "tlsv13 alert certificate required", 0, Cause.TLS_CLIENT_CERTIFICATE),
        (pycurl.E_SSL_CONNECT_ERROR, "wrong version number", 0, Cause.TLS_PROTOCOL),
        (pycurl.E_SSL_CONNECT_ERROR, "SSL_ERROR_SYSCALL", errno.ECONNRESET, Cause.RESET),
        (pycurl.E_BAD_CONTENT_ENCODING, "", 0, Cause.BAD_ANSWER),
        (pycurl.E_UNSUPPORTED_PROTOCOL, "Received HTTP/0.9 when not allowed", 0, Cause.BAD_ANSWER),
        (pycurl.E_HTTP2, "", 0, Cause.BAD_ANSWER),
        (pycurl.E_OPERATION_TIMEDOUT, "", 0, Cause.TIMEOUT_IN_TLS),
        (9999, "what comes next year", 0, Cause.BAD_ANSWER),
    ],
)  # fmt: skip
def test_codes_of_libcurl(code: int, words: str, number: int, cause: Cause) -> None:
    assert causes.of_curl(code, words, number, Phase.TLS) is cause


def test_the_numbers_that_stand_in_the_code_are_libcurls() -> None:
    names = ("COULDNT_CONNECT", "OPERATION_TIMEDOUT", "SSL_CONNECT_ERROR", "RECV_ERROR")
    ours = (causes.COULD_NOT_CONNECT, causes.OUT_OF_TIME, causes.TLS_FAILED, causes.RECEIVE_FAILED)
    assert ours == tuple(getattr(pycurl, f"E_{name}") for name in names)
    assert pycurl.E_PEER_FAILED_VERIFICATION == causes.NOT_VERIFIED
    assert pycurl.E_WRITE_ERROR == 23


def certificate(subject: str, issuer: str, starts: float = 0, ends: float = 2e9) -> Certificate:
    return Certificate(
        subject=f"CN={subject}",
        issuer=f"CN={issuer}",
        names=("a.test",),
        starts=starts,
        ends=ends,
        fingerprint="",
    )


def test_sentences_name_who_and_when() -> None:
    chain = [certificate("shop", "R1"), certificate("R1", "Root", ends=1.6e9)]
    said = sentences.untrusted(Cause.TLS_EXPIRED, "shop.test", chain, 1.7e9, "")
    assert said == "The certificate of shop.test (R1) expired on 2020-09-13, 1157 days ago."
    said = sentences.untrusted(Cause.TLS_UNTRUSTED, "shop.test", chain, 1.7e9, "")
    assert "Root, which signed R1, was neither sent nor is it known" in said
    assert said.endswith("Its chain: shop ← R1 ← (Root).")
    assert "it signed itself" in sentences.untrusted(Cause.TLS_UNTRUSTED, "h", [certificate("a", "a")], 0, "")
    assert "none was sent" in sentences.untrusted(Cause.TLS_UNTRUSTED, "h", [], 0, "why")
    assert [sentences.span(s) for s in (0.3, 10, 600, 7200, 3 * 86_400)] == [
        "300 ms",
        "10 s",
        "10 min",
        "2 h",
        "3 days",
    ]


MARKS = st.floats(0, 10)


@given(st.tuples(MARKS, MARKS, MARKS, MARKS), st.booleans(), st.booleans())
def test_phases_never_take_longer_than_the_whole(
    seconds: tuple[float, float, float, float], secure: bool, complete: bool
) -> None:
    a, b, c, d = seconds
    marks = cut_off(Marks(connect=a, tls=b, first_byte=c, total=d), connected=bool(a), total=max(seconds))
    found = spent(marks, secure=secure, complete=complete)
    assert list(found)[-1] is phase_at(marks, secure=secure, complete=complete)
    assert sum(found.values()) <= max(seconds) * 1000 + 1e-3
    assert all(part >= 0 for part in found.values())


@pytest.mark.parametrize(
    ("method", "status", "after"),
    [("POST", 301, "GET"), ("POST", 302, "GET"), ("POST", 303, "GET"), ("PUT", 303, "GET"), ("POST", 307, "POST"),
     ("PUT", 308, "PUT"), ("HEAD", 302, "HEAD"), ("GET", 302, "GET")],
)  # fmt: skip
def test_redirects_keep_or_change_the_method(method: str, status: int, after: str) -> None:
    here = targeted("https://a.test/", HTTP)
    ask = Ask(method=method, headers={"Content-Type": "text/plain", "Authorization": "x"}, body="b")
    follow = following(ask, status, here, targeted("https://a.test/2", HTTP))
    assert (follow.method, bool(follow.body)) == (after, method == after)
    assert follow.trusted
    away = following(ask, status, here, targeted("https://b.test/", HTTP))
    assert not away.trusted
    assert "Authorization" not in away.headers
    assert not following(ask, status, here, targeted("http://a.test/", HTTP)).trusted


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"method": "get"}, "method"), ({"method": "TRACE"}, "method"), ({"headers": {"a b": "c"}}, "headers"),
        ({"headers": {"a": "b\r\nc: d"}}, "headers"), ({"headers": {"Content-Length": "3"}}, "headers"),
        ({"status": "20"}, "status"), ({"status": "200-"}, "status"), ({"most_redirects": 99}, "most_redirects"),
        ({"max_bytes": 0}, "max_bytes"), ({"version": "3"}, "version"), ({"version": "4"}, "version"),
        ({"proxy": "ftp://x/"}, "proxy"), ({"user": "a:b"}, "user"), ({"user": "a", "token": "b"}, "token"),
        ({"token": "a\nb"}, "token"), ({"colour": "red"}, "colour"), ({"follow": "yes"}, "follow"),
    ],
)  # fmt: skip
def test_options_that_never_work_are_named(options: dict[str, object], named: str) -> None:
    with pytest.raises(Invalid) as told:
        check(decoded(HttpOptions, options), CAN)
    assert list(told.value.fields) == [named]
    assert str(told.value).startswith(named)


def test_statuses() -> None:
    found = accepted("200-299, 401")
    assert [any(status in span for span in found) for status in (200, 299, 300, 401)] == [
        True,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.0.0.1./x", "http://1.2.3.4.5/",
        "http://user:secret@shop.test/", "http://shop.test:99999/", "http:///x", "http://sh op.test/", "http://shop.test/\n", "file:///etc/passwd",
        "http://[::1/", "http://exa_mple.test\\@evil.test/", "http://" + "a" * 9000,
    ],
)  # fmt: skip
def test_urls_that_are_not_what_they_seem_are_refused(url: str) -> None:
    with pytest.raises(Invalid, match=r"cannot be checked|are the most"):
        targeted(url, HTTP)


def test_urls_are_taken_apart() -> None:
    found = targeted("HTTPS://[2001:db8::1]:8443/a%20b?c=d#e", HTTP)
    assert (found.scheme, found.host, found.port, found.path, found.shown) == (
        "https",
        "2001:db8::1",
        8443,
        "/a%20b?c=d",
        "[2001:db8::1]:8443",
    )
    assert targeted("http://müller.test/ü", HTTP).host == "xn--mller-kva.test"
    assert redirected("http://a.test/b/c", "../d?e", HTTP).url == "http://a.test/d?e"
    assert redirected("http://a.test/b", "//c.test/", HTTP).host == "c.test"
    for location in ("ftp://a.test/", "javascript:alert(1)", "http://[x/", "http://127.1/"):
        with pytest.raises(Failed, match="cannot be followed"):
            redirected("http://a.test/", location, HTTP)
    with pytest.raises(ValueError, match="must begin with http://"):
        place("gopher://x", HTTP)


@given(st.text(max_size=60))
def test_any_url_has_a_probe_or_a_reason(url: str) -> None:
    try:
        probe_of(url).check(Request(url=url))
    except Invalid as error:
        assert len(str(error)) > 10  # noqa: PT017 - either is fine


def test_schemes_belong_to_one_probe() -> None:
    assert sum(len(probe.schemes) for probe in kinds().values()) == len(schemes())
    with pytest.raises(Invalid, match="did you mean https:"):
        probe_of("htps://x")


@pytest.mark.parametrize(
    ("text", "found"),
    [("192.0.2.1", ("192.0.2.1", 53)), ("192.0.2.1:5353", ("192.0.2.1", 5353)), ("2001:db8::1", ("2001:db8::1", 53)),
     ("[2001:db8::1]:5353", ("2001:db8::1", 5353)), ("[2001:db8::1]", ("2001:db8::1", 53))],
)  # fmt: skip
def test_name_servers(text: str, found: tuple[str, int]) -> None:
    assert name_server(text) == found


@pytest.mark.parametrize("text", ["ns.test", "192.0.2.1:x", "192.0.2.1:0", "192.0.2.1:", "", "[::1"])
def test_what_is_no_name_server(text: str) -> None:
    with pytest.raises(Invalid, match="no address"):
        assert name_server(text) == ("", 0)


def test_questions_to_the_dns() -> None:
    assert question("dns://shop.test", DnsOptions())[:3] == ("shop.test", "A", "")
    assert question("dns://shop.test?type=mx", DnsOptions())[:3] == ("shop.test", "MX", "")
    assert question("dns://192.0.2.1:5353/_sip._tcp.shop.test?type=SRV", DnsOptions()) == (
        "_sip._tcp.shop.test",
        "SRV",
        "192.0.2.1",
        5353,
    )
    for url in (
        "dns://",
        "dns://shop.test?type=AXFR",
        "dns://192.0.2.1/a b",
        "dns://192.0.2.1/" + "a." * 130 + "b",
        "dns://shop.test?type=no-type",
    ):
        with pytest.raises(Invalid):
            question(url, DnsOptions())


def test_records_are_compared_without_case_quotes_and_final_dots() -> None:
    wanted = DnsOptions(values=["10 MX.shop.test", "20 b.test."])
    assert why_unfit(["20 b.test.", "10 mx.shop.test.", "30 c.test."], wanted) is None
    assert why_unfit(["10 mx.shop.test."], wanted) == "20 b.test is missing; there is 10 mx.shop.test."
    assert why_unfit(["a"], DnsOptions(values=["b"], match=Match.ANY)) is not None
    assert why_unfit(['"v=spf1  -all"'], DnsOptions(values=["v=spf1 -all"], match=Match.EXACT)) is None


def test_known_names(tmp_path: Path) -> None:
    table = tmp_path / "hosts"
    table.write_text(
        "127.0.0.1 localhost\n192.0.2.9 Shop.Test www.shop.test # of ours\n2001:db8::9 shop.test\nnonsense\n"
    )
    assert known("SHOP.test.", str(table)) == ("192.0.2.9", "2001:db8::9")
    assert known("www.shop.test", str(table)) == ("192.0.2.9",)
    assert known("other.test", str(table)) == ()
    assert known("192.0.2.1", "") == ("192.0.2.1",)
    assert known("a.localhost", "") == ("127.0.0.1", "::1")


def test_the_policy_gives_reasons() -> None:
    assert AddressPolicy().sift(["8.8.8.8", "10.0.0.1", "x"]) == (
        ["8.8.8.8"],
        ["10.0.0.1 is private", "x is unreadable"],
    )
    assert AddressPolicy(allow_private=True).sift(["10.0.0.1"]) == (["10.0.0.1"], [])


def test_receiving_within_caps() -> None:
    taken = Receiver(keep=4, cap=10)
    for line in (
        b"HTTP/1.1 100 Continue\r\n",
        b"\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"A: 1\r\n",
        b" 2\r\n",
        b"Location: /x\r\n",
        b"\r\n",
        b"Trailer: 1\r\n",
    ):
        taken.header(line)
    assert taken.complete
    assert taken.headers == [("A", "1 2"), ("Location", "/x")]
    assert taken.first("location") == "/x"
    assert [taken.write(b"12345"), taken.write(b"67890"), taken.write(b"!")] == [5, 5, 0]
    assert bytes(taken.body) == b"1234"
    assert taken.too_large


def test_masks() -> None:
    secrets = masking.secrets_of(
        {"token": "to/ken+1", "headers": {"X-Api-Key": "key-2", "Accept": "text/html"}, "n": 3},
        ("token", "headers", "n"),
    )
    text = "to/ken+1 to%2Fken%2B1 key-2 text/html"
    assert masking.masked(text, secrets) == "•••• •••• •••• text/html"
    assert (
        masking.masked_url("http://a.test/?q=1&access_token=abc&x", ())
        == "http://a.test/?q=1&access_token=••••&x"
    )
    assert masking.masked_url("https://anna:planted@a.test/?x=@", ()) == "https://••••@a.test/?x=@"
    with pytest.raises(Invalid) as told:
        targeted("https://anna:planted@a.test/", HTTP)
    assert "planted" not in str(told.value)
    headers = masking.masked_headers(
        [
            ("Set-Cookie", "a=b; Path=/"),
            ("X-Session-Id", "s"),
            ("WWW-Authenticate", "Basic"),
            ("Location", "/?token=t"),
        ],
        (),
    )
    assert [value for _, value in headers] == ["a=••••; Path=/", "••••", "Basic", "/?token=••••"]
    assert len(masking.beginning("ü" * 5000).encode()) == 4096
