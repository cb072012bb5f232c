"""The fake of Hetzner's API on loopback, with a clock that a test moves and that moves a little with every call."""

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

import hcloud
import msgspec

from vedette.core.clock import ManualClock
from vedette.instruments.hetzner.fake.calls import Call, Reply
from vedette.instruments.hetzner.fake.fake import LIMIT, Fake
from vedette.instruments.hetzner.fake.faults import Fault
from vedette.instruments.hetzner.fake.serving import serving
from vedette.instruments.hetzner.fake.state import State

WRITE, READ = "token-that-may-write", "token-that-may-read"


class TickingClock(ManualClock):
    """A clock that goes on by `step` seconds whenever it is looked at: who polls need not sleep."""

    def __init__(self, step: float) -> None:
        super().__init__()
        self.step = step

    def now(self) -> float:
        self.forward(self.step)
        return super().now()


@dataclasses.dataclass
class Hetzner:
    """A fake that is served: its endpoint, its clock, itself."""

    fake: Fake
    clock: TickingClock
    endpoint: str = ""

    def client(self, token: str = WRITE) -> hcloud.Client:
        """Return hcloud's own client, polling without rest."""
        return hcloud.Client(token, api_endpoint=self.endpoint, poll_interval=0, timeout=20)

    def ask(self, method: str, path: str, body: bytes = b"", *, token: str = WRITE, **query: str) -> Reply:
        """Return the answer to a call that takes no way over HTTP."""
        asked = {name: [value] for name, value in query.items()}
        return self.fake.answer(Call(method=method, path=path, query=asked, body=body, token=token))

    def post(self, path: str, *, token: str = WRITE, **body: object) -> Reply:
        """Return the answer to something that is made or begun."""
        return self.ask("POST", path, msgspec.json.encode(body), token=token)

    def get(self, path: str, **query: str) -> Any:
        """Return what is read: the body of an answer that must be one."""
        reply = self.ask("GET", path, **query)
        assert reply.status == 200, reply
        return msgspec.json.decode(msgspec.json.encode(reply.body))

    def make(self, path: str, **body: object) -> Any:
        """Return what was made, when all actions have ended."""
        reply = self.post(path, **body)
        assert reply.status == 201, reply
        self.rest()
        return msgspec.json.decode(msgspec.json.encode(reply.body))

    def rest(self, seconds: float = 60) -> None:
        """Let time go by."""
        self.clock.forward(seconds)
        self.fake.settle()

    def asked(self, method: str = "") -> list[Call]:
        """Return the calls so far, of one method or all."""
        return [one.call for one in self.fake.asked if method in {"", one.call.method}]


def made(
    *faults: Fault, step: float = 0.5, pace: float = 1.0, limit: int = LIMIT, state: State | None = None
) -> Hetzner:
    """Return a fake that nobody serves: for `ask`."""
    clock = TickingClock(step)
    fake = Fake(clock, {WRITE: "write", READ: "read"}, pace=pace, limit=limit, state=state)
    fake.script.add(*faults)
    return Hetzner(fake, clock)


@contextlib.contextmanager
def hetzner(
    *faults: Fault, step: float = 0.5, pace: float = 1.0, limit: int = LIMIT, state: State | None = None
) -> Iterator[Hetzner]:
    """Serve a fake on a free port. Actions take `pace` times what they usually take (0: nothing)."""
    here = made(*faults, step=step, pace=pace, limit=limit, state=state)
    with serving(here.fake) as endpoint:
        here.endpoint = endpoint
        yield here
