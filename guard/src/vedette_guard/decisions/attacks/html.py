"""Whether a value is an attempt to bring a script into a page: what a browser's tokenizer would make of its tags.

A tag counts by its name, or by an attribute: an event's handler, an address that runs, a style that does. Attributes are
cut as the HTML standard's tokenizer does (13.2.5): `/`, quotes without a value and control characters separate them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vedette_guard.decisions.attacks.judged import NOTHING, SURE, Judged
from vedette_guard.decisions.attacks.sign import words

MOST_TAGS, LONGEST_TAG = 50, 2000

_TAG = re.compile(r"<[\s\x00/!?%]{0,100}([a-z][a-z0-9:_-]*)", re.IGNORECASE)
_MARKUP = re.compile(
    r"<!(?:entity|doctype[^>]{0,200}\[|\[cdata|--\[if)|<!--[^>]{0,200}`|<\?(?:import|xml-stylesheet|xml\b[^>]{0,200}>\s*<!)|<[/!?%][^>]{0,60}`",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"""([^\s\x00/>="'`<][^\s\x00/>=]*)[\s\x00]*(?:=[\s\x00]*("[^"]*"?|'[^']*'?|`[^`]*`?|[^\s>]*))?"""
)
_BETWEEN = re.compile(r"[\s\x00/=\"'`]*")
_RUNS = re.compile(
    r"(?:javascript|vbscript|livescript|mocha|jscript|data:(?:text|image/svg|application|,)|data:;)",
    re.IGNORECASE,
)
_RUNNING_STYLE = re.compile(
    r"expression|javascript|behaviou?r\s*:|-moz-binding|-o-link|@import|url\s{0,20}\(\s{0,20}['\"]?\s{0,20}(?:data|java|vb)|[}\\]|/\*|&#",
    re.IGNORECASE,
)
_BLANK = re.compile(r"[\x00-\x20\x7f\xa0\xad\u200b-\u200f\u2028\u2029\ufeff]+")
_ON = re.compile(r"[^a-z]{0,3}on[a-z]{3,}", re.IGNORECASE)

TAGS = words("""applet base bgsound embed frame frameset handler iframe ilayer import isindex layer link math noscript object
    script set style svg vmlframe xml xss animate animation animatetransform animatemotion event-source listener
    foreignobject comment""")
ADDRESSES = words("""action attributename background by classid code codebase data dynsrc ev:handler folder formaction from href lowsrc
    poster src to values xlink:href content pluginspage manifest srcset ping""")
FOREIGN = ("http-equiv", "xmlns", "xlink:", "ev:", "xml:base")


def judge(text: str) -> Judged:
    """Return how sure it is that a value brings a script, by the first tag that does."""
    for count, match in enumerate(_TAG.finditer(text)):
        if count >= MOST_TAGS:
            break
        why = _why(match[1].lower(), text[match.end() : match.end() + LONGEST_TAG])
        if why:
            return Judged(SURE, why)
    found = _MARKUP.search(text)
    return Judged(SURE, "markup that declares") if found else NOTHING


def _why(name: str, rest: str) -> str:
    plain = name.rpartition(":")[2]
    if name in TAGS or plain in TAGS or name.startswith("script"):
        return f"a tag <{plain}>"
    for found in _attributes(rest):
        why = _attribute(found[1].lower(), found[2] or "")
        if why:
            return why
    return ""


def _attributes(rest: str) -> Iterator[re.Match[str]]:
    """Return the attributes of a tag, up to its end."""
    at = 0
    while at < len(rest):
        at = _BETWEEN.match(rest, at).end()  # type: ignore[union-attr]
        found = _ATTRIBUTE.match(rest, at)
        if found is None:
            return
        yield found
        at = found.end()


def _attribute(name: str, value: str) -> str:
    if _ON.fullmatch(name):
        return f"a handler {name}="
    bare = _BLANK.sub("", value).strip("\"'`")
    if name in ADDRESSES and _RUNS.match(bare):
        return f"an address that runs in {name}="
    if name.startswith(FOREIGN) or name in (
        "srcdoc",
        "fscommand",
        "seeksegmenttime",
        "datasrc",
        "dataformatas",
    ):
        return f"an attribute {name}="
    if name == "charset" and "7" in value:
        return "a character set in which < is another sign"
    if name in ("style", "filter", "values") and _RUNNING_STYLE.search(value):
        return "a style that runs"
    return ""
