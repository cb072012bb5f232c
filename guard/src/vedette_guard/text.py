"""Text of strangers, made fit for where it goes: HTML sanitized, text escaped, names of files cleaned, Unicode tidied.

None of these raises for any text, and none returns text that cannot be encoded. `sanitize_html` needs nh3
(`pip install 'vedette-guard[html]'`); the rest needs nothing.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from vedette_guard.decisions.escaping import ESCAPES, Context, html
from vedette_guard.decisions.escaping import safe_url as _safe_url
from vedette_guard.decisions.filenames import clean_filename
from vedette_guard.decisions.invisible import Form, clean, strip_invisible
from vedette_guard.decisions.markup import PRESETS, HtmlRules, too_costly

__all__ = [
    "HtmlRules",
    "clean_filename",
    "clean_text",
    "escape",
    "safe_url",
    "sanitize_html",
    "strip_invisible",
]

_LONE = re.compile(r"[\ud800-\udfff]")


def escape(text: str, context: Context = "html") -> str:
    """Return text that means itself in a context: `html`, `attribute`, `js` (inside a string), `url` (a part), `csv` (a cell).

    Raise ValueError for another context.
    """
    if context not in ESCAPES:
        raise ValueError(f"{context!r} is no context: there are {', '.join(ESCAPES)}")
    return ESCAPES[context](text)


def safe_url(
    address: str, schemes: tuple[str, ...] = ("http", "https", "mailto"), otherwise: str = "#"
) -> str:
    """Return an address that a link may have, else `otherwise`; still to be escaped for its attribute."""
    return _safe_url(address, schemes, otherwise)


def clean_text(text: str, form: Form = "NFC", *, lines: bool = True) -> str:
    """Return text normalised, without control, bidi and other characters that are not seen; see `strip_invisible`.

    `NFC` keeps what people wrote. `NFKC` is for what is compared, as names of users: `ﬁ` is `fi`, `①` is `1`. Without
    `lines` it is one line.
    """
    return clean(text, form, lines=lines)


def sanitize_html(html_: str, rules: str | HtmlRules = "comment") -> str:
    """Return HTML in which nothing runs: what the rules, or the preset of that name, let stay.

    HTML of more than 10,000 elements, or made to be repeated without end, comes back as text. Raise ValueError for a preset
    there is not, ImportError when nh3 is missing.
    """
    chosen = rules if isinstance(rules, HtmlRules) else PRESETS.get(rules)
    if chosen is None:
        raise ValueError(f"{rules!r} is no preset: there are {', '.join(PRESETS)}")
    cleaner = _cleaner(chosen)
    if too_costly(html_):
        return html(html_)
    cleaned: str = cleaner.clean(_LONE.sub("\ufffd", html_))
    return cleaned


@functools.lru_cache(64)
def _cleaner(rules: HtmlRules) -> Any:
    try:
        import nh3
    except ImportError as error:
        raise ImportError("sanitize_html needs nh3: pip install 'vedette-guard[html]'") from error
    return nh3.Cleaner(
        tags=set(rules.tags),
        clean_content_tags={"script", "style", "noscript", "template", "iframe", "title"} - set(rules.tags),
        attributes={tag: set(names) for tag, names in rules.attributes.items()},
        attribute_filter=_sources(rules),
        link_rel=rules.rel,
        url_schemes=set(rules.schemes | rules.images),
        url_relative="pass_through" if rules.relative else "deny",
        filter_style_properties=set(rules.styles),
        id_prefix=rules.id_prefix,
    )


_SCHEME = re.compile(r"[\x00-\x20]*([a-zA-Z][a-zA-Z0-9+.-]*):")


def _sources(rules: HtmlRules) -> Any:
    """Return what tells links from what is loaded: each has schemes of its own."""

    def stays(_: str, name: str, value: str) -> str | None:
        if name in {"href", "cite", "src"}:
            allowed = rules.images if name == "src" else rules.schemes
            return value if _fits(value, allowed, relative=rules.relative) else None
        return value

    return stays


def _fits(address: str, schemes: frozenset[str], *, relative: bool) -> bool:
    plain = re.sub(r"[\t\n\r]", "", address)
    scheme = _SCHEME.match(plain)
    if scheme:
        return scheme[1].lower() in schemes
    # `//host/…` is of another site, as much as `https://host/…`.
    return ("https" in schemes or not re.match(r"[\x00-\x20]*[/\\]{2}", plain)) and relative
