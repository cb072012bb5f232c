"""The door of hooks: whatever sends JSON over HTTP tells of alerts here, and the hook's mapping says which.

Nothing of a body is taken unless all of it can be, and 200 comes only once what was taken is on disk. Who sends shows
the hook's own secret (as a bearer token, as the password of basic authentication or, for senders that can set no
header, as `?token=` of the address) or an API token, which stands in a header only: it opens more than this door, and
addresses end up in the logs of what lies between. Neither is ever logged here.
"""

import asyncio
import hmac
from urllib.parse import parse_qs

import msgspec

from vedette.core import ids
from vedette.core.clock import Clock
from vedette.core.errors import Invalid, NotFound, Unauthenticated, VedetteError
from vedette.intake import answers, body
from vedette.intake.alerting import AlertDoor, Desk, Sender, presented
from vedette.intake.answers import Answer
from vedette.intake.asgi import Receive, Request
from vedette.intake.body import Budget, Content, Share
from vedette.intake.limits import Limits
from vedette.intake.ports import Hook, HookBook
from vedette.wire.hooks import reading
from vedette.wire.hooks.mapping import SECRET_PREFIX
from vedette.wire.hooks.reading import Shaped

_PROBLEM = b"application/problem+json"
_UNREADABLE = 422
_WHO = (
    "Say who sends: the hook's secret or an API token as a bearer token; where no header can be set, the hook's"
    " secret as ?token= of the address."
)


class HookDoor:
    """Takes what is sent to hooks; lives on the event loop's thread, but for the reading of bodies."""

    def __init__(
        self,
        alerts: AlertDoor,
        desk: Desk,
        hooks: HookBook | None,
        clock: Clock,
        *,
        limits: Limits,
        budget: Budget,
    ) -> None:
        self._alerts, self._desk, self._hooks, self._clock = alerts, desk, hooks, clock
        self._limits, self._budget = limits, budget

    async def take(self, request: Request, receive: Receive) -> Answer:
        """Take what is sent to a hook; what is wrong is answered as a problem (RFC 9457)."""
        try:
            return await self._take(request, receive)
        except VedetteError as error:
            return _problem(error)

    async def _take(self, request: Request, receive: Receive) -> Answer:
        hook, sender = await self._who(request)
        with Share(self._budget) as share:
            sent = await body.read(request, receive, share, self._limits.event, self._limits.body_seconds)
            encoding = request.headers.get(b"content-encoding", b"")
            whole = bytes(await Content(sent, encoding, self._limits.event, share).whole())
            now = self._clock.now()
            try:
                shaped = await asyncio.to_thread(_read, whole, hook, now)
                await self._alerts.keep(request, sender, shaped.alerts, now)
            except VedetteError as error:
                self._remember(hook, whole, f"Refused. {error}", now)
                raise
            said = _said(shaped)
            self._remember(hook, whole, said, now)
        answer = {"taken": len(shaped.alerts), "ignored": shaped.ignored, "detail": said}
        return Answer(200, msgspec.json.encode(answer))

    async def _who(self, request: Request) -> tuple[Hook, Sender]:
        """Return the hook and who sends; raises `Unauthenticated`, `Forbidden`, `NotFound`."""
        name = request.route.name
        hook = await self._hooks.find(name) if self._hooks else None
        secret = presented(request.headers.get(b"authorization", b""))
        secret = secret or _in_address(request.query)
        if secret.startswith(SECRET_PREFIX):
            if hook is None or not hmac.compare_digest(ids.hash_secret(secret), hook.secret):
                raise Unauthenticated(f"This is not the secret of a hook {name}; make one on its page.")
        elif not secret:
            raise Unauthenticated(_WHO)
        else:
            await self._desk.token(request)
        if hook is None:
            raise NotFound(f"There is no hook {name}; hooks are made under Alerts, Hooks.")
        if not hook.active:
            raise NotFound(f"The hook {name} is switched off.")
        return hook, Sender(f"hook {name}")

    def _remember(self, hook: Hook, whole: bytes, said: str, now: float) -> None:
        if self._hooks is not None:
            self._hooks.came(hook.name, whole, said, now)


def _read(whole: bytes, hook: Hook, now: float) -> Shaped:
    """Return the alerts of a body; raises `Invalid` that tells everything that is wrong."""
    shaped = reading.read(reading.parsed(whole), hook.shape, hook.name, now)
    if shaped.faults:
        told = " ".join(map(str, shaped.faults))
        fields = {f"{each.alert}.{each.field}": each.text for each in shaped.faults}
        raise Invalid(f"Nothing was taken. {told}", fields)
    return shaped


def _said(shaped: Shaped) -> str:
    if not shaped.alerts:
        why = "every alert in it is to be ignored" if shaped.ignored else "its list of alerts is empty"
        return f"Nothing was taken: {why}."
    taken = "1 alert was taken" if len(shaped.alerts) == 1 else f"{len(shaped.alerts)} alerts were taken"
    return f"{taken}, {shaped.ignored} ignored." if shaped.ignored else f"{taken}."


def _in_address(query: bytes) -> str:
    """Return the secret of a hook in an address; raises `Unauthenticated` for one that does not belong there."""
    if b"token=" not in query:
        return ""
    found = parse_qs(query.decode("latin-1")).get("token", [""])[0]
    if found and not found.startswith(SECRET_PREFIX):
        raise Unauthenticated(
            "An address takes the hook's own secret alone; an API token opens more, send it in a header."
        )
    return found


def _problem(error: VedetteError) -> Answer:
    plain = answers.failure(error)
    status = _UNREADABLE if plain.status == 400 else plain.status
    told: dict[str, object] = {
        "type": "about:blank",
        "title": "That cannot be taken" if status == _UNREADABLE else "That is refused",
        "status": status,
        "detail": str(error),
    }
    if isinstance(error, Invalid) and error.fields:
        told["errors"] = [{"field": name, "detail": text} for name, text in error.fields.items()]
    return msgspec.structs.replace(
        plain, status=status, body=msgspec.json.encode(told), content_type=_PROBLEM
    )
