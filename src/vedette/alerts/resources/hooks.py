"""REST of hooks."""

from typing import Annotated

import msgspec
from ninja import Field, Path, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.alerts.hooks import service
from vedette.alerts.hooks.types import AlertHook, AlertHookDraft
from vedette.alerts.types import Alert
from vedette.core.clock import iso
from vedette.plumbing.ports import ports
from vedette.wire.hooks.filling import LONGEST_TEXT
from vedette.wire.hooks.mapping import A_DAY, LONGEST_LASTS, AlertMapping
from vedette.wire.hooks.picking import LONGEST_PATH

router = Router(tags=["alerts"])
HookName = Annotated[str, Path(max_length=60)]
Place = Annotated[str, Field(max_length=LONGEST_PATH)]
Filled = Annotated[str, Field(max_length=LONGEST_TEXT)]
Pairs = Annotated[dict[str, Filled], Field(max_length=32)]
Words = Annotated[dict[str, str], Field(max_length=50)]


class MappingIn(Schema):
    """Where in a body the alerts are and what becomes of them; paths and texts with holes are those of docs/hooks.md."""

    alerts: Place = ""
    labels: Pairs = {}
    labels_from: Place = ""
    annotations: Pairs = {}
    annotations_from: Place = ""
    title: Filled = ""
    text: Filled = ""
    link: Filled = ""
    state: Filled = ""
    states: Words = {}
    severity: Filled = ""
    severities: Words = {}
    starts: Filled = ""
    ends: Filled = ""
    lasts: Annotated[int, Field(ge=1, le=LONGEST_LASTS)] = A_DAY


class HookIn(Schema):
    """A hook as it is written; its name stands in its address, `/api/hooks/alerts/{name}`."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    mapping: MappingIn
    enabled: bool = True


class HookOut(HookIn):
    """A hook in force; `secret` says whether it has one of its own, `source` is the file it is written in."""

    id: int
    url: str
    secret: bool
    created_at: str
    source: str


class HooksOut(Schema):
    """Every hook; `cursor` is always null, for there is one page."""

    items: list[HookOut]
    cursor: str | None = None


class HookSecretOut(Schema):
    """The secret of a hook; it is shown this once."""

    secret: str


class HookTrialIn(Schema):
    """A mapping, and a body as it would be sent."""

    mapping: MappingIn
    body: Annotated[str, Field(max_length=1_000_000)]


class TriedAlert(Schema):
    """An alert a body would make; `ends` is when it is over unless something tells of it again."""

    labels: dict[str, str]
    annotations: dict[str, str]
    state: str
    severity: str
    title: str
    text: str
    link: str
    starts: str
    ends: str | None


class HookTrialOut(Schema):
    """What a body would become: alerts, how many are to be ignored, and what is wrong (then nothing is taken)."""

    alerts: list[TriedAlert]
    ignored: int
    wrong: list[str]


@router.get("/alert-hooks", response=HooksOut, operation_id="list_alert_hooks")
@needs(Verb.RULE_READ)
def list_alert_hooks(request: Request) -> HooksOut:
    """Return every hook."""
    return HooksOut(items=[_hook(each) for each in service.hooks()])


@router.post("/alert-hooks", response={201: HookOut}, operation_id="create_alert_hook")
@needs(Verb.RULE_WRITE)
def create_alert_hook(request: Request, payload: HookIn) -> Status[HookOut]:
    """Add a hook; it has no secret yet."""
    return Status(201, _hook(service.create(request.actor, _draft(payload), ports().clock.now())))


@router.post("/alert-hooks/trial", response=HookTrialOut, operation_id="try_alert_hook")
@needs(Verb.RULE_WRITE)
def try_alert_hook(request: Request, payload: HookTrialIn) -> HookTrialOut:
    """Return what a body would become by a mapping; nothing is kept or told."""
    found = service.trial(request.actor, _mapping(payload.mapping), payload.body, "", ports().clock.now())
    alerts = [_tried(each) for each in found.alerts]
    return HookTrialOut(alerts=alerts, ignored=found.ignored, wrong=list(found.wrong))


@router.get("/alert-hooks/{name}", response=HookOut, operation_id="get_alert_hook")
@needs(Verb.RULE_READ)
def get_alert_hook(request: Request, name: HookName) -> HookOut:
    """Return one hook."""
    return _hook(service.hook(name))


@router.put("/alert-hooks/{name}", response=HookOut, operation_id="change_alert_hook")
@needs(Verb.RULE_WRITE)
def change_alert_hook(request: Request, name: HookName, payload: HookIn) -> HookOut:
    """Change a hook to what is sent; its secret stays."""
    return _hook(service.change(request.actor, name, _draft(payload), ports().clock.now()))


@router.delete("/alert-hooks/{name}", response={204: None}, operation_id="delete_alert_hook")
@needs(Verb.RULE_WRITE)
def delete_alert_hook(request: Request, name: HookName) -> Status[None]:
    """Delete a hook; what it told of stays."""
    service.delete(request.actor, name, ports().clock.now())
    return Status(204, None)


@router.post("/alert-hooks/{name}/secret", response=HookSecretOut, operation_id="make_alert_hook_secret")
@needs(Verb.RULE_WRITE)
def make_alert_hook_secret(request: Request, name: HookName) -> HookSecretOut:
    """Give a hook a new secret; the one before stops working."""
    return HookSecretOut(secret=service.make_secret(request.actor, name, ports().clock.now()))


def _draft(given: HookIn) -> AlertHookDraft:
    return AlertHookDraft(name=given.name, mapping=_mapping(given.mapping), enabled=given.enabled)


def _mapping(given: MappingIn) -> AlertMapping:
    return AlertMapping(**given.dict())


def _hook(found: AlertHook) -> HookOut:
    return HookOut(
        id=found.id,
        name=found.name,
        mapping=MappingIn(**msgspec.structs.asdict(found.mapping)),
        enabled=found.enabled,
        url=service.address(found.name),
        secret=bool(found.secret),
        created_at=iso(found.created_at),
        source=found.source,
    )


def _tried(alert: Alert) -> TriedAlert:
    return TriedAlert(
        labels=dict(alert.labels),
        annotations=dict(alert.annotations),
        state=alert.standing.state.value,
        severity=alert.standing.severity.value,
        title=alert.title,
        text=alert.text,
        link=alert.link,
        starts=iso(alert.standing.starts),
        ends=None if alert.standing.ends is None else iso(alert.standing.ends),
    )
