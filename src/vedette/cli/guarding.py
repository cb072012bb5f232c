"""`vedette guard render|check`: the guard's policy as the configuration of a proxy, and against a live site."""

import contextlib
import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.cli.out import emit
from vedette.core.errors import ConfigError

if TYPE_CHECKING:
    from vedette_guard import Policy
    from vedette_guard.live.seen import Answer, Pairs

    from vedette.plumbing.net.raw import RawClient

WRONG, UNANSWERED = 1, 2
_MARKS = {"WRONG": "✗", "OTHER": "~", "KEPT": "✓"}


def render(
    proxy: str, *, policy: Path, upstream: str = "127.0.0.1:8000", certificate: str = "", key: str = "",
    http_port: int = 80, json: bool = False,
) -> None:  # fmt: skip
    """Print a policy as a Caddyfile, or as a file for nginx's http block; what it cannot carry is told on stderr.

    Parameters
    ----------
    proxy
        caddy or nginx.
    policy
        A TOML file with [guard] (docs/guard.md).
    upstream
        Where the application listens: host:port, or unix:/path.
    certificate
        The PEM file of the certificate and its chain; Caddy obtains one itself without.
    key
        The PEM file of its key.
    http_port
        The port of plain HTTP; that of HTTPS is the policy's https.port.
    json
        Print one line of JSON: the text, and what is missing.
    """
    from vedette_guard.policy import PolicyError
    from vedette_guard.proxies.rendering import render as rendered
    from vedette_guard.proxies.site import ProxyError, Site

    read = policy_of(policy)
    try:
        site = Site(upstream, certificate, key, http_port)
        made = rendered(proxy, read, site, _today())
    except (PolicyError, ProxyError) as error:
        raise ConfigError(f"{policy}: {error}.") from error
    emit({"text": made.text, "missing": list(made.missing)}, made.text.rstrip("\n"), json=json)
    for sentence in made.missing:
        print(f"Not carried: {sentence}.", file=sys.stderr)


def check(
    url: str,
    *,
    policy: Path | None = None,
    http_port: int = 80,
    allow_private: bool = False,
    json: bool = False,
) -> None:
    """Look at what a live site sends and tell, sentence by sentence, where it is otherwise than a policy; worst first.

    Exits 0 when nothing is weaker than the policy, 1 when something is, 2 when the site could not be looked at. Nothing
    is changed there: all questions are GETs.

    Parameters
    ----------
    url
        A page: https://shop.example/
    policy
        A TOML file with [guard]; without, the guard's default.
    http_port
        Where plain HTTP would be answered.
    allow_private
        Let private, loopback and other addresses that are not public be reached.
    json
        Print one line of JSON a sentence.
    """
    from vedette_guard import Policy
    from vedette_guard.live.looking import look, target
    from vedette_guard.live.seen import Level, Unanswered
    from vedette_guard.proxies.site import one_line

    from vedette.plumbing.net.raw import RawClient

    wanted = policy_of(policy) if policy else Policy()
    try:
        found = look(wanted, target(url, http_port), Asking(RawClient(allow_private=allow_private)), _today())
    except (Unanswered, ValueError) as error:
        print(one_line(f"{error}"), file=sys.stderr)
        sys.exit(UNANSWERED)
    for finding in found:
        sentence = one_line(
            finding.sentence
        )  # what the site sent may stand in it: no escapes for the terminal
        value = {"level": finding.level.name.lower(), "part": finding.part, "sentence": sentence}
        emit(value, f"{_MARKS[finding.level.name]} {finding.part}: {sentence}.", json=json)
    if any(finding.level is Level.WRONG for finding in found):
        sys.exit(WRONG)


class Asking:
    """Implements `vedette_guard.live.seen.Asker` by the network's address policy."""

    def __init__(self, client: "RawClient") -> None:
        self._client = client

    def ask(self, url: str, headers: "Pairs") -> "Answer":
        """Ask once."""
        from vedette_guard.live.seen import Answer

        with _unanswered():
            answer = self._client.ask(url, headers)
            return Answer(answer.status, answer.headers)

    def versions(self, url: str) -> dict[str, bool]:
        """Try each version of TLS."""
        with _unanswered():
            return self._client.versions(url)

    def certificate_fault(self, url: str) -> str:
        """Check the certificate."""
        with _unanswered():
            return self._client.certificate_fault(url)


@contextlib.contextmanager
def _unanswered() -> Iterator[None]:
    from vedette_guard.live.seen import Unanswered

    from vedette.plumbing.net.port import NetError

    try:
        yield
    except NetError as error:
        raise Unanswered(str(error).rstrip(".")) from error


def _today() -> dt.date:
    from vedette.core.clock import SystemClock

    return dt.datetime.fromtimestamp(SystemClock().now(), dt.UTC).date()


def policy_of(file: Path) -> "Policy":
    """Return the policy of a file; raises `ConfigError` with what is wrong in it."""
    from vedette_guard import Policy
    from vedette_guard.policy import PolicyError

    try:
        return Policy.from_file(file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.") from error
    except PolicyError as error:
        raise ConfigError(f"{error}.") from error
