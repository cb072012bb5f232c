"""A notice as plain text: nothing in it steers a terminal, hides itself or turns the line round. Pure.

Titles, texts and labels come from whoever can make an application fail. Mark-up is each channel's own to escape;
what no channel has a use for goes here, once for all: control characters (Unicode category Cc, but for newline and
tab), which begin terminals' escape sequences, and the marks that reorder text (Unicode Standard Annex 9, 2.1 to 2.5).
"""

import re

import msgspec

from vedette.notify.types import Notice

_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(notice: Notice, receiver: str) -> Notice:
    """Return the notice fit for any channel, addressed to `receiver`; the alerts in it stay, for machines compare them."""
    return msgspec.structs.replace(
        notice,
        title=" ".join(stripped(notice.title).split()),
        text=stripped(notice.text),
        reason=stripped(notice.reason),
        project=stripped(notice.project),
        labels={stripped(name): stripped(value) for name, value in notice.labels.items()},
        receiver=receiver,
    )


def stripped(text: str) -> str:
    """Return a text without what steers a terminal; lines end with a newline alone."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
