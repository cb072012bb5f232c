"""XML of somebody else as elements with their lines: no document type, no entities, nothing fetched; bounded. Pure."""

from collections.abc import Iterator
from xml.parsers import expat

import msgspec

from vedette.instruments.scan.inventory.types import Broken

MOST_ELEMENTS, DEEPEST = 2_000_000, 100


class Element(msgspec.Struct):
    """An element: its name without a namespace, its attributes, text, and what it holds."""

    tag: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = []

    def all(self, tag: str) -> Iterator["Element"]:
        """Return the children of a name."""
        return (each for each in self.children if each.tag == tag)

    def first(self, tag: str) -> "Element | None":
        """Return the first child of a name."""
        return next(self.all(tag), None)

    def word(self, tag: str) -> str:
        """Return the text of the first child of a name, empty where there is none."""
        found = self.first(tag)
        return found.text.strip() if found else ""


def read(body: bytes) -> Element:
    """Return the root; raises `Broken` with the line."""
    return _Reader().read(body)


class _Reader:
    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._stack: list[Element] = []
        self._root: Element | None = None
        self._count = 0

    def read(self, body: bytes) -> Element:
        try:
            self._parser.Parse(body, True)
        except expat.ExpatError as error:
            raise Broken(f"It is no XML: {expat.ErrorString(error.code)}.", error.lineno) from None
        except (ValueError, LookupError) as error:
            raise Broken(f"It is no XML: {error}.") from None
        if self._root is None:
            raise Broken("It is no XML: it holds nothing.", 1)
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        self._count += 1
        if len(self._stack) >= DEEPEST or self._count > MOST_ELEMENTS:
            raise Broken("Its XML is nested too deeply, or holds too much.", line)
        made = Element(name.rpartition(":")[2], line, attributes)
        if self._stack:
            self._stack[-1].children.append(made)
        self._root = self._root or made
        self._stack.append(made)

    def _end(self, _name: str) -> None:
        self._stack.pop()

    def _text(self, text: str) -> None:
        self._stack[-1].text += text

    def _doctype(self, *_: object) -> None:
        line = self._parser.CurrentLineNumber
        raise Broken("It declares a document type, which may hold entities; such XML is not read.", line)
