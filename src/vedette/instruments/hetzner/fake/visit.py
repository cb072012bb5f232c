"""What a handler works with: the project, the instant, the call, and what faults do to the actions it starts."""

import dataclasses
import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from vedette.instruments.hetzner.fake import acting
from vedette.instruments.hetzner.fake.calls import Call, Refused, Reply, Shape, exceeded, invalid, missing
from vedette.instruments.hetzner.fake.state import Action, Resource, State

T = TypeVar("T")

_FIELD = re.compile(r"`\$\.?([^`]*)`$")
_MISSING = re.compile(r"missing required field `([^`]+)`")


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How actions go: how many times as long as usual, and what befalls those of this call."""

    factor: float = 1.0
    ineffective: bool = False
    trouble: tuple[str, str] | None = None


@dataclasses.dataclass
class Visit:
    """A call being answered. `args` are the parts of its path that the route left open."""

    state: State
    now: float
    call: Call
    args: tuple[str, ...] = ()
    pace: Pace = dataclasses.field(default_factory=Pace)

    def read(self, shape: type[T]) -> T:
        """Return the body as a struct. Raises `Refused`, naming the field that is wrong."""
        try:
            return msgspec.json.decode(self.call.body or b"{}", type=shape)
        except msgspec.ValidationError as error:
            raise invalid(_field(str(error)), str(error)) from error
        except msgspec.DecodeError as error:
            raise Refused(400, "json_error", f"invalid JSON input: {error}") from error

    def start(
        self, command: str, *resources: Resource, after: Action | None = None, **args: object
    ) -> Action:
        """Begin an action at the pace of this call; one `after` another ends that much later."""
        wait = after.ends - self.now if after else 0.0
        seconds = wait + acting.SECONDS.get(command, acting.USUAL) * self.pace.factor
        action = acting.start(self.state, self.now, command, *resources, lasts=seconds, **args)
        action.ineffective, action.trouble = self.pace.ineffective, self.pace.trouble
        return action

    def shown(self, action: Action) -> Shape:
        """Return an action as the API shows it."""
        return acting.shown(action, self.now)

    def free(self, kind: str, number: int) -> Resource:
        """Return a thing as a resource of an action; raises `Refused` while another one runs on it."""
        resource = Resource(kind, number)
        acting.require_free(self.state, resource)
        return resource

    def acted(self, action: Action, **more: object) -> Reply:
        """Return the usual answer to what starts an action."""
        return Reply(status=201, body={"action": self.shown(action), **more})

    def acts(self, actions: list[Action]) -> Reply:
        """Return the usual answer to what starts several."""
        return Reply(status=201, body={"actions": [self.shown(action) for action in actions]})

    def room(self, plural: str, rows: Mapping[int, object]) -> None:
        """Raise `Refused` where the project may not have more of them."""
        if len(rows) >= self.state.limits.get(plural, 10_000):
            raise exceeded(f"{plural}_limit")


def found(rows: Mapping[int, T], what: str, number: int) -> T:
    """Return a row. Raises `Refused` (404)."""
    if number not in rows:
        raise missing(what, number)
    return rows[number]


def _field(text: str) -> str:
    if absent := _MISSING.search(text):
        inside = _FIELD.search(text)
        return ".".join(part for part in (inside[1] if inside else "", absent[1]) if part)
    at = _FIELD.search(text)
    return at[1] if at else "body"
