"""The smallest edit of a file of TOML: one key, one element of a list, one table; everything else stays to the letter. Pure.

Lines of keys come from `wire.ascode.reading`; where a value ends is found by reading it. Raises `Unsaid` where a text is not
written in a way that can be edited so (inline tables, dotted keys): a person does it then.
"""

import sys
import tomllib
from collections.abc import Callable, Collection, Sequence

from vedette.wire.ascode import writing
from vedette.wire.ascode.reading import Document, Path, parse

_WIDEST = 110


class Unsaid(Exception):
    """A file cannot be made to say it by a small edit; the text tells why."""


def put(text: str, path: Path, value: object) -> str:
    """Return a text in which a key has another value; it is added to its table where it is not there."""
    lines, document = text.splitlines(), _document(text)
    if path in document.lines:
        start = document.lines[path] - 1
        if _is_header(lines[start]):
            raise Unsaid(f"{'.'.join(map(str, path))} is a table of its own in line {start + 1}")
        end = _end(lines, start)
        indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
        comment = _comment(lines[start]) if end == start + 1 else ""
        key = lines[start].strip().partition("=")[0].rstrip()
        widest = _WIDEST if end > start + 1 else sys.maxsize  # what stood on one line stays on one
        told = _assigned(f"{indent}{key}", value, comment, widest)
        return _joined([*lines[:start], *told, *lines[end:]])
    at = _last_of(lines, document, path[:-1])
    return _joined([*lines[:at], *_assigned(writing.key(str(path[-1])), value), *lines[at:]])


def drop(text: str, path: Path) -> str:
    """Return a text without a key."""
    lines, document = text.splitlines(), _document(text)
    if path not in document.lines:
        raise Unsaid(f"{'.'.join(map(str, path))} does not stand on a line of its own")
    start = document.lines[path] - 1
    if _is_header(lines[start]):
        raise Unsaid(f"{'.'.join(map(str, path))} is a table of its own in line {start + 1}")
    return _joined([*lines[:start], *lines[_end(lines, start) :]])


def drop_table(text: str, path: Path) -> str:
    """Return a text without a table: from its header to the next one, with the comment lines right above it."""
    lines, document = text.splitlines(), _document(text)
    start = _header(lines, document, path)
    end = next((n for n in range(start + 1, len(lines)) if _heads(document, n, lines)), len(lines))
    while end > start and lines[end - 1].lstrip().startswith("#"):
        end -= 1  # what is said above the next table is said of that
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return _joined([*lines[:start], *lines[end:]])


def append(text: str, section: str) -> str:
    """Return a text with a table at its end."""
    return f"{text.rstrip()}\n\n{section.strip()}\n" if text.strip() else f"{section.strip()}\n"


def relist(text: str, path: Path, gone: Callable[[object], bool], come: Sequence[object]) -> str:
    """Return a text in which a list lacks some elements and has others; those that stay keep their lines and comments."""
    lines, document = text.splitlines(), _document(text)
    found = _value(document, path)
    if not isinstance(found, list):
        return put(text, path, list(come))
    left = [each for each in found if not gone(each)]
    start = document.lines.get(path, 0) - 1
    rows = [document.lines.get((*path, number), 0) - 1 for number in range(len(found))]
    apart = start >= 0 and all(start < one for one in rows) and len(set(rows)) == len(rows) and rows
    if not apart or any(isinstance(each, dict) for each in (*found, *come)):
        return put(text, path, [*left, *come]) if left or come else drop(text, path)
    out = [number for number, each in enumerate(found) if gone(each)]
    return _joined(_rows(lines, rows, out, come, _end(lines, start)))


def _rows(
    lines: Sequence[str], rows: Sequence[int], out: Collection[int], come: Sequence[object], end: int
) -> list[str]:
    """Return lines without some elements of a list, and with new ones: behind the last, or where that has no comma before the first."""
    ends = [*rows[1:], _closing(lines, rows[-1], end)]
    skipped = {line for number in out for line in range(rows[number], ends[number])}
    first, last = rows[0], ends[-1]
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    new = [f"{indent}{writing.value(each)}," for each in come]
    at = last if _has_comma(lines[last - 1]) else first
    found = list[str]()
    for number, line in enumerate(lines):
        found += new if number == at else []
        found += [] if number in skipped else [line]
    return found


def _closing(lines: Sequence[str], last: int, end: int) -> int:
    """Return the line on which a list ends that has its elements on lines of their own; raises `Unsaid`."""
    if lines[end - 1].strip().startswith("]") and end - 1 > last:
        return end - 1
    raise Unsaid(f"the list that ends in line {end} is not written one element a line")


def _has_comma(line: str) -> bool:
    return any(
        line[:at].rstrip().endswith(",") for at in (*_hashes(line), len(line)) if _reads(f"x = [{line[:at]}]")
    )


def _document(text: str) -> Document:
    found = parse("", text)
    if not isinstance(found, Document):
        raise Unsaid(found.text)
    return found


def _value(document: Document, path: Path) -> object:
    found: object = document.table
    for each in path:
        found = found.get(each) if isinstance(found, dict) else None
    return found


def _assigned(key: str, value: object, comment: str = "", widest: int = _WIDEST) -> list[str]:
    """Return `key = value` on a line, or a long list one element a line."""
    told = writing.value(value)
    if isinstance(value, list) and len(value) > 1 and len(key) + len(told) > widest:
        return [f"{key} = [", *(f"    {writing.value(each)}," for each in value), "]"]
    return [f"{key} = {told}" + (f"  {comment}" if comment else "")]


def _end(lines: Sequence[str], start: int) -> int:
    """Return the line after a value that begins on a line."""
    for end in range(start + 1, len(lines) + 1):
        if _reads("\n".join(lines[start:end])):
            return end
    raise Unsaid(f"the value of line {start + 1} has no end")


def _comment(line: str) -> str:
    return next((line[at:] for at in _hashes(line) if _reads(line[:at])), "")


def _hashes(line: str) -> list[int]:
    return [at for at, sign in enumerate(line) if sign == "#"]


def _reads(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _header(lines: Sequence[str], document: Document, path: Path) -> int:
    number = document.lines.get(path, 0) - 1
    if number < 0 or not _is_header(lines[number]):
        raise Unsaid(f"[{'.'.join(map(str, path))}] is no table with a line of its own")
    return number


def _heads(document: Document, number: int, lines: Sequence[str]) -> bool:
    return _is_header(lines[number]) and number + 1 in document.lines.values()


def _is_header(line: str) -> bool:
    return line.lstrip().startswith("[")


def _last_of(lines: Sequence[str], document: Document, table: Path) -> int:
    """Return the line after the last key of a table."""
    keys = [
        line - 1
        for path, line in document.lines.items()
        if len(path) == len(table) + 1 and path[: len(table)] == table and not _is_header(lines[line - 1])
    ]
    return _end(lines, max(keys)) if keys else _header(lines, document, table) + 1


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
