"""Markdown that people wrote, as HTML that can do nothing: the one renderer of the house.

CommonMark with tables (markdown-it-py); a line that ends is a line that ends. HTML in the text stands there as text, images become links, and links lead to
http, https or a path of this installation alone: what comes out is made of the tags below and nothing else.
"""

import functools
import re
from collections.abc import MutableMapping, Sequence
from typing import TYPE_CHECKING

from django.utils.html import escape

from vedette.ui import built

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token
    from markdown_it.utils import OptionsDict

LONGEST = 200_000
TAGS = frozenset({
    "a", "blockquote", "br", "button", "code", "div", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong",
    "svg", "table", "tbody", "td", "th", "thead", "tr", "ul", "use",
})  # fmt: skip
_SAFE = re.compile(r"(?:https?://[^/\\\s]|/(?![/\\])|#|\?)[^\\\s]*", re.IGNORECASE)
_BOXES = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
_DEEPEST = 6


def html(text: str, *, copies: bool = True) -> str:
    """Return the text as HTML; headings begin at the second level. `copies` puts a button to copy beside each block of code.

    A text longer than 200,000 characters is cut there.
    """
    made: str = _reader().render(text[:LONGEST], {"copies": copies})
    return made


def safe_link(address: str) -> bool:
    """Tell whether a link may lead there: http, https, or a path of this installation (not another host by `//`)."""
    return _SAFE.fullmatch(address) is not None


@functools.cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
    reader.disable("image")
    setattr(reader, "validateLink", safe_link)  # noqa: B010 - how the library is told; as an attribute it is typed as a method
    reader.core.ruler.push("house", _house)
    for name in ("fence", "code_block"):
        reader.add_render_rule(name, _code)
    return reader


def _house(state: "StateCore") -> None:
    """Let headings begin under the page's own, links say that they lead away, and boxes of tasks be signs."""
    for place, token in enumerate(state.tokens):
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(_DEEPEST, int(token.tag[1]) + 1)}"
        if token.type in {"th_open", "td_open"}:
            token.attrs = {}  # alignment is a style, which the page's policy refuses
        if token.type == "inline" and token.children:
            _links(token.children)
            if place >= 2 and state.tokens[place - 2].type == "list_item_open":
                _box(state.tokens[place - 2], token.children[0])


def _links(tokens: Sequence["Token"]) -> None:
    for token in tokens:
        if token.type == "link_open":
            token.attrs["rel"] = "noopener noreferrer nofollow"


def _box(item: "Token", first: "Token") -> None:
    if first.type == "text" and first.content[:4] in _BOXES:
        item.attrs["class"] = "task"
        first.content = _BOXES[first.content[:4]] + first.content[4:]


def _code(
    _self: "RendererHTML",
    tokens: Sequence["Token"],
    place: int,
    _options: "OptionsDict",
    env: MutableMapping[str, object],
) -> str:
    block = f'<pre class="block" tabindex="0"><code>{escape(tokens[place].content)}</code></pre>'
    return (
        f'<div class="copied">{block}{_BUTTON.format(built.url("icons.svg"))}</div>\n'
        if env.get("copies")
        else f"{block}\n"
    )


_BUTTON = (
    '<button type="button" class="btn ghost ico" data-do="copy" aria-label="Copy">'
    '<svg class="i i-s" aria-hidden="true"><use href="{}#copy"/></svg></button>'
)
