"""Letters whatever their case, character by character: a text keeps its length, so that `?` is one character."""

import functools


def fold(text: str) -> str:
    """Return a text in which letters that differ in case alone are the same."""
    if text.isascii():
        return text.lower()
    return "".join(map(_folded, text))


@functools.cache
def _folded(character: str) -> str:
    for found in (character.casefold(), character.lower()):
        if len(found) == 1:
            return found
    return character
