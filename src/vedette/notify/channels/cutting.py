"""Texts cut to what a service takes, with a mark that says so. Pure."""

from collections.abc import Callable

MARK = "… (cut)"


def cut(text: str, most: int, size: Callable[[str], int] = len) -> str:
    """Return the text, or as much of its start as fits with the mark; `size` measures in the service's unit."""
    if size(text) <= most:
        return text
    while text and (over := size(text + MARK) - most) > 0:
        text = text[: -max(1, over // 4)]  # a character takes 4 units at most, so this never cuts too much
    return text.rstrip() + MARK if text else MARK[:most]


def utf8(text: str) -> int:
    """Return the length in bytes of UTF-8."""
    return len(text.encode(errors="replace"))


def utf16(text: str) -> int:
    """Return the length in UTF-16 code units, as Telegram counts."""
    return len(text.encode("utf-16-le", errors="replace")) // 2
