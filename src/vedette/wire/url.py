"""Take an address apart as clients send it: whole, relative, or not an address at all."""

import re
from urllib.parse import parse_qsl, urlsplit

_TELLING = (
    r"[\w.%-]{0,40}(?:token|secret|passw|passwd|pwd|auth|api_?key|apikey|signature|session|jwt|credential)[\w.%-]{0,40}"
    r"|key|sig|pass|sid|code"
)
_QUERY = re.compile(rf"(?i)([?&#;](?:{_TELLING})=)[^&#;\s]+")
_USER = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#\s]*@")
_MOST_PAIRS = 1_000
_LONGEST_PAGE = 200
# A segment that names one thing of many: a number, a UUID or hash, an e-mail, a signed token, or a long random-looking name.
_ID = re.compile(
    r"\+?\d[\d._-]*|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-fA-F]{12,}|[^/]*(?:@|%(?:25){0,3}40)[^/]*"
    r"|eyJ[\w-]+\.[\w.-]*|(?=[^/]*\d)[A-Za-z0-9_=-]{20,}"
)
_AFTER_NAME = re.compile(r"[?#;]\S*")
_AFTER_PLACE = re.compile(r"(\S*/[^\s?#;]*)[?#;](?:\[Filtered: [^\]]*\]|\S)*")


def path_of(url: str) -> str:
    """Return the path of an address, or the text itself when it has none."""
    try:
        return urlsplit(url).path or url
    except ValueError:
        return url


def page_of(url: str) -> str:
    """Return the page an address stands for: its path, what names one thing of many as `*` (`/orders/*`); `/` of a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    path = parts.path or ("/" if parts.netloc else "")
    if not path.startswith("/"):
        return ""
    return _anonymous(path)[:_LONGEST_PAGE]


def place_of(name: str) -> str:
    """Return what a page, a route or a view is called, as `page_of` does where it is an address: `GET /orders/*`."""
    words = name.split(" ")
    if len(words) == 1 and (name.startswith("/") or "://" in name):
        return page_of(name)
    return " ".join(page_of(one) if "://" in one else _anonymous(one) for one in words)


def without_queries(text: str) -> str:
    """Return a text whose words lost what follows `?`, `#` or `;` in an address or a path."""
    return _AFTER_PLACE.sub(r"\1", text)


def _anonymous(path: str) -> str:
    named = _AFTER_NAME.sub("", path)
    return "/".join("*" if _ID.fullmatch(one) else one for one in named.split("/"))


def query_pairs(query: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs of a query such as `?a=1&b=`; none when it is not made of pairs, or of too many."""
    if "=" not in query:
        return ()
    try:
        return tuple(parse_qsl(query.lstrip("?"), keep_blank_values=True, max_num_fields=_MOST_PAIRS))
    except ValueError:
        return ()


def masked(url: str) -> str:
    """Return an absolute address without its user and password, and without the values of telling parameters."""
    return _QUERY.sub(r"\1[Filtered: token]", _USER.sub(r"\1", url))


def host_of(url: str) -> str:
    """Return an address's host in lower case; empty when it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def origin_of(url: str) -> str:
    """Return an address's origin, `https://shop.example:8443`; empty when it has none."""
    try:
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
    return f"{parts.scheme}://{place}" if parts.scheme and place else ""
