"""Patterns of what is left out, from the language of plans into that of each engine. Pure.

A pattern is a written name (`core.names`). One that begins with a slash is a whole path, any other fits at every depth. `*` and
`?` stay within a name, `**` crosses folders, `[a-z]` and `[!a-z]` are one character. What lies below a folder that is left out
is left out.
"""

from vedette.core.names import read


def for_borg(pattern: str) -> str:
    """Return a pattern in borg's shell style (`borg help patterns`), which compares paths without their first slash."""
    text = read(pattern).rstrip("/")
    return f"sh:{text[1:]}" if text.startswith("/") else f"sh:**/{text}"


def for_restic(pattern: str) -> str:
    r"""Return a pattern as restic reads it: `\` escapes there, a first `!` turns it round, a class is negated by `^`."""
    text = read(pattern).rstrip("/").replace("\\", r"\\").replace("[!", "[^")
    return f"\\{text}" if text.startswith("!") else text


def literally(path: str) -> str:
    r"""Return a path so that restic takes each of its characters as it is."""
    return "".join(f"\\{char}" if char in r"*?[\!" else char for char in path)
