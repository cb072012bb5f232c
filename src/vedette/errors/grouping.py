"""Decide to which issue an event belongs, and say why.

In this order: the client's own fingerprint, the chain of exceptions, threads, a bare stack, a template, a security
report, the message. Frames of the application decide; when there are none, all do. What names the same problem
differently (build hashes, generated names, ids in messages) is cleaned first.

The way it is done has a version, which is part of the hash. `METHODS` keeps every version that made hashes of known
issues: `succession` lets those issues keep their events.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from vedette.errors import cleaning, framing, messages, reports
from vedette.errors.cleaning import Cleaner
from vedette.errors.facts import frames_of, members, text
from vedette.errors.framing import Frame, Stack
from vedette.errors.types import Event, Fingerprint, Part

MOST_FINGERPRINTS = 20
_SCRIPTS = frozenset({"javascript", "node"})
_SHORT_NAME = 2
_DEFAULTS = frozenset({"{{ default }}", "{{default}}"})
_LINE = 120
Found = tuple[str, tuple[Part, ...]]


class Method(NamedTuple):
    """One version of grouping: how it cleans, which frames decide, and what they contribute."""

    version: int
    clean: Cleaner
    deciding: Callable[[Sequence[Frame], str], list[Frame]]
    stack: Callable[[Sequence[Frame], str], Stack]
    own_only: (
        bool  # where one exception of a chain has frames of the application, those of libraries say nothing
    )


METHODS = {
    1: Method(1, cleaning.V1, framing.deciding_1, framing.stack_1, own_only=False),
    2: Method(2, cleaning.V2, framing.deciding_2, framing.stack_2, own_only=True),
    3: Method(3, cleaning.V2, framing.deciding_2, framing.stack_2, own_only=True),  # other parts of reports
}
VERSION = max(METHODS)


def fingerprint(event: Event, version: int = VERSION) -> Fingerprint:
    """Return the identity an event gives its issue, by a version of grouping (a key of `METHODS`)."""
    how = METHODS[version]
    sent = event.data.get("fingerprint")
    component, parts = _by_client(event, sent, how) if sent else _by_content(event, how)
    return Fingerprint(identity(event.project, component, parts, version), component, parts, version)


def elders(event: Event, oldest: int) -> tuple[Fingerprint, ...]:
    """Return the fingerprints of an event by the versions from `oldest` to the one before the newest."""
    return tuple(fingerprint(event, version) for version in range(oldest, VERSION))


def identity(project: int, component: str, parts: Iterable[Part], version: int) -> bytes:
    """Return the 16 bytes by which events of a project with these parts are known again by a version of grouping."""
    told = [str(project), component, *(f"{part.name}\x1f{part.value}" for part in parts)]
    if version > 1:  # version 1 did not know that there would be others
        told.insert(0, f"v{version}")
    return hashlib.blake2b("\x1e".join(told).encode(errors="replace"), digest_size=16).digest()


def _by_client(event: Event, sent: object, how: Method) -> Found:
    listed = sent if isinstance(sent, list) else [sent]
    values = [str(value) for value in listed[:MOST_FINGERPRINTS] if isinstance(value, str | int | float)]
    if not values or all(value.strip() in _DEFAULTS for value in values):
        return _by_content(event, how)
    parts: list[Part] = []
    for value in values:
        if value.strip() in _DEFAULTS:
            parts += _by_content(event, how)[1]
        else:
            parts.append(Part("fingerprint", _expanded(value, event, how)))
    return "fingerprint", tuple(parts)


def _expanded(value: str, event: Event, how: Method) -> str:
    """Return a part of a client's fingerprint with its variable, such as `{{ transaction }}`, filled in."""
    name = value.strip()
    if not (name.startswith("{{") and name.endswith("}}")):
        return value[:500]
    frame = next(reversed(how.deciding(_all_frames(event), event.platform)), {})
    variables = {
        "type": event.kind, "error.type": event.kind, "value": event.message, "error.value": event.message,
        "message": event.message, "level": str(event.level), "logger": event.logger, "transaction": event.transaction,
        "release": event.release, "environment": event.environment, "platform": event.platform,
        "function": text(frame.get("function")), "stack.function": text(frame.get("function")),
        "module": text(frame.get("module")), "stack.module": text(frame.get("module")),
        "package": text(frame.get("package")), "stack.abs_path": text(frame.get("abs_path")),
    }  # fmt: skip
    return variables.get(name[2:-2].strip(), value)[:500]


def _by_content(event: Event, how: Method) -> Found:
    found = (
        ("exception", _by_exceptions(event, how)),
        ("threads", _by_threads(event, how)),
        ("stack trace", how.stack(frames_of(event.data), event.platform).parts),
        ("template", _by_template(event.data.get("template"), how)),
        ("security report", reports.parts_of(event.data, how.version)),
        ("message", _by_message(event, how)),
    )
    return next(((name, parts) for name, parts in found if parts), ("nothing", _by_nothing(event)))


def _by_exceptions(event: Event, how: Method) -> tuple[Part, ...]:
    parts: list[Part] = []
    chain = members(event.data.get("exception"))
    own_only = how.own_only and any(framing.is_own(frames_of(member)) for member in chain)
    for member in chain:
        if kind := _kind(member, event.platform, how):
            parts.append(Part("exception type", kind))
        frames = frames_of(member)
        if frames and own_only and not framing.is_own(frames):
            continue
        stack = how.stack(frames, event.platform)
        parts += stack.parts
        value = "" if stack.named else how.clean.text(messages.written(member.get("value")))
        parts += [Part("exception value", value)] if value else []
    return tuple(parts)


def _kind(member: Mapping[str, object], platform: str, how: Method) -> str:
    """Return an exception's type; empty when the SDK made it up, or a minifier did."""
    mechanism = member.get("mechanism")
    made_up = isinstance(mechanism, Mapping) and mechanism.get("synthetic") is True
    kind = "" if made_up else how.clean.module(text(member.get("type")))
    minified = how.version > 1 and platform in _SCRIPTS and len(kind) <= _SHORT_NAME
    return "" if minified else kind


def _by_threads(event: Event, how: Method) -> tuple[Part, ...]:
    threads = [thread for thread in members(event.data.get("threads")) if frames_of(thread)]
    blamed = [thread for thread in threads if thread.get("crashed") is True] or [
        thread for thread in threads if thread.get("current") is True
    ]
    chosen = blamed or (threads if len(threads) == 1 else [])
    return how.stack(frames_of(chosen[0]), event.platform).parts if chosen else ()


def _by_template(template: object, how: Method) -> tuple[Part, ...]:
    if not isinstance(template, Mapping):
        return ()
    place = how.clean.path(text(template.get("filename") or template.get("abs_path")))
    line = text(template.get("context_line"))[:_LINE]
    return (Part("template", place), *((Part("source line", line),) if line else ())) if place else ()


def _by_message(event: Event, how: Method) -> tuple[Part, ...]:
    template = messages.template_of(event.data)
    value = how.clean.text(template or event.message)
    return (Part("message", value),) if value else ()


def _by_nothing(event: Event) -> tuple[Part, ...]:
    return (Part("culprit", event.culprit), Part("platform", event.platform))


def _all_frames(event: Event) -> Sequence[Frame]:
    chain = members(event.data.get("exception"))
    return (frames_of(chain[-1]) if chain else []) or frames_of(event.data)
