"""Actions: they take time, they lock what they are about, and they change it when they end."""

from collections.abc import Callable, Mapping

from vedette.core.clock import iso
from vedette.instruments.hetzner.fake.calls import Refused, Shape, conflicting, locked
from vedette.instruments.hetzner.fake.state import Action, Resource, State

Effect = Callable[[State, Action], None]

KEPT = 2000  # finished actions that are remembered
SECONDS: Mapping[str, float] = {
    "create_server": 4,
    "delete_server": 2,
    "create_image": 6,
    "issue_certificate": 5,
}
USUAL = 1.0
# Locked whatever an action does with them; others only where the action changes them.
_LOCKING = ("server", "volume")
_LEAVING_FREE = ("apply_firewall", "remove_firewall")  # these lock no server


def start(
    state: State, now: float, command: str, *resources: Resource, lasts: float | None = None, **args: object
) -> Action:
    """Begin an action that ends `lasts` seconds after `now` (by default as long as its command usually takes)."""
    seconds = SECONDS.get(command, USUAL) if lasts is None else lasts
    action = Action(
        id=state.new_id(),
        command=command,
        resources=list(resources),
        started=now,
        ends=now + seconds,
        args=args,
    )
    state.actions[action.id] = action
    return action


def running(state: State) -> list[Action]:
    """Return what has not ended."""
    return [action for action in state.actions.values() if action.status == "running"]


def require_free(state: State, resource: Resource) -> None:
    """Raise `Refused` while an action runs on a thing: locked for servers and volumes, a conflict for others."""
    for action in running(state):
        locks = resource.type in _LOCKING and action.command not in _LEAVING_FREE
        if locks and resource in action.resources:
            raise locked(f"{resource.type} {resource.id}")
        if resource == action.owner:
            raise conflicting(f"{resource.type} {resource.id}")


def settle(state: State, now: float, effects: Mapping[str, Effect], undoing: Mapping[str, Effect]) -> None:
    """End every action that is due, in order; what one starts at its end may be due as well."""
    while due := [action for action in running(state) if action.ends <= now]:
        _end(state, min(due, key=lambda action: (action.ends, action.id)), effects, undoing)
    for old in list(state.actions)[: max(0, len(state.actions) - KEPT)]:
        if state.actions[old].status != "running":
            del state.actions[old]


def _end(state: State, action: Action, effects: Mapping[str, Effect], undoing: Mapping[str, Effect]) -> None:
    name = f"{action.owner.type}.{action.command}"
    if not action.ineffective and not action.trouble and name in effects:
        _take_effect(effects[name], state, action)
    action.status = "error" if action.trouble else "success"
    if action.trouble and name in undoing:
        undoing[name](state, action)


def _take_effect(effect: Effect, state: State, action: Action) -> None:
    try:
        effect(state, action)
    except Refused as refusal:  # it was possible when it was asked for
        action.trouble = (refusal.code, refusal.message)


def shown(action: Action, now: float) -> Shape:
    """Return an action as the API shows it."""
    over = action.status != "running"
    span = max(action.ends - action.started, 0.001)
    progress = 100 if over else int(min(0.99, max(0.0, (now - action.started) / span)) * 100)
    code, message = action.trouble or ("", "")
    return {
        "id": action.id,
        "command": action.command,
        "status": action.status,
        "progress": progress,
        "started": iso(action.started),
        "finished": iso(action.ends) if over else None,
        "resources": [{"id": one.id, "type": one.type} for one in action.resources],
        "error": {"code": code, "message": message} if action.status == "error" else None,
    }
