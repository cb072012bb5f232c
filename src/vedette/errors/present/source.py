"""Number the source lines around a frame; how they are coloured is the interface's business."""

from collections.abc import Mapping, Sequence

import msgspec


class Line(msgspec.Struct, frozen=True):
    """A numbered line of source; `hit` is the line the frame stands at. `number` is empty when nobody knows it."""

    number: str
    text: str
    hit: bool = False


def lines_of(frame: Mapping[str, object]) -> tuple[Line, ...]:
    """Return the lines around a frame; none when it has no source."""
    before, after = _texts(frame.get("pre_context")), _texts(frame.get("post_context"))
    hit = frame.get("context_line")
    if hit is None and not before and not after:
        return ()
    texts = [*before, *_texts(["" if hit is None else hit]), *after]
    number = frame.get("lineno")
    first = number - len(before) if isinstance(number, int) else None
    return tuple(
        Line("" if first is None else str(first + i), text, i == len(before)) for i, text in enumerate(texts)
    )


def _texts(value: object) -> list[str]:
    """Return lines as texts; a break inside one is made visible, so that the numbers stay true."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [("" if text is None else str(text)).replace("\r", "").replace("\n", "⏎") for text in value]
