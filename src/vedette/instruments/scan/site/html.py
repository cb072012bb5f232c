"""What of a page of HTML matters to checks. Decisions only; no tree is built, and half a megabyte is read at most."""

import contextlib
from html.parser import HTMLParser
from typing import NamedTuple

_MOST = 512 << 10
_MOST_TAGS = 20_000


class Tag(NamedTuple):
    """A start tag; names are in lower case."""

    name: str
    attributes: dict[str, str]


class Document(NamedTuple):
    """The start tags of a page, and its title."""

    tags: tuple[Tag, ...]
    title: str

    def named(self, *names: str) -> tuple[Tag, ...]:
        """Return the tags of these names."""
        return tuple(tag for tag in self.tags if tag.name in names)

    def meta(self, key: str, name: str) -> tuple[str, ...]:
        """Return the contents of `<meta>` whose attribute `key` (`name`, `http-equiv`) is this."""
        found = [tag.attributes for tag in self.named("meta")]
        return tuple(each.get("content", "") for each in found if each.get(key, "").lower() == name)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[Tag] = []
        self.title: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title"
        if len(self.tags) < _MOST_TAGS:
            self.tags.append(Tag(tag, {name: value or "" for name, value in reversed(attrs)}))

    def handle_endtag(self, _tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)


def read(text: str) -> Document:
    """Return what a page holds; what is no HTML holds nothing."""
    reader = _Reader()
    with contextlib.suppress(AssertionError):  # html.parser, on some broken declarations
        reader.feed(text[:_MOST])
    return Document(tuple(reader.tags), "".join(reader.title).strip())
