"""How reports of browsers read, and which of them are one issue."""

import pytest
from tests.unit.errors.conftest import delivery

from vedette.errors.grouping import fingerprint
from vedette.errors.normalize import normalize
from vedette.errors.scrubbing import Scrubber
from vedette.errors.types import Event


def event(scrub: Scrubber, sent: object) -> Event:
    return normalize(delivery(sent), scrub).event


def csp(**fields: object) -> dict[str, object]:
    return {"csp": {"document_uri": "https://shop.example/cart", **fields}}


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        (csp(effective_directive="script-src-elem", blocked_uri="https://evil.example/x"), "Blocked 'script' from 'evil.example'"),
        (csp(violated_directive="img-src https:", blocked_uri="data"), "Blocked 'image' from 'data:'"),
        (csp(effective_directive="script-src-attr", blocked_uri="inline"), "Blocked inline 'script'"),
        (csp(effective_directive="script-src", blocked_uri="eval"), "Blocked eval 'script'"),
        (csp(effective_directive="style-src", blocked_uri=""), "Blocked inline 'style'"),
        (csp(effective_directive="connect-src", blocked_uri="https://shop.example/api"), "Blocked 'connect' from 'self'"),
        (csp(blocked_uri="https://[broken/x"), "Blocked 'resource' from 'https:'"),
        ({"nel": {"type": "dns.name_not_resolved", "url": "https://shop.example/x"}}, "Network error 'dns.name_not_resolved' at 'shop.example'"),
        ({"nel": {"type": "http.error", "status_code": 502, "url": "https://shop.example/x"}}, "Network error 'http.error 502' at 'shop.example'"),
        ({"browser_report": {"type": "deprecation", "id": "websql", "message": "WebSQL goes."}}, "Deprecated: WebSQL goes."),
        ({"browser_report": {"type": "intervention", "id": "slow"}}, "The browser intervened: slow"),
        ({"browser_report": {"type": "crash", "reason": "oom", "url": "https://shop.example/"}}, "The tab crashed (oom) at 'shop.example'"),
        ({"browser_report": {"type": "permissions-policy-violation", "policy_id": "camera", "url": "https://shop.example/"}}, "The permissions policy blocked 'camera' at 'shop.example'"),
        ({"browser_report": {"type": "expect-ct", "hostname": "shop.example"}}, "Certificate transparency failed for 'shop.example'"),
        ({"browser_report": {"type": "coep", "url": "https://shop.example/"}}, "The browser reported 'coep' at 'shop.example'"),
    ],
)  # fmt: skip
def test_the_title_says_what_happened(scrub: Scrubber, sent: object, title: str) -> None:
    assert event(scrub, sent).title == title


def test_the_same_directive_and_host_are_one_issue(scrub: Scrubber) -> None:
    first = csp(effective_directive="script-src-elem", blocked_uri="https://evil.example/a.js?1")
    same = csp(violated_directive="script-src 'self'", blocked_uri="https://evil.example/b.js")
    other = csp(effective_directive="script-src-elem", blocked_uri="https://worse.example/a.js")
    hashes = [fingerprint(event(scrub, one)).hash for one in (first, same, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_message_beside_a_part_of_that_name_is_no_report(scrub: Scrubber) -> None:
    found = event(scrub, {"message": "Monthly", "report": {"type": "crash"}, "browser_report": "text"})
    assert (found.title, fingerprint(found).component) == ("Monthly", "message")
