"""A notice as an alert of Opsgenie, cut to what it takes."""

from collections.abc import Mapping

import msgspec

from vedette.notify.channels.cutting import cut
from vedette.notify.types import Notice

# docs.opsgenie.com/docs/alert-api, "Create Alert": message 130, description 15,000, details 8,000 in all,
# a tag 50, entity 512, source 100, note 25,000 characters.
_MESSAGE, _DESCRIPTION, _DETAIL, _TAG, _NOTE = 130, 15_000, 300, 50, 1_000
_DETAILS = 20
_PRIORITIES = {"critical": "P1", "high": "P2", "low": "P3", "info": "P5"}


class Alert(msgspec.Struct, frozen=True):
    """The body of "Create Alert"; the names are Opsgenie's."""

    message: str
    alias: str
    description: str
    priority: str
    source: str
    entity: str
    tags: tuple[str, ...]
    details: Mapping[str, str]


class Closing(msgspec.Struct, frozen=True):
    """The body of "Close Alert"."""

    source: str
    note: str


def alert(notice: Notice, alias: str) -> Alert:
    """Return the alert of a notice; the link stays when the text is cut."""
    acts = [f"{action.label}: {action.url}" for action in notice.actions]
    last = "\n\n".join(part for part in (notice.link, *acts, cut(notice.reason, _NOTE)) if part)
    text = cut(notice.text, max(_DESCRIPTION - len(last) - 2, 0))
    labels = list(notice.labels.items())[:_DETAILS]
    return Alert(
        message=cut(notice.title or "Vedette", _MESSAGE),
        alias=alias,
        description="\n\n".join(part for part in (text, last) if part),
        priority=_PRIORITIES.get(notice.severity, "P2"),
        source="Vedette",
        entity=cut(notice.project, 512),
        tags=(cut(notice.project, _TAG),) if notice.project else (),
        details={cut(name, 50): cut(value, _DETAIL) for name, value in labels},
    )


def closing(notice: Notice) -> Closing:
    """Return what closes the alert of a notice that is over."""
    return Closing("Vedette", cut(f"{notice.title}\n{notice.reason}".strip(), _NOTE))
