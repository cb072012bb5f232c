"""Bodies of browsers' reports, each with the title it gets: what Chromium sends, and the examples of specifications.

https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/network-error-logging/, https://w3c.github.io/webappsec-csp/,
https://wicg.github.io/deprecation-reporting/, https://wicg.github.io/intervention-reporting/,
https://wicg.github.io/crash-reporting/, https://html.spec.whatwg.org/multipage/browsers.html#coop-violation-report
"""

from collections.abc import Mapping

_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


def _report(kind: str, url: str, **body: object) -> list[dict[str, object]]:
    return [{"age": 17, "body": body, "type": kind, "url": url, "user_agent": _AGENT}]


SENT: Mapping[str, tuple[object, str]] = {
    "csp, legacy": (
        {
            "csp-report": {
                "document-uri": "https://shop.example/checkout", "referrer": "", "violated-directive": "img-src",
                "effective-directive": "img-src", "original-policy": "default-src 'self'; report-uri /r",
                "disposition": "enforce", "blocked-uri": "https://evil.example/pixel.png", "line-number": 12,
                "source-file": "https://shop.example/checkout", "status-code": 200, "script-sample": "",
            }
        },
        "img-src refused https://evil.example on /checkout",
    ),
    "csp, reporting": (
        _report(
            "csp-violation", "https://shop.example/checkout", blockedURL="inline", columnNumber=1, disposition="report",
            documentURL="https://shop.example/checkout", effectiveDirective="script-src-elem", lineNumber=4,
            originalPolicy="default-src 'none'; report-to vedette", referrer="", sample="alert(1)",
            sourceFile="https://shop.example/checkout", statusCode=200,
        ),
        "script-src would refuse an inline script on /checkout",
    ),
    "trusted types": (
        _report(
            "csp-violation", "https://shop.example/", blockedURL="trusted-types-sink", disposition="enforce",
            documentURL="https://shop.example/", effectiveDirective="require-trusted-types-for", sample="Element innerHTML|<b>hi",
            originalPolicy="require-trusted-types-for 'script'", statusCode=200,
        ),
        "Trusted Types: Element innerHTML was given a plain text on /",
    ),
    "nel": (
        _report(
            "network-error", "https://cdn.example/app.js", sampling_fraction=0.5, referrer="https://shop.example/",
            server_ip="", protocol="", method="GET", request_headers={}, response_headers={}, status_code=0,
            elapsed_time=143, phase="dns", type="dns.name_not_resolved",
        ),
        "DNS failed for cdn.example: dns.name_not_resolved",
    ),
    "nel, http": (
        _report(
            "network-error", "https://shop.example/pay", sampling_fraction=1, referrer="", server_ip="192.0.2.1",
            protocol="h2", method="POST", status_code=502, elapsed_time=338, phase="application", type="http.error",
        ),
        "HTTP failed at shop.example: http.error 502",
    ),
    "deprecation": (
        _report(
            "deprecation", "https://shop.example/", id="websql", anticipatedRemoval="2026-01-01T00:00:00.000Z",
            message="WebSQL API is deprecated and will be removed.", sourceFile="https://shop.example/app.js",
            lineNumber=1234, columnNumber=42,
        ),
        "Deprecated: WebSQL API is deprecated and will be removed.",
    ),
    "intervention": (
        _report(
            "intervention", "https://shop.example/", id="audio-no-gesture", sourceFile="https://shop.example/app.js",
            message="A request to play audio was blocked because it was not triggered by user activation.", lineNumber=1,
        ),
        "The browser intervened: A request to play audio was blocked because it was not triggered by user ...",
    ),
    "crash": (
        _report("crash", "https://shop.example/stock", reason="oom", is_top_level=True, visibility_state="visible"),
        "The page crashed on /stock: it ran out of memory (oom)",
    ),
    "coop": (
        _report(
            "coop", "https://shop.example/pay", disposition="enforce", effectivePolicy="same-origin",
            previousResponseURL="https://bank.example/", type="navigation-to-response", referrer="",
        ),
        "COOP cut the page off on /pay: navigation-to-response",
    ),
    "coep": (
        _report(
            "coep", "https://shop.example/map", blockedURL="https://tiles.example/1.png", destination="image",
            disposition="reporting", type="corp",
        ),
        "COEP would refuse https://tiles.example on /map: corp",
    ),
    "permissions policy": (
        _report(
            "permissions-policy-violation", "https://shop.example/", columnNumber=9, disposition="enforce", lineNumber=2,
            message="Permissions policy violation: geolocation is not allowed.", policyId="geolocation",
            sourceFile="https://shop.example/app.js",
        ),
        "Permissions policy refused geolocation on /",
    ),
}  # fmt: skip
