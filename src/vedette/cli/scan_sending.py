"""Sends the reports of scans to a server."""

from collections.abc import Sequence

import msgspec

from vedette.cli import server_door
from vedette.cli.scan_options import Wanted
from vedette.core.errors import Unavailable
from vedette.plumbing.net.port import Net
from vedette.wire.scan import ScanReport

DOOR = "/api/v1/scans"
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
        server_door.url(wanted.send, DOOR)
        server_door.token(wanted.token_file)


def send(reports: Sequence[ScanReport], wanted: Wanted, net: Net) -> None:
    """Send each report; raises `Unavailable` with what the server said, `NetError` when it cannot be reached."""
    url, token = server_door.url(wanted.send, DOOR), server_door.token(wanted.token_file)
    for report in reports:
        server_door.post(net, url, _body(report, wanted), token, _SAYS)


def _body(report: ScanReport, wanted: Wanted) -> bytes:
    name = wanted.target_name or report.target or report.scanner
    sent = _Sent(target=name, project=wanted.project, release=wanted.release, report=report)
    try:
        return msgspec.json.encode(sent)
    except UnicodeEncodeError as error:
        raise Unavailable(f"The report of {report.scanner} holds a name in a wrong encoding, which JSON cannot tell.") from error  # fmt: skip
