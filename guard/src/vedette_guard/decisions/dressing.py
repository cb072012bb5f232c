"""The headers an answer leaves with. The rule for those the application set itself, in this order:

1. what the policy `remove`s goes, and so does Strict-Transport-Security over plain HTTP;
2. every Set-Cookie stays, with what the policy adds to it;
3. X-Content-Type-Options and the policy's `ours` are replaced, Cache-Control too when the page has a nonce;
4. Reporting-Endpoints, Report-To and Vary are lists: ours is added to them;
5. every other header stays as the application set it, and ours of the same name is not sent. So there is one CSP.

Where the application answers CORS itself, none of our CORS headers is sent. An application's X-Frame-Options is obeyed
by our `frame-ancestors`, which would override it otherwise. A 304 carries no CSP that could have a nonce: it would not
be the one of the page that is cached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import AnyStr, Generic


@dataclass(frozen=True)
class Dressing(Generic[AnyStr]):
    """The headers of a policy, compiled for one scheme, as bytes or as text.

    `pairs` are those of an answer without a nonce, `cached` those of a 304. `nonced` are the headers with a nonce, in
    pieces between which it goes.
    """

    pairs: tuple[tuple[AnyStr, AnyStr], ...]
    cached: tuple[tuple[AnyStr, AnyStr], ...]
    nonced: tuple[tuple[AnyStr, tuple[AnyStr, ...]], ...]
    no_store: tuple[AnyStr, AnyStr]
    touched: frozenset[AnyStr]
    removed: frozenset[AnyStr]
    replaced: frozenset[AnyStr]
    joined: Mapping[AnyStr, AnyStr]
    set_cookie: AnyStr
    cookie: Callable[[AnyStr], AnyStr]
    frame_options: AnyStr
    frames: AnyStr
    framing: Mapping[AnyStr, AnyStr]
    csp: frozenset[AnyStr]
    allow_origin: AnyStr
    cors: frozenset[AnyStr]


Pairs = list[tuple[AnyStr, AnyStr]]


def dress(
    dressing: Dressing[AnyStr],
    own: Iterable[tuple[AnyStr, AnyStr]],
    status: int,
    nonce: AnyStr | None,
    extra: Iterable[tuple[AnyStr, AnyStr]] = (),
) -> Pairs[AnyStr]:
    """Return all headers of an answer: the application's `own`, and ours; `extra` are of this answer alone."""
    headers = list(own)
    if nonce is None and status != 304 and _untouched(dressing.touched, headers):
        headers += dressing.pairs
        headers += extra
        return headers
    ours = _ours(dressing, status, nonce)
    ours.update(extra)
    return _merged(dressing, headers, ours, alone=nonce is not None)


def _untouched(touched: frozenset[AnyStr], headers: Pairs[AnyStr]) -> bool:
    for name, _ in headers:  # noqa: SIM110 - a generator costs more than the whole loop
        if name.lower() in touched:
            return False
    return True


def _ours(dressing: Dressing[AnyStr], status: int, nonce: AnyStr | None) -> dict[AnyStr, AnyStr]:
    ours = dict(dressing.cached if status == 304 else dressing.pairs)
    if nonce is not None and status != 304:
        for name, pieces in dressing.nonced:
            ours[name] = nonce.join(pieces)
    if nonce is not None:
        ours.update([dressing.no_store])
    return ours


def _merged(
    dressing: Dressing[AnyStr],
    own: Pairs[AnyStr],
    given: dict[AnyStr, AnyStr],
    *,
    alone: bool,
) -> Pairs[AnyStr]:
    """Return both, by the rule above; `alone` when the page has a nonce, so that it may not be stored."""
    kept: Pairs[AnyStr] = []
    for name, value in own:
        low = name.lower()
        if low == dressing.set_cookie:
            kept.append((name, dressing.cookie(value)))
        elif low in dressing.removed or _is_replaced(dressing, low, given, alone=alone):
            continue
        elif low in dressing.joined and low in given:
            kept.append((name, _joined(value, given.pop(low), dressing.joined[low])))
        else:
            kept.append((name, value))
            _obey(dressing, low, value, given)
            given.pop(low, None)
            if low == dressing.allow_origin:
                given = {n: v for n, v in given.items() if n not in dressing.cors}
    return kept + list(given.items())


def _is_replaced(
    dressing: Dressing[AnyStr], low: AnyStr, given: dict[AnyStr, AnyStr], *, alone: bool
) -> bool:
    return (low in given and low in dressing.replaced) or (alone and low == dressing.no_store[0])


def _joined(value: AnyStr, ours: AnyStr, comma: AnyStr) -> AnyStr:
    members = [member.strip() for member in value.split(comma.strip())]
    return value if ours in members else value + comma + ours


def _obey(dressing: Dressing[AnyStr], low: AnyStr, value: AnyStr, given: dict[AnyStr, AnyStr]) -> None:
    """Let our frame-ancestors say what the application's X-Frame-Options does."""
    if low != dressing.frame_options or not dressing.frames:
        return
    wanted = dressing.framing.get(value.strip().upper())
    if wanted is not None:
        given.update(
            {name: given[name].replace(dressing.frames, wanted) for name in dressing.csp if name in given}
        )
