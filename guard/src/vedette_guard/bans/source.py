"""Asks Vedette for what changed in the ban list (docs/guard/decisions.md has the protocol)."""

from __future__ import annotations

import http.client
import urllib.request
from typing import Any, Protocol
from urllib.parse import urlencode

from vedette_guard.decisions.bans import Page, read_text
from vedette_guard.wire import CLIENT

SECONDS, LARGEST = 5.0, 32 * 1024 * 1024


class Source(Protocol):
    """Where the list comes from."""

    def ask(self, cursor: str) -> Page:
        """Return what changed since a cursor (empty: all). Raise OSError or ValueError when there is no answer."""


class HttpSource:
    """Asks by HTTP."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, cursor: str) -> Page:
        """Return what changed since a cursor (empty: all). Raise OSError or ValueError when there is no answer."""
        between = "&" if "?" in self._url else "?"
        url = self._url + (between + urlencode({"cursor": cursor}) if cursor else "")
        request = urllib.request.Request(url, headers={"Accept": "application/json", "User-Agent": CLIENT})  # noqa: S310
        try:
            with _opener.open(request, timeout=SECONDS) as answer:
                body = answer.read(LARGEST + 1)
        except http.client.HTTPException as error:
            raise OSError(f"{type(error).__name__}: {error}") from error
        if len(body) > LARGEST:
            raise ValueError(f"the list of bans has more than {LARGEST} bytes")
        return read_text(body)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing: the key in the address is for this server alone."""


_opener = urllib.request.build_opener(_NoRedirects)
