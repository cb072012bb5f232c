"""How long a receiver asks us to wait."""

from email.utils import parsedate_to_datetime


def retry_after(header: str, now: float) -> float | None:
    """Return the wait in seconds a `Retry-After` header asks for (RFC 9110, 10.2.3), None when it says nothing."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None
