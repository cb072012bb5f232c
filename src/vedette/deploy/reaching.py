"""The way from the server to Hetzner's API: through the Net port, with a token that is opened for the moment, and no longer than it may take."""

import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from vedette.core.errors import Conflict, Invalid
from vedette.deploy.store import projects
from vedette.deploy.types import CloudProject
from vedette.instruments.backup.types import Secret
from vedette.instruments.hetzner.cloud import Cloud
from vedette.instruments.hetzner.types import API, CloudError
from vedette.plumbing.net.adapter import NetAdapter
from vedette.plumbing.ports import ports

LOOK, PROBE, RUN = 90.0, 5.0, 3_600.0  # seconds that are waited at most, all together
STOPPING = "stopping"  # the code of an error that the server's own stop makes
Wait = Callable[[float], object]
_DEADLINE = 30.0
_LARGEST_ANSWER = 16 << 20
_LONGEST_TOKEN = 512


class Patience:
    """Waits where Hetzner asks for it, so many seconds in all, and not when the server stops. Threads may share it."""

    def __init__(self, seconds: float) -> None:
        self._left, self._most = seconds, seconds
        self._lock, self._stop = threading.Lock(), threading.Event()

    def __call__(self, seconds: float) -> None:
        """Wait; raises `CloudError` where that would take too long, or the server stops."""
        with self._lock:
            self._left -= seconds
            over = self._left < 0
        if over:
            raise CloudError(
                f"Hetzner would take longer than the {self._most:.0f} seconds that are waited for it.", code="patience"
            )  # fmt: skip
        if self._stop.wait(seconds):
            raise CloudError("The server stops; it goes on when it starts again.", code=STOPPING)

    def stop(self) -> None:
        """End every wait, from any thread."""
        self._stop.set()

    @property
    def is_stopped(self) -> bool:
        """Tell whether the server stops."""
        return self._stop.is_set()


def cloud(project: CloudProject, wait: Wait) -> Cloud:
    """Return the API of a project; raises `Conflict` where it has no token."""
    token = projects.token(project.id)
    if token is None:
        raise Conflict(f"{project.name} has no token; give it one first.")
    return _cloud(token, project.endpoint, wait)


def probe(token: str, endpoint: str, wait: Wait | None = None) -> None:
    """Ask one thing by a token; raises `Invalid` by field where Hetzner does not know it, or what answers is not Hetzner's API."""
    try:
        _cloud(Secret(token), endpoint, wait or Patience(PROBE)).get("/pricing")
    except CloudError as error:
        field = "token" if error.code in {"unauthorized", "forbidden"} else "endpoint"
        raise Invalid(str(error), {field: str(error)}) from error


def checked_token(text: str) -> str:
    """Return a token as it is meant; raises `Invalid` for what is none. It is in no message."""
    token = text.strip()
    if not token:
        raise Invalid(
            "Paste the project's API token: it is made at Hetzner under Security, API tokens.", {"token": "is empty"}
        )  # fmt: skip
    if not (token.isascii() and token.isprintable() and " " not in token and len(token) <= _LONGEST_TOKEN):
        raise Invalid("That is no API token: it has letters and digits alone.", {"token": "is no token"})
    return token


def checked_endpoint(text: str) -> str:
    """Return the address of the API, Hetzner's own where none is told; raises `Invalid`."""
    address = text.strip().rstrip("/") or API
    parts = urlsplit(address)
    schemes = {"https", "http"} if ports().settings.allow_private_addresses else {"https"}
    if (
        parts.scheme not in schemes
        or not parts.hostname
        or parts.username
        or parts.query
        or len(address) > 200
    ):
        raise Invalid(
            f"{address[:80]} is no address of an API; write {API}.", {"endpoint": "is no https:// address"}
        )
    return address


def _cloud(token: Secret, endpoint: str, wait: Wait) -> Cloud:
    way = NetAdapter(ports().net, lambda _: None, deadline=_DEADLINE, max_bytes=_LARGEST_ANSWER)
    return Cloud(token, wait=wait, way=way, endpoint=endpoint)
