"""Decide to which issue an event belongs, and say why.

In this order: the client's own fingerprint, the chain of exceptions, threads, a bare stack, a template, a security
report, the message. Frames of the application decide; when there are none, all do. What names the same problem
differently (build hashes, generated names, ids in messages) is cleaned first.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from vedette.errors import cleaning, messages, reports
from vedette.errors.facts import frames_of, members, text
from vedette.errors.types import Event, Fingerprint, Part

MOST_FRAMES = 60
MOST_FINGERPRINTS = 20
_SOURCE_DECIDES = frozenset({"javascript", "node", "python", "php", "ruby"})
_DEFAULTS = frozenset({"{{ default }}", "{{default}}"})
_LINE = 120
Found = tuple[str, tuple[Part, ...]]


def fingerprint(event: Event) -> Fingerprint:
    """Return the identity an event gives its issue."""
    sent = event.data.get("fingerprint")
    component, parts = _by_client(event, sent) if sent else _by_content(event)
    return Fingerprint(_hash(event.project, component, parts), component, parts)


def _hash(project: int, component: str, parts: Iterable[Part]) -> bytes:
    told = [str(project), component, *(f"{part.name}\x1f{part.value}" for part in parts)]
    return hashlib.blake2b("\x1e".join(told).encode(errors="replace"), digest_size=16).digest()


def _by_client(event: Event, sent: object) -> Found:
    listed = sent if isinstance(sent, list) else [sent]
    values = [str(value) for value in listed[:MOST_FINGERPRINTS] if isinstance(value, str | int | float)]
    if not values or all(value.strip() in _DEFAULTS for value in values):
        return _by_content(event)
    parts: list[Part] = []
    for value in values:
        if value.strip() in _DEFAULTS:
            parts += _by_content(event)[1]
        else:
            parts.append(Part("fingerprint", _expanded(value, event)))
    return "fingerprint", tuple(parts)


def _expanded(value: str, event: Event) -> str:
    """Return a part of a client's fingerprint with its variable, such as `{{ transaction }}`, filled in."""
    name = value.strip()
    if not (name.startswith("{{") and name.endswith("}}")):
        return value[:500]
    frame = next(reversed(_deciding(_all_frames(event))), {})
    variables = {
        "type": event.kind, "error.type": event.kind, "value": event.message, "error.value": event.message,
        "message": event.message, "level": str(event.level), "logger": event.logger, "transaction": event.transaction,
        "release": event.release, "environment": event.environment, "platform": event.platform,
        "function": text(frame.get("function")), "stack.function": text(frame.get("function")),
        "module": text(frame.get("module")), "stack.module": text(frame.get("module")),
        "package": text(frame.get("package")), "stack.abs_path": text(frame.get("abs_path")),
    }  # fmt: skip
    return variables.get(name[2:-2].strip(), value)[:500]


def _by_content(event: Event) -> Found:
    found = (
        ("exception", _by_exceptions(event)),
        ("threads", _by_threads(event)),
        ("stack trace", tuple(_frame_parts(frames_of(event.data), event.platform))),
        ("template", _by_template(event.data.get("template"))),
        ("security report", reports.parts_of(event.data)),
        ("message", _by_message(event)),
    )
    return next(((name, parts) for name, parts in found if parts), ("nothing", _by_nothing(event)))


def _by_exceptions(event: Event) -> tuple[Part, ...]:
    parts: list[Part] = []
    for member in members(event.data.get("exception")):
        mechanism = member.get("mechanism")
        made_up = isinstance(mechanism, Mapping) and mechanism.get("synthetic") is True
        kind = "" if made_up else text(member.get("type"))
        if kind:
            parts.append(Part("exception type", cleaning.module(kind)))
        stack = list(_frame_parts(frames_of(member), event.platform))
        value = "" if stack else cleaning.text(messages.written(member.get("value")))
        parts += stack or ([Part("exception value", value)] if value else [])
    return tuple(parts)


def _by_threads(event: Event) -> tuple[Part, ...]:
    threads = [thread for thread in members(event.data.get("threads")) if frames_of(thread)]
    blamed = [thread for thread in threads if thread.get("crashed") is True] or [
        thread for thread in threads if thread.get("current") is True
    ]
    chosen = blamed or (threads if len(threads) == 1 else [])
    return tuple(_frame_parts(frames_of(chosen[0]), event.platform)) if chosen else ()


def _by_template(template: object) -> tuple[Part, ...]:
    if not isinstance(template, Mapping):
        return ()
    place = cleaning.path(text(template.get("filename") or template.get("abs_path")))
    line = text(template.get("context_line"))[:_LINE]
    return (Part("template", place), *((Part("source line", line),) if line else ())) if place else ()


def _by_message(event: Event) -> tuple[Part, ...]:
    template = messages.template_of(event.data)
    value = cleaning.text(template or event.message)
    return (Part("message", value),) if value else ()


def _by_nothing(event: Event) -> tuple[Part, ...]:
    return (Part("culprit", event.culprit), Part("platform", event.platform))


def _all_frames(event: Event) -> Sequence[Mapping[str, object]]:
    chain = members(event.data.get("exception"))
    return (frames_of(chain[-1]) if chain else []) or frames_of(event.data)


def _deciding(frames: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Return the frames that decide: the application's, or all when it has none; the newest `MOST_FRAMES`."""
    own = [frame for frame in frames if frame.get("in_app") is True]
    return (own or list(frames))[-MOST_FRAMES:]


def _frame_parts(frames: Sequence[Mapping[str, object]], platform: str) -> Iterator[Part]:
    """Yield what the deciding frames contribute, oldest first; a recursion counts once."""
    last = ""
    for frame in _deciding(frames):
        said = _contribution(frame, platform)
        if said and said != last:
            yield Part("your frame" if frame.get("in_app") is True else "frame", said)
        last = said or last


def _contribution(frame: Mapping[str, object], platform: str) -> str:
    place = cleaning.module(text(frame.get("module"))) or _path(frame)
    function = cleaning.function(text(frame.get("function")))
    if not function and (text(frame.get("platform")) or platform) in _SOURCE_DECIDES:
        line = text(frame.get("context_line"))
        function = line if len(line) <= _LINE else ""
    return f"{place} {function}".strip()


def _path(frame: Mapping[str, object]) -> str:
    return cleaning.path(text(frame.get("filename")) or text(frame.get("abs_path")))
