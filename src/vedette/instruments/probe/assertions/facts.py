"""What assertions speak of: the values one check found."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from vedette.instruments.probe.masking import text_of


class _Missing:
    """Stands for a value that is not there; there is one of it."""

    def __repr__(self) -> str:
        return "missing"


MISSING = _Missing()


@dataclass(frozen=True)
class Facts:
    """What a check found; lengths of time are milliseconds, None is what it did not find out.

    `headers` has lower-case names; a header that came several times is joined by commas.
    """

    connected: bool = False
    address: str | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    response_ms: float = 0.0
    certificate_ms: float | None = None
    domain_ms: float | None = None
    rcode: str | None = None

    @functools.cached_property
    def text(self) -> str:
        """The body as text."""
        return text_of(self.body, self.headers.get("content-type", ""))

    @functools.cached_property
    def json(self) -> object:
        """The body as JSON, `MISSING` when it is none."""
        try:
            return msgspec.json.decode(self.text)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return MISSING
