"""Net in memory: answers from a script, remembers what was asked; for tests."""

from collections.abc import Callable, Mapping

import msgspec

from vedette.plumbing.net.port import NetError, Response


class Request(msgspec.Struct, frozen=True):
    """A request as it would have left the house."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[[Request], Response | NetError]


def _accept(_: Request) -> Response | NetError:
    return Response(204, {}, b"")


class MemoryNet:
    """Implements `plumbing.net.port.Net`; `answer` decides what each request gets (204 unless told)."""

    def __init__(self, answer: Answer = _accept) -> None:
        self.answer = answer
        self.requests: list[Request] = []

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        deadline: float = 10.0,  # noqa: ARG002 - the port's signature
        max_bytes: int = 65_536,
    ) -> Response:
        """Remember the request and return, or raise, what the script answers."""
        asked = Request(method, url, dict(headers or {}), body)
        self.requests.append(asked)
        answer = self.answer(asked)
        if isinstance(answer, NetError):
            raise answer
        return msgspec.structs.replace(answer, body=answer.body[:max_bytes])
