"""Templates of notices in the REST API."""

from typing import Annotated

from ninja import Field, Router, Schema, Status

from vedette.accounts.permissions import Verb, needs
from vedette.notify import service
from vedette.notify.types import Wording
from vedette.notify.views.common import Request
from vedette.plumbing.ports import ports

router = Router(tags=["notifications"])


class TemplateIn(Schema):
    """The templates of title and text; an empty one leaves the default."""

    title: Annotated[str, Field(max_length=2_000)] = ""
    text: Annotated[str, Field(max_length=10_000)] = ""


class PreviewIn(TemplateIn):
    """Templates to look at; `last` takes the last notice in place of a sample."""

    last: bool = False


class TemplateOut(TemplateIn):
    """The templates for a kind of channel; `kind` is `all` for every kind that has none."""

    kind: str


class TemplatesOut(Schema):
    """Every template that was set; `cursor` is always null, for there is one page."""

    items: list[TemplateOut]
    cursor: str | None = None


class PreviewOut(Schema):
    """What a notice reads like."""

    title: str
    text: str


@router.get("/templates", response=TemplatesOut, operation_id="list_templates")
@needs(Verb.CHANNEL_READ)
def list_templates(request: Request) -> TemplatesOut:
    """Return every template that was set."""
    return TemplatesOut(items=[_template(kind, found) for kind, found in sorted(service.wordings().items())])


@router.put("/templates/{kind}", response=TemplateOut, operation_id="set_template")
@needs(Verb.CHANNEL_WRITE)
def set_template(request: Request, kind: str, payload: TemplateIn) -> TemplateOut:
    """Set the template for a kind of channel, or for `all`."""
    given = Wording(title=payload.title, text=payload.text)
    service.set_wording(request.actor, kind, given, ports().clock.now())
    return _template(kind, given)


@router.delete("/templates/{kind}", response={204: None}, operation_id="reset_template")
@needs(Verb.CHANNEL_WRITE)
def reset_template(request: Request, kind: str) -> Status[None]:
    """Go back to the default words."""
    service.reset_wording(request.actor, kind, ports().clock.now())
    return Status(204, None)


@router.post("/templates/{kind}/preview", response=PreviewOut, operation_id="preview_template")
@needs(Verb.CHANNEL_WRITE)
def preview_template(request: Request, kind: str, payload: PreviewIn) -> PreviewOut:
    """Return what a template makes of a notice, without keeping it."""
    given = Wording(title=payload.title, text=payload.text)
    shown = service.preview(request.actor, kind, given, ports().clock.now(), last=payload.last)
    return PreviewOut(title=shown.title, text=shown.text)


def _template(kind: str, found: Wording) -> TemplateOut:
    return TemplateOut(kind=kind, title=found.title, text=found.text)
