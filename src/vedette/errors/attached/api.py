"""The attachments and the feedback of events in the REST API."""

from typing import Annotated

from django.http import FileResponse
from ninja import Path, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.errors import service
from vedette.errors.views.attachments import download

router = Router()
EventId = Annotated[str, Path(max_length=40, description="the whole id of an event")]
AttachmentId = Annotated[int, Path(ge=1, le=2**62)]


class AttachmentOut(Schema):
    """A file that came with an event; `size` in bytes, `content_type` as its sender said."""

    id: int
    name: str
    content_type: str
    kind: str
    size: int
    at: str


class FeedbackOut(Schema):
    """What a user wrote about an event."""

    name: str
    email: str
    comments: str
    at: str


@router.get(
    "/events/{event}/attachments", response=list[AttachmentOut], operation_id="list_event_attachments"
)
@needs(Verb.EVENT_READ)
def list_attachments(request: Request, event: EventId) -> list[AttachmentOut]:
    """Return the files that came with an event."""
    found = service.find_event(event)[1].event
    return [
        AttachmentOut(
            id=a.id, name=a.name, content_type=a.content_type, kind=a.kind, size=a.size, at=iso(a.at)
        )
        for a in service.attachments(found)
    ]


@router.get("/events/{event}/attachments/{attachment}", operation_id="download_event_attachment")
@needs(Verb.EVENT_READ)
def get_attachment(request: Request, event: EventId, attachment: AttachmentId) -> FileResponse:
    """Return one file as a download."""
    return download(service.find_event(event)[1].event, attachment)


@router.get("/events/{event}/feedback", response=list[FeedbackOut], operation_id="list_event_feedback")
@needs(Verb.EVENT_READ)
def list_feedback(request: Request, event: EventId) -> list[FeedbackOut]:
    """Return what users wrote about an event."""
    found = service.find_event(event)[1].event
    return [
        FeedbackOut(name=s.name, email=s.email, comments=s.comments, at=iso(s.at))
        for s in service.feedback(found)
    ]
