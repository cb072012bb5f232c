"""How reports of browsers read, and which of them are one issue."""

import json

import pytest
from tests.support.reports import SENT
from tests.unit.errors.conftest import delivery

from vedette.errors.grouping import fingerprint
from vedette.errors.normalize import normalize
from vedette.errors.scrubbing import Scrubber
from vedette.errors.types import Event
from vedette.intake import reports as sifting
from vedette.wire import reports as bodies

PAGE = "https://shop.example/orders/4711?token=x"


def event(scrub: Scrubber, sent: object) -> Event:
    return normalize(delivery(sent), scrub).event


def csp(**fields: object) -> dict[str, object]:
    return {"csp": {"document_uri": PAGE, **fields}}


def other(kind: str, **fields: object) -> dict[str, object]:
    return {"browser_report": {"type": kind, "url": PAGE, **fields}}


def nel(kind: str, **fields: object) -> dict[str, object]:
    return {"nel": {"type": kind, "url": "https://cdn.example/x.js", **fields}}


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        (csp(effective_directive="script-src-elem", blocked_uri="https://evil.example/x"), "script-src refused https://evil.example on /orders/*"),
        (csp(effective_directive="img-src", blocked_uri="https://evil.example:8443/x", disposition="report"), "img-src would refuse https://evil.example:8443 on /orders/*"),
        (csp(violated_directive="img-src https:", blocked_uri="data"), "img-src refused data: on /orders/*"),
        (csp(effective_directive="script-src-attr", blocked_uri="inline"), "script-src refused an inline script on /orders/*"),
        (csp(effective_directive="script-src", blocked_uri="eval"), "script-src refused eval of a text on /orders/*"),
        (csp(effective_directive="style-src", blocked_uri=""), "style-src refused an inline style on /orders/*"),
        (csp(effective_directive="connect-src", blocked_uri="https://shop.example/api"), "connect-src refused the page's own origin on /orders/*"),
        (csp(effective_directive="require-trusted-types-for", blocked_uri="trusted-types-sink", script_sample="Element innerHTML|<b>"), "Trusted Types: Element innerHTML was given a plain text on /orders/*"),
        (csp(effective_directive="trusted-types", blocked_uri="trusted-types-policy", script_sample="lit-html"), "Trusted Types: the policy lit-html is not allowed on /orders/*"),
        (csp(blocked_uri="https://[broken/x"), "The policy refused https: on /orders/*"),
        (nel("dns.name_not_resolved", phase="dns"), "DNS failed for cdn.example: dns.name_not_resolved"),
        (nel("tcp.timed_out"), "No connection to cdn.example: tcp.timed_out"),
        (nel("tls.cert.date_invalid"), "TLS failed for cdn.example: tls.cert.date_invalid"),
        (nel("http.error", status_code=502), "HTTP failed at cdn.example: http.error 502"),
        (nel("something.new", phase="dns"), "DNS failed for cdn.example: something.new"),
        (nel("abandoned"), "Requests were given up at cdn.example: abandoned"),
        (other("deprecation", id="websql", message="WebSQL goes."), "Deprecated: WebSQL goes."),
        (other("intervention", id="slow"), "The browser intervened: slow"),
        (other("crash", reason="oom"), "The page crashed on /orders/*: it ran out of memory (oom)"),
        (other("crash"), "The page crashed on /orders/*: for an unknown reason"),
        (other("coop", violation="navigate-to-document", disposition="reporting"), "COOP would cut the page off on /orders/*: navigate-to-document"),
        (other("coep", violation="corp", blocked_uri="https://cdn.example/x.png", disposition="enforce"), "COEP refused https://cdn.example on /orders/*: corp"),
        (other("permissions-policy-violation", policy_id="camera"), "Permissions policy refused camera on /orders/*"),
        (other("integrity-violation", blocked_uri="https://cdn.example/x.js"), "Integrity policy refused https://cdn.example without integrity on /orders/*"),
        (other("expect-ct", hostname="cdn.example"), "Certificate transparency failed for shop.example"),
        (other("novelty"), "The browser reported novelty at shop.example"),
    ],
)  # fmt: skip
def test_the_title_says_what_happened(scrub: Scrubber, sent: object, title: str) -> None:
    assert event(scrub, sent).title == title


def test_what_is_the_same_problem_is_one_issue(scrub: Scrubber) -> None:
    def one(first: object, second: object) -> bool:
        return fingerprint(event(scrub, first)).hash == fingerprint(event(scrub, second)).hash

    evil = csp(effective_directive="script-src-elem", blocked_uri="https://evil.example/a.js?1")
    assert one(evil, csp(violated_directive="script-src 'self'", blocked_uri="https://evil.example/b.js"))
    assert not one(evil, csp(effective_directive="script-src", blocked_uri="https://worse.example/a.js"))
    sink = {"effective_directive": "require-trusted-types-for", "blocked_uri": "trusted-types-sink"}
    assert one(csp(**sink, script_sample="eval|1"), csp(**sink, script_sample="eval|2"))
    assert not one(csp(**sink, script_sample="eval|1"), csp(**sink, script_sample="Element innerHTML|1"))
    assert one(nel("http.error", status_code=502), nel("http.error", status_code=502, phase="application"))
    assert not one(nel("http.error", status_code=502), nel("http.error", status_code=503))
    elsewhere = {"browser_report": {"type": "deprecation", "id": "websql", "url": "https://a.example/"}}
    assert one(other("deprecation", id="websql"), elsewhere)
    assert not one(other("crash", reason="oom"), other("crash", reason="unresponsive"))
    assert not one(other("coop", violation="a"), other("coop", violation="b"))
    cdn = "https://cdn.example/"
    assert one(
        other("coep", violation="corp", blocked_uri=cdn),
        other("coep", violation="corp", blocked_uri=cdn + "x"),
    )


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_version_of_grouping_keeps_what_it_made(scrub: Scrubber, version: int) -> None:
    def values(sent: object) -> list[str]:
        return [part.value for part in fingerprint(event(scrub, sent), version).parts]

    assert values(other("deprecation", id="websql")) == ["deprecation", "websql", "shop.example"]
    csp = {"effective_directive": "Script-Src-Elem", "blocked_uri": "https://cdn.example/a"}
    assert values({"csp": csp}) == ["Script-Src-Elem", "cdn.example"]
    sink = {
        "effective_directive": "require-trusted-types-for",
        "blocked_uri": "trusted-types-sink",
        "sample": "a|b",
    }
    assert values({"csp": sink}) == ["require-trusted-types-for", "trusted-types-sink"]


def test_a_message_beside_a_part_of_that_name_is_no_report(scrub: Scrubber) -> None:
    found = event(scrub, {"message": "Monthly", "report": {"type": "crash"}, "browser_report": "text"})
    assert (found.title, fingerprint(found).component) == ("Monthly", "message")


@pytest.mark.parametrize("name", sorted(SENT))
def test_what_chromium_and_the_specifications_send_has_a_title_and_an_issue(
    scrub: Scrubber, name: str
) -> None:
    sent, title = SENT[name]
    [report] = bodies.read(json.dumps(sent).encode())
    found = event(scrub, json.loads(sifting.event_of(report, "Chrome", "", 1_764_000_000.0)))
    assert found.title == title
    assert fingerprint(found).component == "security report"
