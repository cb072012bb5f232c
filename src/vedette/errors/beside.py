"""What comes beside events: files, and what their users wrote. Kept under the event's id, whether or not it ever comes.

Check-ins are kept in telemetry as they came, for monitors to come.

Read like events: whatever is in the journal, nothing here may stop a batch.
"""

import hashlib
import logging
from collections.abc import Sequence

import msgspec

from vedette.errors.feedback import Feedback, read_feedback
from vedette.errors.scrubbing import scrubber
from vedette.errors.store import beside as store
from vedette.plumbing.log.port import Message
from vedette.plumbing.telemetry.port import Record
from vedette.projects import service as projects
from vedette.wire import attachment, delivery, lenient
from vedette.wire.attachment import Attachment
from vedette.wire.delivery import Delivery

_LOG = logging.getLogger("vedette.errors")
CHECK_IN = "check_in"
FEEDBACK = frozenset({"user_report", "feedback"})


class Beside(msgspec.Struct):
    """The files and the feedback of a batch, each with the delivery that brought it, and records for telemetry."""

    files: list[tuple[Delivery, Attachment]]
    feedback: list[tuple[Delivery, Feedback]]
    records: list[Record]


def read(messages: Sequence[Message]) -> Beside:
    """Return what of a batch came beside events; what cannot be read is left out and logged."""
    found = Beside([], [], [])
    for message in messages:
        try:
            one = delivery.decode(message.body)
            if message.subject == "attachment":
                found.files.append((one, attachment.decode(one.payload)))
        except (msgspec.DecodeError, UnicodeDecodeError):
            _LOG.error("A %s of the journal cannot be read: seq %d", message.subject, message.seq)
            continue
        if message.subject == CHECK_IN:
            found.records.append(_check_in(one, message.seq))
        if message.subject in FEEDBACK:
            rules = projects.scrub_rules(one.project)
            found.feedback += [(one, told) for told in read_feedback(one, scrubber(rules))]
    return found


def _check_in(one: Delivery, seq: int) -> Record:
    """Return a check-in as it is kept for monitors: under its project and slug, each report of it by itself."""
    said, _ = lenient.decode(one.payload)
    slug = said.get("monitor_slug") if isinstance(said, dict) else None
    body = lenient.encode({"received": one.received, "said": said})
    return Record(
        kind=CHECK_IN, id=_hash(f"{one.project}:{seq}"), key=check_in_key(one.project, slug), project=one.project,
        at=one.received, seq=seq, body=body,
    )  # fmt: skip


def check_in_key(project: int, slug: object) -> bytes:
    """Return the key under which telemetry keeps the check-ins of a monitor."""
    return _hash(f"{project}:{slug}")


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).digest()


def store_all(found: Beside) -> None:
    """Write it, in the caller's transaction."""
    store.add_files(found.files)
    store.add_feedback(found.feedback)
