"""Sends the reports of scans to a server."""

import os
from collections.abc import Sequence

import msgspec

from vedette.cli.scan_options import Wanted
from vedette.core.errors import ConfigError, Unavailable
from vedette.instruments.scan.telling.words import plain
from vedette.plumbing.net.port import Net
from vedette.wire.scan import ScanReport

VARIABLE, DOOR = "VEDETTE_TOKEN", "/api/v1/scans"
_DEADLINE, _TAKEN = 120.0, (200, 201, 202)
_SAYS = {
    401: "the token is unknown or expired; `vedette tokens add` makes one",
    403: "the token may not tell of scans; its person must be a member or more",
    404: "there is no such project or target, or the server is older than this program",
    413: "the report is larger than the server takes; scan less at once",
    429: "too many reports; try again later",
}


class _Sent(msgspec.Struct, frozen=True):
    """The body of `POST /api/v1/scans`: a report, and what it is of."""

    target: str
    project: str
    release: str
    report: ScanReport


def check(wanted: Wanted) -> None:
    """Raise `ConfigError` before anything is scanned when it could never be sent."""
    if wanted.send:
        _url(wanted.send)
        _token(wanted)


def send(reports: Sequence[ScanReport], wanted: Wanted, net: Net) -> None:
    """Send each report; raises `Unavailable` with what the server said, `NetError` when it cannot be reached."""
    url, token = _url(wanted.send), _token(wanted)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for report in reports:
        answer = net.request("POST", url, headers=headers, body=_body(report, wanted), deadline=_DEADLINE)
        if answer.status not in _TAKEN:
            said = plain(answer.body[:300].decode("utf-8", "replace"))
            why = _SAYS.get(answer.status, "it did not take the report")
            raise Unavailable(f"{url} answered {answer.status}: {why}. {said}".strip())


def _body(report: ScanReport, wanted: Wanted) -> bytes:
    name = wanted.target_name or report.target or report.scanner
    sent = _Sent(target=name, project=wanted.project, release=wanted.release, report=report)
    try:
        return msgspec.json.encode(sent)
    except UnicodeEncodeError as error:
        raise Unavailable(f"The report of {report.scanner} holds a name in a wrong encoding, which JSON cannot tell.") from error  # fmt: skip


def _url(server: str) -> str:
    if not server.startswith(("https://", "http://")) or "@" in server or "?" in server:
        raise ConfigError(
            f"--send {plain(server[:200])}: write the address of the server, https://vedette.example"
        )
    return server.rstrip("/") + DOOR


def _token(wanted: Wanted) -> str:
    told = os.environ.get(VARIABLE, "")
    if wanted.token_file is not None:
        try:
            told = wanted.token_file.read_text(encoding="utf-8").partition("\n")[0]
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise ConfigError(f"--token-file {wanted.token_file} cannot be read: {why}.") from error
    token = told.strip()
    if not token:
        raise ConfigError(
            f"--send needs a token: set {VARIABLE}, or name a --token-file; `vedette tokens add` makes one."
        )
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise ConfigError("The token is no token: it holds characters that none has.")
    return token
