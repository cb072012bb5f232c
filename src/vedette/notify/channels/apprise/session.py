"""A session of `requests` whose only way out is `plumbing/net`. Import it late: it brings `requests` with it."""

import io
import threading
from collections.abc import Mapping

import requests
import requests.sessions
from requests.adapters import BaseAdapter
from requests.utils import get_encoding_from_headers

from vedette.plumbing.net.port import NetError, Response
from vedette.plumbing.ports import ports

MOST_REDIRECTS = 3
_OF_THE_CONNECTION = {"host", "connection", "accept-encoding", "content-length", "transfer-encoding"}


class Trail(threading.local):
    """What this thread was answered last, or the reason why there was no answer."""

    last: Response | NetError | None = None


TRAIL = Trail()


class GuardedSession(requests.sessions.Session):
    """Every request, redirects included, meets the address policy, the deadline and the size cap of `plumbing/net`."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no proxies and no .netrc of the machine
        self.max_redirects = MOST_REDIRECTS

    def get_adapter(self, url: str) -> BaseAdapter:  # noqa: ARG002 - whatever the URL
        """Return the one adapter there is."""
        return _Adapter()


class _Adapter(BaseAdapter):
    def send(  # noqa: PLR0917 - the signature of `requests`
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002
        timeout: object = None,  # noqa: ARG002
        verify: object = True,  # noqa: ARG002 - certificates are always verified
        cert: object = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        try:
            TRAIL.last = answer = _ask(request)
        except NetError as error:
            TRAIL.last = error
            raise requests.ConnectionError(str(error)) from error
        return _response(request, answer)

    def close(self) -> None:
        """Do nothing: no connection outlives its request."""


def install() -> None:
    """Let `requests` make sessions of this kind only, in the whole process: nothing but Apprise uses it."""
    requests.sessions.Session = GuardedSession  # type: ignore[misc]
    requests.Session = GuardedSession  # type: ignore[misc]


def _ask(request: requests.PreparedRequest) -> Response:
    body = request.body or b""
    if not isinstance(body, bytes | str):
        raise NetError("Files are not sent.", permanent=True)
    headers = {_text(k): _text(v) for k, v in request.headers.items()}
    return ports().net.request(
        request.method or "GET",
        request.url or "",
        headers={k: v for k, v in headers.items() if k.lower() not in _OF_THE_CONNECTION},
        body=body.encode() if isinstance(body, str) else body,
    )


def _response(request: requests.PreparedRequest, answer: Response) -> requests.Response:
    made = requests.Response()
    made.status_code = answer.status
    made.headers.update(answer.headers)
    made.encoding = get_encoding_from_headers(made.headers)
    made.raw = io.BytesIO(answer.body)
    made.url, made.request = request.url or "", request
    return made


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
