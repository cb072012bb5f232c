"""The verbs of hooks: make, change and remove them, give them a secret, and try a mapping on a body."""

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.alerts.hooks import fit, store, trying
from vedette.alerts.hooks.arrivals import ARRIVALS
from vedette.alerts.hooks.types import AlertHook, AlertHookDraft, Arrival, HookTrial
from vedette.core import ids
from vedette.core.errors import Invalid, NotFound
from vedette.errors import service as errors
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports
from vedette.wire.ascode import filed
from vedette.wire.hooks import reading
from vedette.wire.hooks.mapping import SECRET_PREFIX, AlertMapping

_INDENT = 2


def hooks() -> tuple[AlertHook, ...]:
    """Return every hook, by name."""
    return store.hooks()


def hook(name: str) -> AlertHook:
    """Return one hook; raises `NotFound`."""
    found = store.find(name)
    if found is None:
        raise NotFound(f"There is no hook {name}; it may have been deleted.")
    return found


def address(name: str) -> str:
    """Return where what a hook is to hear is sent."""
    return f"{ports().settings.public_url}/api/hooks/alerts/{name}"


def create(actor: Actor, draft: AlertHookDraft, now: float) -> AlertHook:
    """Add a hook; it has no secret yet. Raises `Invalid` naming the wrong fields, `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    wrong = fit.wrong(draft)
    with transaction():
        there = store.hooks()
        if any(each.name == draft.name for each in there):
            wrong.setdefault("name", "There is another hook of this name.")
        if len(there) >= fit.MOST_HOOKS:
            wrong.setdefault("name", f"There are {fit.MOST_HOOKS} hooks, the most there may be.")
        _refuse(wrong)
        made = store.add(draft, now)
        accounts.audit(actor, "hook.create", f"hook {made.name}", {}, now)
    return made


def change(actor: Actor, name: str, draft: AlertHookDraft, now: float) -> AlertHook:
    """Change a hook; called otherwise, it is reached at another address. Raises `Invalid`, `NotFound`, `Conflict`, `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    wrong = fit.wrong(draft)
    with transaction():
        before = hook(name)
        filed.refuse(f"The hook {name} is", before.source)
        if draft.name != name and store.find(draft.name):
            wrong.setdefault("name", "There is another hook of this name.")
        _refuse(wrong)
        store.change(before.id, draft)
        accounts.audit(actor, "hook.update", f"hook {draft.name}", {"before": name}, now)
    if draft.name != name:
        ARRIVALS.forget(name)
    return hook(draft.name)


def delete(actor: Actor, name: str, now: float) -> None:
    """Delete a hook: what is sent to it is refused; what it told of stays. Raises `NotFound`, `Conflict`, `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    with transaction():
        before = hook(name)
        filed.refuse(f"The hook {name} is", before.source)
        store.remove(before.id)
        accounts.audit(actor, "hook.delete", f"hook {name}", {}, now)
    ARRIVALS.forget(name)


def make_secret(actor: Actor, name: str, now: float) -> str:
    """Give a hook a secret and return it: it is shown once. An older one stops working. Raises `NotFound`, `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    secret = SECRET_PREFIX + ids.new_secret()
    with transaction():
        store.set_secret(hook(name).id, ids.hash_secret(secret))
        accounts.audit(actor, "hook.secret", f"hook {name}", {}, now)
    return secret


def came(name: str, body: bytes, said: str, now: float) -> None:
    """Remember, in memory, a body that came to a hook, and in words what became of it."""
    ARRIVALS.came(name, body, said, now)


def arrivals(actor: Actor, name: str) -> tuple[Arrival, ...]:
    """Return what came to a hook lately, newest first, secrets masked; empty bodies could not be kept. Raises `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    return tuple(msgspec.structs.replace(each, body=_masked(each.body)) for each in ARRIVALS.of(name))


def last(name: str) -> Arrival | None:
    """Return what came to a hook last, without its body."""
    found = ARRIVALS.of(name)
    return msgspec.structs.replace(found[0], body=b"") if found else None


def trial(actor: Actor, mapping: AlertMapping, body: str, name: str, now: float) -> HookTrial:
    """Return what a body would become by a mapping; nothing is kept. Raises `Invalid` for the mapping, `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    return trying.trial(body, mapping, name, now)


def _masked(body: bytes) -> bytes:
    """Return a body as readable JSON without its secrets; empty for what is no JSON, which nobody could mask."""
    try:
        found = errors.masked(reading.parsed(body))  # type: ignore[arg-type]  # parsed JSON
    except Invalid:
        return b""
    return msgspec.json.format(msgspec.json.encode(found), indent=_INDENT)


def _refuse(wrong: dict[str, str]) -> None:
    if wrong:
        raise Invalid("The hook cannot be kept.", wrong)
