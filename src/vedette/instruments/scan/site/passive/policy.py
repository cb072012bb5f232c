"""The content policy of the start page: whether there is one, and what it leaves open."""

from collections.abc import Iterator

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.site import csp
from vedette.instruments.scan.site.types import Site

_OPEN = "What an attacker gets into a page runs with the rights of whoever looks at it."
_SAY = (
    "Allow scripts by nonce or hash and begin with default-src 'none'; `report-only` first shows what breaks."
)
CHECKS = (
    Check("csp-missing", "No content policy is enforced", 5.0, _OPEN, _SAY),
    Check("csp-report-only", "The content policy only reports", 4.0, f"Nothing is stopped by it. {_OPEN}", "Send it as Content-Security-Policy once its reports are quiet."),
    Check("csp-only-meta", "The content policy stands in the page alone", 2.0, "frame-ancestors, sandbox and reports are ignored in <meta>, and what stands before it is not covered.", "Send it as a header."),
    Check("csp-no-script-limit", "The content policy does not limit scripts", 5.0, _OPEN, _SAY),
    Check("csp-objects-open", "The content policy lets plugins in", 3.0, "<object> and <embed> can load what runs.", "Add object-src 'none'."),
    Check("csp-no-base-uri", "The content policy does not limit <base>", 3.0, "An injected <base> sends relative scripts and forms elsewhere, and default-src does not cover it.", "Add base-uri 'none' or 'self'."),
    Check("csp-no-form-action", "The content policy does not limit forms", 2.5, "An injected form may send passwords anywhere; default-src does not cover it.", "Add form-action 'self'."),
    Check("csp-framed-by-all", "Every site may frame this one", 4.0, "A page in an invisible frame takes clicks that were meant for another.", "Write frame-ancestors 'none' or the sites that may."),
    Check("csp-unsafe-inline", "The content policy allows inline scripts", 5.0, _OPEN, "Replace 'unsafe-inline' by a nonce or by hashes."),
    Check("csp-unsafe-eval", "The content policy allows eval", 3.5, "Text that reaches eval or Function runs.", "Remove 'unsafe-eval'; templates can be compiled beforehand."),
    Check("csp-wide-source", "The content policy takes scripts from everywhere", 5.0, _OPEN, "Name the hosts, or use nonces with 'strict-dynamic'."),
    Check("csp-plain-source", "The content policy takes scripts over plain HTTP", 4.0, "Whoever sits on the way can replace them.", "Write https:// sources."),
    Check("csp-known-bypass", "The content policy trusts a host that serves anybody's scripts", 4.5, "JSONP and old libraries on it run what an attacker writes.", "Serve what you need from your own host, or use nonces with 'strict-dynamic'."),
)  # fmt: skip


def look(site: Site) -> Iterator[Hit]:
    """Return what the policies of the start page leave open: what all of them leave open, for all must allow."""
    page = site.start
    if not page.is_html:
        return
    headers = [text for text in page.all("content-security-policy") if text.strip()]
    metas = site.documents[0].meta("http-equiv", "content-security-policy")
    if not headers and not metas:
        check = "csp-report-only" if page.first("content-security-policy-report-only") else "csp-missing"
        yield Hit(check, page.url)
        return
    if not headers:
        yield Hit("csp-only-meta", page.url, metas[0][:300])
    found = [dict(csp.weaknesses(csp.read(text))) for text in (*_split(headers), *metas)]
    for check, evidence in found[0].items():
        if all(check in other for other in found):
            yield Hit(check, page.url, evidence[:300])


def _split(headers: list[str]) -> list[str]:
    """Return each policy alone: a header may hold several, parted by commas (RFC 9110, section 5.3)."""
    return [part for text in headers for part in text.split(",") if part.strip()]
