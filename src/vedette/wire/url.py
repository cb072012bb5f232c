"""Take an address apart as clients send it: whole, relative, or not an address at all."""

from urllib.parse import parse_qsl, urlsplit


def path_of(url: str) -> str:
    """Return the path of an address, or the text itself when it has none."""
    try:
        return urlsplit(url).path or url
    except ValueError:
        return url


def query_pairs(query: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs of a query such as `?a=1&b=`; none when it is not made of pairs."""
    if "=" not in query:
        return ()
    try:
        return tuple(parse_qsl(query.lstrip("?"), keep_blank_values=True))
    except ValueError:
        return ()
