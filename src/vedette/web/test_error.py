"""A real error to try the whole way with: published like any other, so that it takes the same path."""

import msgspec

from vedette.core import ids
from vedette.core.clock import iso
from vedette.plumbing.ports import ports
from vedette.wire.delivery import Delivery, encode

TIMEOUT = 10.0
_SOURCE = {
    "pre_context": ["def greet(name):", "    # nothing is wrong: this is the error you asked for"],
    "context_line": '    raise TestError(f"First light, {name}")',
    "post_context": ["", ""],
}


def send(project: int, now: float, name: str = "world") -> str:
    """Publish a test error for a project and return its event id once it is on disk.

    Raises `core.errors.Unavailable` when the event log cannot take it now.
    """
    event_id = ids.new_id()
    body = msgspec.json.encode(payload(event_id, now, name))
    delivery = Delivery(
        project=project, event_id=event_id, received=now, payload=body, client="vedette/test-error"
    )
    ports().log.publish("event", encode(delivery), event_id, now).result(TIMEOUT)
    return event_id


def payload(event_id: str, now: float, name: str) -> dict[str, object]:
    """Return the event: an exception with two frames, breadcrumbs, a user and tags."""
    return {
        "event_id": event_id,
        "timestamp": iso(now),
        "platform": "python",
        "level": "error",
        "environment": "test",
        "release": "first-light",
        "server_name": "vedette",
        "transaction": "first_light.greet",
        "tags": {"source": "vedette test-error"},
        "user": {"id": "1", "username": name},
        "sdk": {"name": "vedette.test-error", "version": "1"},
        "breadcrumbs": {"values": [_crumb(now - 2, "click", "Send a test error"), _crumb(now - 0.04, "console", "greeting")]},
        "exception": {"values": [_exception(name)]},
    }  # fmt: skip


def _crumb(at: float, category: str, message: str) -> dict[str, object]:
    return {"timestamp": at, "category": category, "message": message, "level": "info"}


def _exception(name: str) -> dict[str, object]:
    frames = [
        {"function": "main", "module": "first_light", "filename": "first_light.py", "lineno": 9, "in_app": True,
         "context_line": f'greet("{name}")', "pre_context": ["def main():"], "post_context": []},
        {"function": "greet", "module": "first_light", "filename": "first_light.py", "lineno": 4, "in_app": True,
         "vars": {"name": f"'{name}'"}, **_SOURCE},
    ]  # fmt: skip
    return {
        "type": "TestError",
        "value": f"First light, {name}",
        "module": "first_light",
        "mechanism": {"type": "vedette", "handled": False},
        "stacktrace": {"frames": frames},
    }
