"""The one way out of `requests`, for libraries that speak by it: through the Net port. Import it late."""

import io
from collections.abc import Callable, Mapping

import requests
from requests.adapters import BaseAdapter
from requests.utils import get_encoding_from_headers

from vedette.plumbing.net.port import Net, NetError, Response

_OF_THE_CONNECTION = {"host", "connection", "accept-encoding", "content-length", "transfer-encoding"}


class NetAdapter(BaseAdapter):
    """Every request meets the address policy, the deadline and the size cap of the port; `seen` hears of each end."""

    def __init__(
        self,
        net: Net,
        seen: Callable[[Response | NetError], None],
        *,
        deadline: float = 10.0,
        max_bytes: int = 65_536,
    ) -> None:
        super().__init__()
        self._net, self._seen = net, seen
        self._deadline, self._max_bytes = deadline, max_bytes

    def send(  # noqa: PLR0917 - the signature of `requests`
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002
        timeout: object = None,  # noqa: ARG002
        verify: object = True,  # noqa: ARG002 - certificates are always verified
        cert: object = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """Ask once; raises `requests.ConnectionError` with the port's own words."""
        try:
            answer = self._ask(request)
        except NetError as error:
            self._seen(error)
            raise requests.ConnectionError(str(error)) from error
        self._seen(answer)
        return _response(request, answer)

    def close(self) -> None:
        """Do nothing: no connection outlives its request."""

    def _ask(self, request: requests.PreparedRequest) -> Response:
        body = request.body or b""
        if not isinstance(body, bytes | str):
            raise NetError("Files are not sent.", permanent=True)
        headers = {_text(k): _text(v) for k, v in request.headers.items()}
        return self._net.request(
            request.method or "GET",
            request.url or "",
            headers={k: v for k, v in headers.items() if k.lower() not in _OF_THE_CONNECTION},
            body=body.encode() if isinstance(body, str) else body,
            deadline=self._deadline,
            max_bytes=self._max_bytes,
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
