"""Which HTML of strangers may stay: rules by name, and what a parser should not be asked to read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

Names = frozenset[str]


def _names(text: str) -> Names:
    return frozenset(text.split())


# Neither colours, lengths nor fonts load anything, and none of these moves an element over another.
HARMLESS_STYLES = _names(
    "background-color border border-bottom border-collapse border-color border-left border-radius border-right "
    "border-spacing border-style border-top border-width color direction font-family font-size font-style font-variant "
    "font-weight height letter-spacing line-height max-width padding padding-bottom padding-left padding-right "
    "padding-top text-align text-decoration text-transform vertical-align white-space width word-break"
)
_TABLE = _names("table thead tbody tfoot tr td th caption colgroup col")
_COMMENT = _names("p br strong em b i u s del ins sub sup code pre blockquote q ul ol li a")
_ARTICLE = (
    _COMMENT
    | _TABLE
    | _names(
        "h1 h2 h3 h4 h5 h6 hr img figure figcaption dl dt dd abbr cite kbd samp var mark small time details "
        "summary div span"
    )
)
_MAIL = _COMMENT | _TABLE | _names("h1 h2 h3 h4 h5 h6 hr img div span center font big small tt")


@dataclass(frozen=True, eq=False)
class HtmlRules:
    """What may stay of HTML: everything else goes, and its text stays.

    `attributes` are by element, `*` for all; `schemes` are those of links, `images` those of `src` (relative addresses
    stay where `relative` says so). `styles` are the properties of `style` that stay, when it may. Ids, where they may
    stay, begin with `id_prefix`, so that none stands for something of the page's own.
    """

    tags: Names = _COMMENT
    attributes: Mapping[str, Names] = field(default_factory=lambda: {"a": frozenset({"href", "title"})})
    schemes: Names = frozenset({"http", "https", "mailto"})
    images: Names = frozenset({"https"})
    styles: Names = frozenset()
    relative: bool = True
    rel: str = "noopener noreferrer nofollow ugc"
    id_prefix: str = "user-content-"


def _some(**attributes: str) -> dict[str, Names]:
    return {tag.replace("all", "*"): frozenset(names.split()) for tag, names in attributes.items()}


PRESETS: dict[str, HtmlRules] = {
    "plain": HtmlRules(tags=frozenset(), attributes={}),
    "comment": HtmlRules(),
    "article": HtmlRules(
        tags=_ARTICLE,
        attributes=_some(
            all="id lang dir title", a="href", img="src alt width height loading", q="cite",
            td="colspan rowspan headers", th="colspan rowspan headers scope abbr", col="span", colgroup="span",
            ol="start reversed type", li="value", time="datetime", details="open", blockquote="cite",
        ),
        schemes=frozenset({"http", "https", "mailto", "tel"}),
        rel="noopener noreferrer",
    ),
    "email": HtmlRules(
        tags=_MAIL,
        attributes=_some(
            all="style lang dir align valign width height bgcolor", a="href", img="src alt border",
            font="color face size", table="border cellpadding cellspacing", td="colspan rowspan", th="colspan rowspan",
            ol="start type", li="value",
        ),
        schemes=frozenset({"http", "https", "mailto", "tel", "cid"}),
        images=frozenset({"cid"}),
        styles=HARMLESS_STYLES,
        relative=False,
    ),
}  # fmt: skip
"""`plain` no element, `comment` words and links, `article` images, tables and headings too, `email` the layout of a
letter, without what it would load: images that came with it (`cid:`) only, so nobody learns that it was opened."""

MOST_ELEMENTS = 10_000
MOST_TAGS = 25_000
MOST_NODES = 500_000
_ELEMENT = re.compile(r"<[a-zA-Z]")
_TAG = re.compile(r"<[a-zA-Z!/?]")
# What the parser opens again in every paragraph until it is closed; three times where name and attributes are the same.
_FORMATTING = re.compile(
    r"<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/])"
    r"""((?:\s+[a-zA-Z-]+(?:="[^"<>]*"|='[^'<>]*'|=[^\s"'<>=`]+)?)*\s*>)?""",
    re.IGNORECASE,
)


def too_costly(html: str) -> bool:
    """Tell whether a parser that follows the HTML standard would take seconds or hundreds of megabytes to read it.

    Nesting costs the square of its depth, an end tag that fits nothing its depth; formatting elements with attributes that are never closed are repeated in
    every block. Both are bounded from above, without believing in any end tag.
    """
    elements = len(_ELEMENT.findall(html))
    if elements > MOST_ELEMENTS or len(_TAG.findall(html)) > MOST_TAGS:
        return True
    found = Counter(match[0] if match[1] else f"?{n}" for n, match in enumerate(_FORMATTING.finditer(html)))
    return elements * sum(min(count, 3) for count in found.values()) > MOST_NODES
