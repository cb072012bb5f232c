"""What an application tells by itself: a sign-in that failed, an exception its framework answered, what a part saw."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from vedette_guard.decisions.detections import Kind
from vedette_guard.passage import passage_of

log = logging.getLogger("vedette_guard")


def tell(request: Any, kind: Kind, reason: str, detail: Mapping[str, object] | None = None) -> None:
    """Tell Vedette of something seen in a request (scope, environ, or a framework's request). Never raises."""
    try:
        passage_of(request).tell(kind, reason, detail=detail)
    except LookupError as error:
        log.warning("nobody is told of %s: %s", kind, error)


def failed_sign_in(request: Any, user: str) -> None:
    """Tell Vedette that somebody failed to sign in as `user`, who is told as a hash. Never raises."""
    try:
        passage_of(request).tell("sign-in", "the name or the password is wrong", user=user)
    except LookupError as error:
        log.warning("nobody is told of a failed sign-in: %s", error)


def failed(request: Any, error: BaseException) -> None:
    """Tell Vedette of an exception that a framework answers by itself, so that no guard sees it. Never raises."""
    try:
        passage_of(request).failed(error)
    except LookupError as missing:
        log.warning("nobody is told of %r: %s", error, missing)
