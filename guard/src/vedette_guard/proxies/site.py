"""What a proxy's configuration is made of besides the policy, and what comes of rendering."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UPSTREAM = re.compile(r"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}|unix:/[A-Za-z0-9_./-]+")
_FILE = re.compile(r"[A-Za-z0-9_./+@-]+")


class ProxyError(ValueError):
    """A site that cannot be written into a configuration: says what, and what was meant."""


@dataclass(frozen=True)
class Site:
    """Where the application listens (`host:port` or `unix:/path`), and where the proxy does.

    `certificate` and `key` are PEM files; without them Caddy obtains a certificate itself. HTTPS is served on the port
    of the policy's `https.port`.
    """

    upstream: str = "127.0.0.1:8000"
    certificate: str = ""
    key: str = ""
    http_port: int = 80

    def __post_init__(self) -> None:
        if not _UPSTREAM.fullmatch(self.upstream):
            raise ProxyError(f"upstream {self.upstream!r}: meant is host:port or unix:/path")
        for name, file in (("certificate", self.certificate), ("key", self.key)):
            if file and not _FILE.fullmatch(file):
                raise ProxyError(f"{name} {file!r}: meant is a path of letters, digits and _ . / + @ -")
        if bool(self.certificate) != bool(self.key):
            raise ProxyError("a certificate needs its key, and a key its certificate")
        if not 1 <= self.http_port <= 65535:
            raise ProxyError(f"http port {self.http_port}: meant is a port, 1 to 65535")


@dataclass(frozen=True)
class Rendering:
    """A configuration, and a sentence for each part of the policy that it does not carry."""

    text: str
    missing: tuple[str, ...]


def head(proxy: str, notes: tuple[str, ...], missing: tuple[str, ...]) -> list[str]:
    """Return the comments at the top; no value of a policy can end one, as each is in one line.

    Caddy puts variables of the environment into comments too, and would read on to the next brace.
    """
    lines = [f"{proxy}: written from a policy of vedette-guard. Render it again rather than edit it.", *notes]
    if missing:
        lines += [
            "",
            "Not carried here; the guard inside the application does it:",
            *(f"- {m}" for m in missing),
        ]
    return [f"# {one_line(line)}".rstrip().replace("{$", "{ $") for line in lines]


def one_line(text: str) -> str:
    """Return a text whose control characters are spelled out."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
