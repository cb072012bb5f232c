"""What is asked, as decisions see it; and what they answer when it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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

    def all_headers(self) -> tuple[tuple[str, str], ...]:
        """Return all names and values of headers as they came."""

    def target(self) -> str:
        """Return path and query as they stand in the request line, percent-encoded."""


@dataclass(frozen=True)
class Refusal:
    """A request that goes no further: the status, the part of the policy that says so, and why, in a sentence.

    `headers` are further headers of the answer. A redirect is one too: its `headers` say where to. `detail` is for
    whoever listens; the client does not see it.
    """

    status: int
    part: str
    reason: str
    headers: tuple[tuple[str, str], ...] = ()
    detail: Mapping[str, object] = field(default_factory=dict)
