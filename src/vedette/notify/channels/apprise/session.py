"""A session of `requests` whose only way out is `plumbing/net`. Import it late: it brings `requests` with it."""

import threading

import requests
import requests.sessions
from requests.adapters import BaseAdapter

from vedette.plumbing.net.adapter import NetAdapter
from vedette.plumbing.net.port import NetError, Response
from vedette.plumbing.ports import ports

MOST_REDIRECTS = 3


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
        return NetAdapter(ports().net, _remember)


def install() -> None:
    """Let `requests` make sessions of this kind only, in the whole process: nothing but Apprise uses it."""
    requests.sessions.Session = GuardedSession  # type: ignore[misc]
    requests.Session = GuardedSession  # type: ignore[misc]


def _remember(last: Response | NetError) -> None:
    TRAIL.last = last
