"""Set-Cookie taken apart (RFC 6265bis, section 5.6). Decisions only."""

import re
from collections.abc import Iterable, Iterator

from vedette.instruments.scan.fetching import Page
from vedette.instruments.scan.site.types import Cookie

_SESSION = re.compile(
    r"(?i)sess|^sid$|[._-]sid$|auth|token|jwt|login|remember|^asp\.net|^cfid$|^cftoken$|^connect\.sid$"
)
_CSRF = re.compile(r"(?i)csrf|xsrf")


def cookies_of(pages: Iterable[Page]) -> Iterator[Cookie]:
    """Return the cookies that pages set, each name once."""
    seen: set[str] = set()
    for page in pages:
        for line in page.all("set-cookie"):
            found = _read(line, page.url)
            if found.name and found.name not in seen:
                seen.add(found.name)
                yield found


def is_csrf(cookie: Cookie) -> bool:
    """Tell whether a cookie holds a token against forged requests, which scripts may have to read."""
    return bool(_CSRF.search(cookie.name))


def is_session(cookie: Cookie) -> bool:
    """Tell whether a cookie looks like it signs somebody in."""
    return bool(_SESSION.search(cookie.name)) and not is_csrf(cookie)


def _read(line: str, place: str) -> Cookie:
    first, *rest = line.split(";")
    name, _, value = first.partition("=")
    attributes = {}
    for part in rest:
        key, _, text = part.partition("=")
        attributes[key.strip().lower()] = text.strip()
    return Cookie(name.strip(), value.strip(), attributes, place)
