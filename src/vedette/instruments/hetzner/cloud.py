"""Hetzner's API by hcloud's own line: paced within its budget, asked again where that helps, and every action waited for.

hcloud's models drop fields they do not know and load others one by one; only its line is used, and answers stay whole (ADR 45).
"""

import threading
from collections.abc import Callable, Mapping

import requests
from hcloud._client import ClientBase
from requests.adapters import BaseAdapter

from vedette.instruments.backup.types import Secret
from vedette.instruments.hetzner import pacing
from vedette.instruments.hetzner.telling import refused, unreadable
from vedette.instruments.hetzner.types import API, CloudError
from vedette.wire import jsons

POLL = 1.0  # seconds between two looks at an action
_PATIENCE = 600  # looks
_PER_PAGE = 50
_TIMEOUT = 30.0  # seconds


class _Line(ClientBase):
    """hcloud's line, without its retries (they sleep and do not know when it is of use)."""

    def __init__(self, token: Secret, endpoint: str, way: BaseAdapter | None) -> None:
        super().__init__(token.reveal(), endpoint=endpoint, application_name="vedette", timeout=_TIMEOUT)
        self._retry_max_retries = 0
        self.remaining: int | None = None
        if way is not None:
            self._session.mount("https://", way)
            self._session.mount("http://", way)

    def _read_response(self, response: requests.Response) -> dict[str, object]:
        headers = {key.lower(): value for key, value in response.headers.items()}
        self.remaining = pacing.left(headers)
        try:
            payload = response.json() if response.content else {}
        except ValueError as error:
            raise unreadable(response.status_code, headers, response.url) from error
        if not isinstance(payload, dict):
            raise unreadable(response.status_code, headers, response.url)
        if response.status_code >= 400:
            raise refused(response.status_code, payload, pacing.reset_in(headers))
        return payload


class Cloud:
    """Implements `instruments.hetzner.types.Asks`. `way` carries the requests (`plumbing.net.adapter.NetAdapter`).

    `wait` pauses for seconds. `requests` counts what was asked. Threads may share it.
    """

    def __init__(
        self,
        token: Secret,
        *,
        wait: Callable[[float], object],
        way: BaseAdapter | None = None,
        endpoint: str = API,
    ) -> None:
        self._line = _Line(token, endpoint.rstrip("/"), way)
        self._wait = wait
        self._counting = threading.Lock()
        self.requests = 0

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Mapping[str, object]:
        """Return one answer; raises `CloudError`."""
        return self._ask("GET", path, params=params)

    def pages(
        self, path: str, key: str, params: Mapping[str, object] | None = None
    ) -> list[Mapping[str, object]]:
        """Return the objects of all pages of a list; raises `CloudError`."""
        found: list[Mapping[str, object]] = []
        page = 1
        while page:
            answer = self.get(path, {**(params or {}), "page": page, "per_page": _PER_PAGE})
            found += jsons.records(answer, key)
            following = jsons.number(answer, "meta", "pagination", "next_page")
            page = following if following > page else 0
        return found

    def did(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Mapping[str, object]:
        """Order something, wait for all its actions, and return the answer; raises `CloudError`."""
        answer = self._ask(method, path, json=body)
        for action in (
            jsons.record(answer, "action"),
            *jsons.records(answer, "actions"),
            *jsons.records(answer, "next_actions"),
        ):
            self._settle(action)
        return answer

    def pause(self, seconds: float) -> None:
        """Wait."""
        self._wait(seconds)

    def _settle(self, action: Mapping[str, object]) -> None:
        """Look at an action, once each interval, until it is over."""
        for _ in range(_PATIENCE):
            status = jsons.text(action, "status")
            if status == "error":
                raise _failed(action)
            if status != "running":
                return
            self._wait(POLL)
            action = jsons.record(self.get(f"/actions/{jsons.number(action, 'id')}"), "action")
        raise CloudError(
            f"Hetzner still works on {jsons.text(action, 'command')} after {_PATIENCE * POLL:.0f} seconds. Apply again later: it goes on from there.",
            code="action_timeout",
        )

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        json: Mapping[str, object] | None = None,
    ) -> Mapping[str, object]:
        tries = 0
        while True:
            tries += 1
            try:
                return self._once(method, path, params, json)
            except CloudError as error:
                pause = pacing.again(error.code, error.status, method, tries, error.after)
                if pause is None:
                    raise
                self._wait(pause)

    def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, object] | None,
        json: Mapping[str, object] | None,
    ) -> Mapping[str, object]:
        pause = pacing.before(self._line.remaining)
        if pause:
            self._wait(pause)
        with self._counting:
            self.requests += 1
        try:
            return self._line.request(method, path, params=params, json=json)
        except requests.RequestException as error:
            raise CloudError(
                f"Hetzner's API cannot be reached: {error}.", status=0, sure=method == "GET"
            ) from error


def _failed(action: Mapping[str, object]) -> CloudError:
    said = jsons.text(action, "error", "message") or "it did not say why"
    code = jsons.text(action, "error", "code")
    return CloudError(
        f"Hetzner began {jsons.text(action, 'command')} and gave up: {said}.", code=code or "action_failed"
    )
