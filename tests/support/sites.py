"""Sites on loopback, each with one fault and the checks that must find it, and clean ones that must be found clean."""

import contextlib
import dataclasses
import html
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

Answer = tuple[int, dict[str, str], bytes]
Asked = tuple[str, str, dict[str, list[str]], Mapping[str, str]]  # method, path, query, headers in lower case

CSP = "default-src 'none'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
CLEAN = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
SECURITY = b"Contact: mailto:security@shop.example\nExpires: 2099-01-01T00:00:00Z\n"
_PLAIN = {"Content-Type": "text/plain"}
_HOME = b"<html><head><title>Shop</title></head><body><a href='/about?lang=en'>About</a></body></html>"


@dataclasses.dataclass(frozen=True)
class Fault:
    """A site: what it answers by path (a function for all), headers of its start page, and the checks that must hit."""

    checks: tuple[str, ...] = ()
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    without: str = ""
    body: bytes = _HOME
    files: Mapping[str, Answer] = dataclasses.field(default_factory=dict)
    does: Callable[[Asked], Answer | None] | None = None

    def answer(self, asked: Asked) -> Answer:
        """Return status, headers and body."""
        made = self.does(asked) if self.does else None
        if made is not None:
            return made
        method, path, _, _ = asked
        if method != "GET":
            return 405, {}, b""
        if path in self.files:
            return self.files[path]
        if path == "/.well-known/security.txt":
            return 200, _PLAIN, SECURITY
        if path in {"/", "/about"}:
            return 200, self._headers(), self.body if path == "/" else b"<title>About</title>"
        return 404, _PLAIN, b"not here"

    def _headers(self) -> dict[str, str]:
        return {name: value for name, value in {**CLEAN, **self.headers}.items() if name != self.without}


def _csp(directive: str, instead: str) -> Mapping[str, str]:
    return {"Content-Security-Policy": CSP.replace(directive, instead)}


def _file(body: bytes, kind: str = "text/plain") -> Answer:
    return 200, {"Content-Type": kind}, body


def _cors(pick: Callable[[str], bool]) -> Callable[[Asked], Answer | None]:
    def does(asked: Asked) -> Answer | None:
        origin = asked[3].get("origin", "")
        if not origin or not pick(origin):
            return None
        allowed = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
        return 200, {**CLEAN, **allowed}, _HOME

    return does


def _trace(asked: Asked) -> Answer | None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in asked[3].items())
    return (200, {"Content-Type": "message/http"}, lines.encode()) if asked[0] == "TRACE" else None


def _believes(asked: Asked) -> Answer | None:
    if asked[1] != "/" or asked[0] != "GET":
        return None
    return 200, dict(CLEAN), f"<a href='http://{asked[3].get('host')}/about'>x</a>".encode()


def _redirects(asked: Asked) -> Answer | None:
    to = asked[2].get("next", [""])[0]
    return (302, {"Location": to}, b"") if to else None


def _safe_redirect(asked: Asked) -> Answer | None:
    to = asked[2].get("next", [""])[0]
    return (302, {"Location": "/about?from=" + to}, b"") if to and asked[1] == "/" else None


def _reflects(form: str, escape: Callable[[str], str] = str) -> Callable[[Asked], Answer | None]:
    """Give the parameter `lang` back where `form` says, escaped."""

    def does(asked: Asked) -> Answer | None:
        text = asked[2].get("lang", [""])[0]
        if asked[1] != "/about" or text in {"", "en"}:
            return None
        return 200, dict(CLEAN), form.replace("@", escape(text)).encode()

    return does


def _slashed(text: str) -> str:
    """Escape quotes by a backslash and forget the backslash, as many did."""
    return text.replace("'", "\\'").replace('"', '\\"').replace("<", "\\u003c")


def _json(text: str) -> str:
    return json.dumps(text).replace("<", "\\u003c")


def _no_markup(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;")


def _web_only(text: str) -> str:
    return html.escape(text) if text.startswith(("https://", "/")) else "#"


def _says_yes(asked: Asked) -> Answer | None:
    """Answer everything with the start page, as many single-page applications do."""
    return (
        (200, dict(CLEAN), _HOME) if asked[0] == "GET" and asked[1] != "/.well-known/security.txt" else None
    )


def _yes_with_key(asked: Asked) -> Answer | None:
    """Answer every path alike, with what looks like an environment."""
    there = {"/", "/about", "/robots.txt", "/.well-known/security.txt"}
    return _file(b"APP_KEY=none\nDB_HOST=x\n") if asked[0] == "GET" and asked[1] not in there else None


_SESSION = "sessionid=abc; Path=/; HttpOnly; SameSite=Lax"
FAULTS: Mapping[str, Fault] = {
    "clean": Fault(),
    "clean-says-yes": Fault(does=_says_yes),
    "clean-yes-with-key": Fault(does=_yes_with_key),
    "clean-safe-redirect": Fault(does=_safe_redirect),
    "clean-escapes": Fault(does=_reflects("<p>@</p><!-- @ --><title>@</title>", html.escape)),
    "clean-attribute": Fault(does=_reflects("<input title=\"@\" value='@' data-x='@'>", html.escape)),
    "clean-markup-only": Fault(does=_reflects("<p>@</p><textarea>@</textarea>", _no_markup)),
    "clean-json": Fault(does=_reflects("<script>var a = @;</script><script type='application/json'>@</script>", _json)),
    "clean-query": Fault(does=_reflects("<a href='/x?l=@'>x</a><a href=/x?l=@>x</a>", quote)),
    "clean-link": Fault(does=_reflects("<a href='@'>x</a>", _web_only)),
    "clean-session": Fault(headers={"Set-Cookie": _SESSION}),
    "no-csp": Fault(("csp-missing",), without="Content-Security-Policy", headers={"X-Frame-Options": "DENY"}),
    "report-only": Fault(("csp-report-only",), {"Content-Security-Policy-Report-Only": CSP, "X-Frame-Options": "DENY"}, "Content-Security-Policy"),
    "meta-csp": Fault(("csp-only-meta",), {"X-Frame-Options": "DENY"}, "Content-Security-Policy", f'<meta http-equiv="Content-Security-Policy" content="{CSP}">'.encode()),
    "csp-inline": Fault(("csp-unsafe-inline",), _csp("script-src 'self'", "script-src 'self' 'unsafe-inline'")),
    "csp-inline-void": Fault((), _csp("script-src 'self'", "script-src 'nonce-YWJj' 'unsafe-inline'")),
    "csp-eval": Fault(("csp-unsafe-eval",), _csp("script-src 'self'", "script-src 'self' 'unsafe-eval'")),
    "csp-wide": Fault(("csp-wide-source",), _csp("script-src 'self'", "script-src https:")),
    "csp-plain": Fault(("csp-plain-source",), _csp("script-src 'self'", "script-src http://cdn.shop.example")),
    "csp-bypass": Fault(("csp-known-bypass",), _csp("script-src 'self'", "script-src https://ajax.googleapis.com")),
    "csp-no-base": Fault(("csp-no-base-uri",), _csp("base-uri 'none'; ", "")),
    "csp-no-form": Fault(("csp-no-form-action",), _csp("form-action 'self'; ", "")),
    "csp-no-scripts": Fault(("csp-no-script-limit",), _csp("default-src 'none'; script-src 'self'; ", "")),
    "csp-objects": Fault(("csp-objects-open",), _csp("object-src 'none'", "object-src *")),
    "csp-framed": Fault(("csp-framed-by-all",), _csp("frame-ancestors 'none'", "frame-ancestors *")),
    "sniffed": Fault(("nosniff-missing",), without="X-Content-Type-Options"),
    "framed": Fault(("framing-allowed",), _csp("; frame-ancestors 'none'", "")),
    "referrer": Fault(("referrer-leaks",), {"Referrer-Policy": "unsafe-url"}),
    "cookie-readable": Fault(("cookie-readable",), {"Set-Cookie": "sessionid=abc; SameSite=Lax"}),
    "cookie-cross": Fault(("cookie-cross-site",), {"Set-Cookie": "sessionid=abc; HttpOnly"}),
    "cookie-none": Fault(("cookie-none-insecure",), {"Set-Cookie": "theme=dark; SameSite=None"}),
    "cookie-prefix": Fault(("cookie-prefix",), {"Set-Cookie": "__Host-theme=dark; Path=/shop; Secure"}),
    "cookie-wide": Fault(("cookie-wide",), {"Set-Cookie": f"{_SESSION}; Domain=example"}),
    "cookie-long": Fault(("cookie-long-lived",), {"Set-Cookie": f"{_SESSION}; Max-Age=99999999"}),
    "cached": Fault(("private-page-cached",), {"Set-Cookie": _SESSION, "Cache-Control": "public, max-age=600"}),
    "third-party": Fault(("script-unchecked",), body=b"<script src='https://cdn.example/a.js'></script>"),
    "version": Fault(("version-told",), {"X-Powered-By": "PHP/8.1.2"}),
    "generator": Fault(("generator-told",), body=b"<meta name='generator' content='WordPress 6.1'>"),
    "listing": Fault(("folder-listed",), body=b"<title>Index of /files</title>"),
    "traceback": Fault(("error-details",), body=b"<pre>Traceback (most recent call last):</pre>"),
    "git": Fault(("git-exposed",), files={"/.git/HEAD": _file(b"ref: refs/heads/main\n")}),
    "svn": Fault(("svn-exposed",), files={"/.svn/wc.db": _file(b"SQLite format 3\0")}),
    "env": Fault(("env-exposed",), files={"/.env": _file(b"# ours\nSECRET_KEY=abc\n")}),
    "backup": Fault(("backup-exposed",), files={"/wp-config.php.bak": _file(b"<?php define('DB_PASSWORD', 'x');")}),
    "dump": Fault(("dump-exposed",), files={"/dump.sql": _file(b"-- MySQL dump 10.13\n")}),
    "htpasswd": Fault(("passwords-exposed",), files={"/.htpasswd": _file(b"ada:$apr1$x$y\n")}),
    "key": Fault(("private-key-exposed",), files={"/id_rsa": _file(b"-----BEGIN " + b"RSA PRIVATE KEY-----\n")}),
    "ds-store": Fault(("folder-index-exposed",), files={"/.DS_Store": _file(b"\0\0\0\x01Bud1")}),
    "status": Fault(("status-exposed",), files={"/server-status": _file(b"<h1>Apache Server Status for x</h1>")}),
    "phpinfo": Fault(("phpinfo-exposed",), files={"/phpinfo.php": _file(b"<title>PHP 8.1 - phpinfo()</title>")}),
    "actuator": Fault(("actuator-exposed",), files={"/actuator": _file(b'{"_links": {"heapdump": {}}}')}),
    "profiler": Fault(("profiler-exposed",), files={"/_profiler/": _file(b"<title>Symfony Profiler</title>")}),
    "admin": Fault(("admin-exposed",), files={"/admin/login/": _file(b"<title>Log in | Django site admin</title>")}),
    "api": Fault(("api-described",), files={"/openapi.json": _file(b'{"openapi": "3.1.0"}')}),
    "map": Fault(("source-map-exposed",), body=b"<script src='/app.js'></script>", files={"/app.js": _file(b"x()\n//# sourceMappingURL=app.js.map"), "/app.js.map": _file(b'{"sourcesContent": ["x"]}')}),
    "cors-any": Fault(("cors-any-origin",), does=_cors(lambda origin: True)),
    "cors-null": Fault(("cors-null-origin",), does=_cors(lambda origin: origin == "null")),
    "cors-prefix": Fault(("cors-look-alike",), does=_cors(lambda origin: origin.startswith("https://127.0.0.1"))),
    "cors-suffix": Fault(("cors-look-alike",), does=_cors(lambda origin: origin.endswith("127.0.0.1"))),
    "cors-wildcard": Fault(("cors-wildcard-credentials",), {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true"}),
    "trace": Fault(("trace-enabled",), does=_trace),
    "host": Fault(("host-believed",), does=_believes),
    "redirects": Fault(("open-redirect",), does=_redirects),
    "reflects": Fault(("input-reflected",), does=_reflects("<p>@</p>")),
    "reflects-double": Fault(("input-reflected",), does=_reflects('<input value="@">', _no_markup)),
    "reflects-single": Fault(("input-reflected",), does=_reflects("<input value='@'>", lambda text: _no_markup(text).replace('"', "&quot;"))),
    "reflects-bare": Fault(("input-reflected",), does=_reflects("<input value=@>", html.escape)),
    "reflects-comment": Fault(("input-reflected",), does=_reflects("<!-- @ -->")),
    "reflects-title": Fault(("input-reflected",), does=_reflects("<title>@</title>")),
    "reflects-script": Fault(("input-in-script",), does=_reflects("<script>var a = '@';</script>", _slashed)),
    "reflects-code": Fault(("input-in-script",), does=_reflects("<script>var a = @;</script>", html.escape)),
    "reflects-handler": Fault(("input-in-script",), does=_reflects("<b onclick=\"f('@')\">x</b>", html.escape)),
    "reflects-json": Fault(("input-in-script",), does=_reflects("<script type='application/json'>@</script>", json.dumps)),
    "reflects-link": Fault(("input-in-link",), does=_reflects("<a href='@'>x</a>", html.escape)),
    "no-security-txt": Fault(("security-txt-missing",), files={"/.well-known/security.txt": (404, {}, b"")}),
    "old-security-txt": Fault(("security-txt-expired",), files={"/.well-known/security.txt": _file(SECURITY.replace(b"2099", b"2020"))}),
    "bad-security-txt": Fault(("security-txt-invalid",), files={"/.well-known/security.txt": _file(b"Contact: mailto:a@b.example\n")}),
    "robots": Fault(("robots-reveals",), files={"/robots.txt": _file(b"User-agent: *\nDisallow: /secret-admin/\n")}),
}  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    fault: Fault

    def version_string(self) -> str:
        return "shop"

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def _any(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = (self.command, parts.path, parse_qs(parts.query), headers)
        status, sent, body = self.fault.answer(asked)
        self.send_response(status)
        for name, value in sent.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    do_GET = do_TRACE = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - names of http.server


@contextlib.contextmanager
def served(fault: Fault, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve a site, behind TLS when there is a context, and give its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fault": fault}))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


HSTS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


@dataclasses.dataclass(frozen=True)
class Secured:
    """A site behind TLS and what answers without: `clear` gets the URL of the first, `leads` makes the first lead there."""

    checks: tuple[str, ...]
    site: Fault = dataclasses.field(default_factory=lambda: Fault(headers=HSTS))
    clear: Callable[[str], Answer] | None = None
    leads: bool = False


def _secured(body: bytes = _HOME, hsts: str = HSTS["Strict-Transport-Security"], **headers: str) -> Fault:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault(headers={"Strict-Transport-Security": hsts, **sent}, body=body)


_MIXED = b"<script src='http://cdn.example/a.js'></script><img src='http://cdn.example/a.png'><form action='http://shop.example/login'></form>"
SECURED: Mapping[str, Secured] = {
    "clean": Secured((), clear=lambda url: (301, {"Location": url}, b"")),
    "clean-no-http": Secured(()),
    "clean-secure-cookie": Secured((), _secured(Set_Cookie="theme=dark; Secure")),
    "hsts-none": Secured(("hsts-missing",), Fault()),
    "hsts-zero": Secured(("hsts-missing",), _secured(hsts="max-age=0")),
    "hsts-short": Secured(("hsts-short",), _secured(hsts="max-age=86400; includeSubDomains")),
    "hsts-preload": Secured(("hsts-not-preloadable",), _secured(hsts="max-age=31536000; preload")),
    "cookie": Secured(("cookie-not-secure",), _secured(Set_Cookie="theme=dark")),
    "script": Secured(("mixed-scripts",), _secured(b"<script src='http://cdn.example/a.js'></script>")),
    "style": Secured(("mixed-scripts",), _secured(b"<link rel=stylesheet href='http://cdn.example/a.css'>")),
    "picture": Secured(("mixed-media",), _secured(b"<img src='http://cdn.example/a.png'>")),
    "form": Secured(("form-in-clear",), _secured(b"<form method=post action='http://shop.example/login'></form>")),
    "stays": Secured(("plain-not-redirected",), clear=lambda _: (200, dict(CLEAN), _HOME)),
    "elsewhere": Secured(("redirect-off-host",), clear=lambda _: (301, {"Location": "https://www.shop.invalid/"}, b"")),
    "downgrade": Secured(("redirect-downgrade", "not-encrypted"), clear=lambda _: (200, dict(CLEAN), _HOME), leads=True),
    "everything": Secured(
        ("hsts-short", "hsts-not-preloadable", "cookie-not-secure", "mixed-scripts", "mixed-media", "form-in-clear", "plain-not-redirected"),
        _secured(_MIXED, "max-age=60; preload", Set_Cookie="theme=dark"),
        lambda _: (200, dict(CLEAN), _HOME),
    ),
}  # fmt: skip


@contextlib.contextmanager
def secured(made: Secured, tls: ssl.SSLContext) -> Iterator[tuple[str, str]]:
    """Serve a site behind TLS and what answers without, and give both URLs; the second is empty when nothing does."""
    with contextlib.ExitStack() as open_until:
        whole: dict[str, str] = {}
        clear = ""
        if made.clear:
            answer = made.clear
            plain = Fault(does=lambda asked: answer(whole["url"]) if asked[1] == "/" else None)
            clear = open_until.enter_context(served(plain))
        site = Fault(does=_to(clear)) if made.leads else made.site
        whole["url"] = open_until.enter_context(served(site, tls))
        yield whole["url"], clear


def _to(url: str) -> Callable[[Asked], Answer | None]:
    return lambda asked: (302, {"Location": url}, b"") if asked[:2] == ("GET", "/") else None
