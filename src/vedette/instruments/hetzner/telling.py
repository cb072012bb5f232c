"""What Hetzner's refusals mean, in a sentence that says what to do. Pure."""

from collections.abc import Mapping

from vedette.instruments.hetzner.types import CloudError
from vedette.wire import jsons

_MEANS = {
    "unauthorized": "The token is not known to Hetzner; make one in the project's Security, API tokens.",
    "token_readonly": "The token may only read; nothing was changed. Applying needs one that may read and write.",
    "forbidden": "The token may not do that; is it one that may only read?",
    "rate_limit_exceeded": "The project's 3,600 requests of this hour are spent.",
    "resource_limit_exceeded": "The project's limit is reached; ask Hetzner to raise it.",
    "protected": "It is protected; write protect = false and apply first.",
    "locked": "Hetzner is still working on it.",
    "conflict": "Something else changed it at the same moment.",
    "maintenance": "Hetzner works on its API; try again later.",
}
_MOST = 300


def refused(status: int, payload: Mapping[str, object], after: float) -> CloudError:
    """Return why Hetzner refused; `after` are the seconds until there is budget again."""
    code = jsons.text(payload, "error", "code") or ("unauthorized" if status == 401 else f"http_{status}")
    said = jsons.text(payload, "error", "message")[:_MOST].rstrip(".")
    sentence = f"Hetzner refused ({code}): {said or 'it does not say why'}."
    parts = [sentence, *_named(payload)]
    if code in _MEANS:
        parts.append(_MEANS[code])
    return CloudError(" ".join(parts), code=code, status=status, after=after, sure=status < 500)


def unreadable(status: int, headers: Mapping[str, str], url: str) -> CloudError:
    """Return that what answered speaks no JSON: a proxy or an error page, seldom the API."""
    kind = headers.get("content-type", "").split(";")[0] or "something"
    place = url.split("?", maxsplit=1)[0][:_MOST]
    sentence = f"{place} answered {status} with {kind} instead of JSON. Is it the API's address, and is no proxy between?"
    return CloudError(sentence, code="unreadable", status=status, sure=False)


def _named(payload: Mapping[str, object]) -> list[str]:
    """Return what is wrong with which field."""
    return [
        f"{jsons.text(field, 'name')}: {', '.join(jsons.texts(field, 'messages'))[:_MOST]}."
        for field in jsons.records(payload, "error", "details", "fields")[:5]
    ]
