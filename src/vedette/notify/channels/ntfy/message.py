"""A notice as ntfy's JSON: priority and emoji by severity, cut to what ntfy shows as text."""

from collections.abc import Mapping

import msgspec

from vedette.notify.channels.cutting import cut, utf8
from vedette.notify.types import Notice

# Longer messages become attachments (docs.ntfy.sh/publish, "Limitations"); a title is shown in one line.
MOST_BYTES = 4_096
MOST_TITLE = 250
_MOST_BUTTONS = 3
_PRIORITIES = {"critical": 5, "high": 4, "low": 3, "info": 2}
_TAGS = {
    "critical": "rotating_light",
    "high": "warning",
    "low": "small_orange_diamond",
    "info": "information_source",
}


class Button(msgspec.Struct, frozen=True, omit_defaults=True):
    """An action button: `http` asks a URL from where the app is, `view` opens it; `clear` takes the notification away once that worked."""

    action: str
    label: str
    url: str
    method: str = ""
    headers: Mapping[str, str] = {}
    clear: bool = False


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a publication; the names are ntfy's."""

    topic: str
    title: str
    message: str
    priority: int
    tags: list[str]
    click: str
    sequence_id: str
    actions: tuple[Button, ...] = ()


def message(notice: Notice, topic: str, sequence: str) -> Message:
    """Return the publication of a notice; what is over is told with the default priority at most."""
    over = notice.state == "resolved"
    priority = _PRIORITIES.get(notice.severity, 3)
    tag = "white_check_mark" if over else _TAGS.get(notice.severity, "warning")
    last = "\n\n".join(part for part in (notice.link, cut(notice.reason, 500, utf8)) if part)
    room = MOST_BYTES - utf8(last) - 2
    text = cut(notice.text, max(room, 0), utf8)
    return Message(
        topic=topic,
        title=cut(notice.title, MOST_TITLE, utf8),
        message="\n\n".join(part for part in (text, last) if part),
        priority=min(priority, 3) if over else priority,
        tags=[tag, notice.project] if notice.project else [tag],
        click=notice.link,
        sequence_id=sequence,
        actions=_buttons(notice),
    )


def _buttons(notice: Notice) -> tuple[Button, ...]:
    """Return a button for each thing to do, which does it at once, then one that opens the alert."""
    acts = tuple(
        Button("http", action.label, action.url, method="POST", headers={"Accept": "text/plain"}, clear=True)
        for action in notice.actions
    )
    opens = (Button("view", "Open", notice.link),) if acts and notice.link else ()
    return (*acts[: _MOST_BUTTONS - len(opens)], *opens)
