"""How a refusal reads: a sentence as plain text, or a problem (RFC 9457)."""

from __future__ import annotations

import json
from http import HTTPStatus

from vedette_guard.decisions.asked import Refusal
from vedette_guard.passage import Passage

FAILED = Refusal(500, "application", "something went wrong here")


def write(passage: Passage, refusal: Refusal, method: str) -> tuple[list[tuple[str, str]], bytes]:
    """Return the headers (before they are dressed) and the body of a refusal; a HEAD has no body."""
    problem = passage.plan.policy.answers == "problem"
    body = (_problem(refusal) if problem else _sentence(refusal)).encode()
    headers = [
        ("content-type", "application/problem+json" if problem else "text/plain; charset=utf-8"),
        ("content-length", str(len(body))),
        *refusal.headers,
    ]
    return headers, b"" if method == "HEAD" else body


def _sentence(refusal: Refusal) -> str:
    return f"{phrase(refusal.status)}: {refusal.reason}.\n"


def _problem(refusal: Refusal) -> str:
    return json.dumps({"title": phrase(refusal.status), "status": refusal.status, "detail": refusal.reason})


def phrase(status: int) -> str:
    """Return the words that stand beside a status."""
    return HTTPStatus(status).phrase
