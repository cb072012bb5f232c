"""What the frames of a stack contribute to a fingerprint, once for each version of grouping. Pure.

Frames of the application decide; when there are none, all do. A frame says its place (module or path) and its function;
where the function has no name, its line of source.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from vedette.errors.cleaning import V1, V2, Cleaner
from vedette.errors.facts import text
from vedette.errors.types import Part

MOST_FRAMES = 60
Frame = Mapping[str, object]
_SOURCE_DECIDES = frozenset({"javascript", "node", "python", "php", "ruby"})
_SCRIPTS = frozenset({"javascript", "node"})
_LINE = 120
_SHORT_NAME = 2
_MINIFIED_COLUMN = 250

# What run-times and transpilers put between the frames of a program.
_NATIVE = frozenset({"<anonymous>", "[native code]", "native code", "native", "eval code"})
_HELPERS = frozenset({
    "processTicksAndRejections", "asyncGeneratorStep", "_asyncToGenerator", "__awaiter", "_next", "_throw", "fulfilled", "rejected",
    "tryCatch", "drainMicroTaskQueue", "onInvokeTask",
})  # fmt: skip
_HELPER_CLASSES = ("ZoneDelegate.", "ZoneTask.", "Zone.", "_ZoneDelegate.", "Generator.")
_INLINED = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})  # frames of their own until Python 3.12
_SUSPENDED = frozenset({"<asynchronous suspension>"})


class Stack(NamedTuple):
    """What a stack contributes, oldest first, and whether any of it names a function or shows its source."""

    parts: tuple[Part, ...]
    named: bool


def is_own(frames: Sequence[Frame]) -> bool:
    """Tell whether a stack has frames of the application."""
    return any(frame.get("in_app") is True for frame in frames)


def deciding_1(frames: Sequence[Frame], _: str) -> list[Frame]:
    """Return the frames that decide: the application's, or all when it has none; the newest `MOST_FRAMES`."""
    own = [frame for frame in frames if frame.get("in_app") is True]
    return (own or list(frames))[-MOST_FRAMES:]


def stack_1(frames: Sequence[Frame], platform: str) -> Stack:
    """Version 1: a frame that follows itself counts once."""
    parts: list[Part] = []
    last = ""
    for frame in deciding_1(frames, platform):
        place, name = _said(frame, platform, V1)
        said = f"{place} {name}".strip()
        if said and said != last:
            parts.append(_part(frame, said))
        last = said or last
    return Stack(tuple(parts), bool(parts))


def deciding_2(frames: Sequence[Frame], platform: str) -> list[Frame]:
    """Return the frames that decide, without what run-times put between them and what lies among packages."""
    useful = [frame for frame in frames if not _is_between(frame, text(frame.get("platform")) or platform)]
    own = [frame for frame in useful if frame.get("in_app") is True]
    if platform in _SCRIPTS:  # browsers' SDKs call every frame the application's
        own = [frame for frame in own if "/node_modules/" not in text(frame.get("filename"))] or own
    return own or useful


def stack_2(frames: Sequence[Frame], platform: str) -> Stack:
    """Version 2: each place counts once, so that no recursion, direct or not, tells by its depth."""
    parts: dict[str, Part] = {}
    named = False
    for frame in deciding_2(frames, platform):
        place, name = _said(frame, text(frame.get("platform")) or platform, V2)
        said = f"{place} {name}".strip()
        named = named or bool(name)
        if said and said not in parts:
            parts[said] = _part(frame, said)
    return Stack(tuple(parts.values())[-MOST_FRAMES:], named)


def _part(frame: Frame, said: str) -> Part:
    return Part("your frame" if frame.get("in_app") is True else "frame", said)


def _said(frame: Frame, platform: str, clean: Cleaner) -> tuple[str, str]:
    """Return a frame's place, and its function or else its line of source."""
    place = clean.module(text(frame.get("module"))) or clean.path(
        text(frame.get("filename")) or text(frame.get("abs_path"))
    )
    function = clean.function(text(frame.get("function")), platform)
    if clean is not V1 and len(function) <= _SHORT_NAME and _is_minified(frame, platform):
        function = ""
    if not function and (text(frame.get("platform")) or platform) in _SOURCE_DECIDES:
        line = text(frame.get("context_line"))
        function = line if len(line) <= _LINE else ""
    return place, function


def _is_minified(frame: Frame, platform: str) -> bool:
    """Tell whether a script's frame stands so far to the right that its short names are a minifier's."""
    column = frame.get("colno")
    return platform in _SCRIPTS and isinstance(column, int) and column > _MINIFIED_COLUMN


def _is_between(frame: Frame, platform: str) -> bool:
    function = text(frame.get("function"))
    if platform in _SCRIPTS:
        return _is_between_scripts(frame, function)
    return (platform == "python" and function in _INLINED) or function in _SUSPENDED


def _is_between_scripts(frame: Frame, function: str) -> bool:
    filename = text(frame.get("filename")) or text(frame.get("abs_path"))
    return (
        filename in _NATIVE or filename.startswith("index ")
        or V2.function(function, "javascript") in _HELPERS or function.startswith(_HELPER_CLASSES)
    )  # fmt: skip
