"""What a project and its keys may be called and hold: pure checks with a sentence for each refusal."""

import re
import unicodedata
from collections.abc import Collection, Iterable

MOST_SLUG = 50
_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_ORIGIN = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:\*\.)?(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5}|:\*)?")
_RESERVED = frozenset({"new", "all", "api", "none"})


def slug_of(name: str, taken: Collection[str] = ()) -> str:
    """Return a free slug for a name: lower-case letters, digits and dashes, with `-2`, `-3` … when taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: MOST_SLUG - 5].strip("-")
    if not base or not base[0].isalpha() or base in _RESERVED:
        base = f"project-{base}".strip("-")
    candidate, n = base, 2
    while candidate in taken:
        candidate, n = f"{base}-{n}", n + 1
    return candidate


def slug_problem(slug: str) -> str:
    """Return what is wrong with a slug somebody chose, or an empty text."""
    if len(slug) > MOST_SLUG:
        return f"A slug has at most {MOST_SLUG} characters."
    if slug in _RESERVED:
        return f"The slug {slug} is taken by Vedette itself; choose another."
    if not _SLUG.fullmatch(slug):
        return "A slug is lower-case letters, digits and single dashes, and starts with a letter."
    return ""


def text_problem(text: str, what: str, most: int) -> str:
    """Return what is wrong with a short text people chose, or an empty text."""
    if not text.strip():
        return f"{what} must not be empty."
    if len(text) > most:
        return f"{what} has at most {most} characters."
    return "" if text.isprintable() else f"{what} holds a character that cannot be printed."


def origins_of(texts: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Return web origins as kept (`https://shop.example`, `*.shop.example`, `*`) and what is wrong, if anything."""
    kept: list[str] = []
    for text in (t.strip().rstrip("/").lower() for t in texts):
        if not text:
            continue
        if not _is_origin(text):
            return (), f"{text} is not an origin; write https://shop.example, *.shop.example or *."
        kept.append(text)
    return tuple(dict.fromkeys(kept)) or ("*",), ""


def _is_origin(text: str) -> bool:
    return text == "*" or _ORIGIN.fullmatch(text) is not None


def dsn(public: str, project_id: int, base_url: str) -> str:
    """Return the address SDKs are given: `scheme://KEY@host[:port][/prefix]/project_id`."""
    scheme, _, rest = base_url.rstrip("/").partition("://")
    return f"{scheme}://{public}@{rest}/{project_id}"


def script_tag(public: str, base_url: str) -> str:
    """Return what a web page holds to report with our own client, which has the key's DSN built in."""
    return f'<script crossorigin src="{base_url.rstrip("/")}/js/{public}.js"></script>'


def keys_of(text: str) -> tuple[str, ...]:
    """Return the field names in a text, one a line or parted by commas, without repeats."""
    names = (part.strip() for part in re.split(r"[,\n]", text))
    return tuple(dict.fromkeys(name[:100] for name in names if name and name.isprintable()))[:200]
