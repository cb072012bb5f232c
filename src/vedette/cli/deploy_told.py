"""A roll told to a Vedette as a deploy, so that its charts and issues know of it."""

from pathlib import Path
from urllib.parse import quote

import msgspec

from vedette.cli import server_door
from vedette.core.clock import iso
from vedette.core.errors import Invalid
from vedette.deploy.types import Event, Happened, Rolled, RollSaid, Verb
from vedette.plumbing.net.port import Net

_DOOR = "/api/v1/projects/{}/deploys"
_BACK = " (rolled back)"
_LONGEST = 200
_SAYS = {
    401: "the token is unknown or expired; `vedette tokens add` makes one",
    403: "the token may not tell of deploys; its person must be a member or more",
    404: "there is no such project",
}


class Herald:
    """Tells a server how a roll ended; nothing where no target was changed. Raises `Invalid`, `ConfigError` for what could never be told."""

    def __init__(self, said: RollSaid, token_file: Path | None, net: Net) -> None:
        if not (said.project and said.roll.version):
            raise Invalid(
                "A Vedette is told of a project and a version: say --project shop and --version 2026.11.27."
            )
        self._said, self._net = said, net
        self._url = server_door.url(said.send, _DOOR.format(quote(said.project, safe="")))
        self._token = server_door.token(token_file, "--send-token-file")
        self._changed = False

    def saw(self, event: Event) -> None:
        """Take note of what happened."""
        self._changed = self._changed or (event.what is Happened.BEGUN and event.verb is Verb.CHANGE)

    def tell(self, done: Rolled, began: float, ended: float) -> None:
        """Tell it; raises `Unavailable`, `NetError`."""
        if self._changed:
            server_door.post(self._net, self._url, self._body(done, began, ended), self._token, _SAYS)

    def _body(self, done: Rolled, began: float, ended: float) -> bytes:
        mark = _BACK if done.back else ""
        return msgspec.json.encode(
            {
                "version": self._said.roll.version[: _LONGEST - len(mark)] + mark, "environment": self._said.environment,
                "by": "vedette deploy roll", "started_at": iso(began), "finished_at": iso(ended),
            }
        )  # fmt: skip
