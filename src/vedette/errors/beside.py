"""What comes beside events: files, and what their users wrote. Kept under the event's id, whether or not it ever comes.

Read like events: whatever is in the journal, nothing here may stop a batch.
"""

import logging
from collections.abc import Sequence

import msgspec

from vedette.errors.feedback import Feedback, read_feedback
from vedette.errors.scrubbing import scrubber
from vedette.errors.store import beside as store
from vedette.plumbing.log.port import Message
from vedette.projects import service as projects
from vedette.wire import attachment, delivery
from vedette.wire.attachment import Attachment
from vedette.wire.delivery import Delivery

_LOG = logging.getLogger("vedette.errors")
FEEDBACK = frozenset({"user_report", "feedback"})


class Beside(msgspec.Struct):
    """The files and the feedback of a batch, each with the delivery that brought it."""

    files: list[tuple[Delivery, Attachment]]
    feedback: list[tuple[Delivery, Feedback]]


def read(messages: Sequence[Message]) -> Beside:
    """Return what of a batch came beside events; what cannot be read is left out and logged."""
    found = Beside([], [])
    for message in messages:
        try:
            one = delivery.decode(message.body)
            if message.subject == "attachment":
                found.files.append((one, attachment.decode(one.payload)))
        except (msgspec.DecodeError, UnicodeDecodeError):
            _LOG.error("A %s of the journal cannot be read: seq %d", message.subject, message.seq)
            continue
        if message.subject in FEEDBACK:
            rules = projects.scrub_rules(one.project)
            found.feedback += [(one, told) for told in read_feedback(one, scrubber(rules))]
    return found


def store_all(found: Beside) -> None:
    """Write it, in the caller's transaction."""
    store.add_files(found.files)
    store.add_feedback(found.feedback)
