"""What is asked, as decisions see it; and what they answer when it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Asked(Protocol):
    """One request. Each door has its own; header names are lower-case, repeated headers are joined by a comma."""

    method: str
    scheme: str
    path: str
    peer: str
    websocket: bool

    def header(self, name: str) -> str | None:
        """Return the value of a header; None when it was not sent."""

    def header_bytes(self) -> int:
        """Return how many bytes all names and values of headers take."""

    def target(self) -> str:
        """Return path and query as they stand in the request line, percent-encoded."""


@dataclass(frozen=True)
class Refusal:
    """A request that goes no further: the status, the part of the policy that says so, and why, in a sentence.

    `headers` are further headers of the answer. A redirect is one too: its `headers` say where to.
    """

    status: int
    part: str
    reason: str
    headers: tuple[tuple[str, str], ...] = ()
