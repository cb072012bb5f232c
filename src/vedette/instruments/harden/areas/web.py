"""Web servers in front: TLS 1.2 at least, and nothing told of themselves."""

import re
from collections.abc import Iterator

from vedette.instruments.harden.types import Facts, Measure, Note, Put, Service, Wanted, Yielded

_NGINX = "/etc/nginx/nginx.conf"
_OLD = re.compile(r"(?m)^([ \t]*ssl_protocols)[ \t]+[^;]*(?:SSLv[23]|TLSv1(?:\.1)?)(?![.\d])[^;]*;[^\n]*")
_TOKENS = re.compile(r"(?m)^([ \t]*)#?[ \t]*server_tokens[ \t]+\w+;[^\n]*")


def nginx_conf(text: str) -> str:
    """Return nginx.conf with TLS 1.2 at least and without its version in answers."""
    text = _OLD.sub(r"\1 TLSv1.2 TLSv1.3;", text)
    if _TOKENS.search(text):
        return _TOKENS.sub(r"\1server_tokens off;", text, count=1)
    return re.sub(r"(?m)^(http\s*\{[ \t]*)$", r"\1\n\tserver_tokens off;", text, count=1)


def _nginx(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    found = facts.files.get(_NGINX)
    if found is not None and found.text:
        yield Put(path=_NGINX, text=nginx_conf(found.text), mode=found.mode, owner="", group="")


def _caddy(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    text = facts.text("/etc/caddy/Caddyfile")
    if re.search(r"(?m)^\s*protocols\s+tls1\.[01]\b", text):
        yield Note(
            text="The Caddyfile allows TLS below 1.2: take its `protocols` line out, Caddy's own choice is stricter."
        )
    if re.search(r"(?m)^\s*admin\s+(?!off|localhost|127\.|unix)", text):
        yield Note(text="Caddy's admin API listens beyond this host: `admin off` or localhost:2019.")


MEASURES: tuple[Measure, ...] = (
    Measure(id="web-nginx", title="nginx speaks TLS 1.2 at least and tells nothing of itself", steps=_nginx, reload=Service.NGINX,
            proof="! command -v nginx >/dev/null || nginx -tq", checks=("web-nginx-tokens", "web-nginx-protocols")),
    Measure(id="web-caddy", title="What weakens Caddy is told", checks=(), steps=_caddy),
)  # fmt: skip
