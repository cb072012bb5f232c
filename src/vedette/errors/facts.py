"""Read from a shaped event what people know it by: title, culprit, level, platform, tags, user.

Follows what the protocol documents and what open-source Sentry stores for the reference events.
"""

from collections.abc import Iterator, Mapping

import msgspec

from vedette.errors import agents, messages, reports
from vedette.errors.shape import Draft
from vedette.errors.types import Level
from vedette.wire.url import path_of

UNLABELED = "<unlabeled event>"
MOST_TAGS = 100
_TITLE = 100
_TAG_KEY, _TAG_VALUE, _LOGGER = 200, 200, 64
_CULPRIT, _KIND = 200, 300
_LEVELS = {
    "fatal": Level.FATAL, "critical": Level.FATAL, "emergency": Level.FATAL, "alert": Level.FATAL, "50": Level.FATAL,
    "error": Level.ERROR, "err": Level.ERROR, "40": Level.ERROR,
    "warning": Level.WARNING, "warn": Level.WARNING, "30": Level.WARNING,
    "info": Level.INFO, "log": Level.INFO, "notice": Level.INFO, "sample": Level.INFO, "20": Level.INFO,
    "debug": Level.DEBUG, "trace": Level.DEBUG, "10": Level.DEBUG,
}  # fmt: skip
_PLATFORMS = frozenset(
    [
        "as3",
        "c",
        "cfml",
        "clojure",
        "cocoa",
        "csharp",
        "dart",
        "deno",
        "elixir",
        "flutter",
        "go",
        "godot",
        "groovy",
        "haskell",
        "java",
        "javascript",
        "kotlin",
        "lua",
        "native",
        "nintendo",
        "node",
        "objc",
        "ocaml",
        "other",
        "perl",
        "php",
        "powershell",
        "python",
        "ruby",
        "rust",
        "scala",
        "swift",
        "unity",
        "unreal",
        "wasm",
        "zig",
    ]
)
_SCRIPTS = frozenset({"javascript", "node"})
_USER_KEYS = (("id", "id"), ("username", "username"), ("email", "email"), ("ip_address", "ip"))


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What people know an event by; see `types.Event` for the fields."""

    level: Level
    platform: str
    title: str
    kind: str
    message: str
    culprit: str
    location: str
    transaction: str
    logger: str
    release: str
    environment: str
    user: str
    handled: bool | None
    tags: tuple[tuple[str, str], ...]


def read(draft: Draft) -> Facts:
    """Return the facts of an event; what it says wrongly gets a note."""
    data = draft.data
    platform = _platform(draft)
    main = _main_exception(data)
    frame = _culprit_frame(data, main)
    kind, message = _kind_and_message(data, main, frame)
    level, user = _level(draft), user_label(data.get("user"))
    transaction = text(data.get("transaction"))
    handled = _handled(data)
    return Facts(
        level=level,
        platform=platform,
        title=_title(kind, message),
        kind=kind,
        message=message,
        culprit=(transaction or text(data.get("culprit")) or _culprit(frame, platform) or _address(data))[
            :_CULPRIT
        ],
        location=_place(frame),
        transaction=transaction[:_TAG_VALUE],
        logger=text(data.get("logger"))[:_TAG_VALUE],
        release=text(data.get("release"))[:_TAG_VALUE],
        environment=text(data.get("environment"))[:64],
        user=user,
        handled=handled,
        tags=_tags(draft, level, user, handled),
    )


def text(value: object) -> str:
    """Return a text, or an empty one for anything else."""
    return value.strip() if isinstance(value, str) else ""


def members(value: object) -> list[Mapping[str, object]]:
    """Return the objects of a part in the form `{"values": [...]}`."""
    listed = value.get("values") if isinstance(value, dict) else None
    return listed if isinstance(listed, list) else []


def frames_of(holder: Mapping[str, object] | None) -> list[Mapping[str, object]]:
    """Return the frames of an exception, a thread or an event, oldest first."""
    stack = holder.get("stacktrace") if holder else None
    frames = stack.get("frames") if isinstance(stack, dict) else None
    return frames if isinstance(frames, list) else []


def user_label(user: object) -> str:
    """Return what names a user in searches: `id:7`, else the user name, e-mail or address."""
    if not isinstance(user, Mapping):
        return ""
    for key, name in _USER_KEYS:
        value = user.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return f"{name}:{value}"[:_TAG_VALUE]
    return ""


def user_labels(user: object) -> tuple[str, ...]:
    """Return every label a user may be searched by, the naming one first."""
    if not isinstance(user, Mapping):
        return ()
    labels = [user_label({key: user.get(key)}) for key, _ in _USER_KEYS]
    return tuple(label for label in labels if label)


def _main_exception(data: Mapping[str, object]) -> Mapping[str, object] | None:
    found = members(data.get("exception"))
    return found[-1] if found else None


def _culprit_frame(
    data: Mapping[str, object], main: Mapping[str, object] | None
) -> Mapping[str, object] | None:
    frames = frames_of(main) or frames_of(data) or _thread_frames(data)
    if not frames:
        return None
    return next((frame for frame in reversed(frames) if frame.get("in_app") is True), frames[-1])


def _thread_frames(data: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = members(data.get("threads"))
    blamed = next((t for t in found if t.get("crashed") is True), found[0] if len(found) == 1 else None)
    return frames_of(blamed)


def _kind_and_message(
    data: Mapping[str, object], main: Mapping[str, object] | None, frame: Mapping[str, object] | None
) -> tuple[str, str]:
    if main is None:
        return "", messages.message_of(data) or reports.message_of(data)
    kind, value = text(main.get("type"))[:_KIND], messages.written(main.get("value"))
    if not kind and not value:
        return text(frame.get("function")) if frame else "", messages.message_of(data)
    return kind, value


def _title(kind: str, message: str) -> str:
    line = _short(next(iter(message.strip().splitlines()), "").strip())
    if kind:
        return f"{kind}: {line}"[:300] if line else kind[:300]
    return line or UNLABELED


def _short(line: str, length: int = _TITLE) -> str:
    return line if len(line) <= length else line[: length - 3] + "..."


def _culprit(frame: Mapping[str, object] | None, platform: str) -> str:
    if frame is None:
        return ""
    place = text(frame.get("module")) or _place(frame) or "?"
    function = text(frame.get("function")) or "?"
    return f"{function}({place})" if platform in _SCRIPTS else f"{place} in {function}"


def _place(frame: Mapping[str, object] | None) -> str:
    if frame is None:
        return ""
    filename = text(frame.get("filename")) or text(frame.get("abs_path"))
    return (path_of(filename) if "://" in filename else filename)[:500]


def _address(data: Mapping[str, object]) -> str:
    request = data.get("request")
    return text(request.get("url")) if isinstance(request, Mapping) else ""


def _handled(data: Mapping[str, object]) -> bool | None:
    said = [mechanism.get("handled") for mechanism in _mechanisms(data)]
    known = [value for value in said if isinstance(value, bool)]
    return all(known) if known else None


def _mechanisms(data: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for member in members(data.get("exception")):
        mechanism = member.get("mechanism")
        if isinstance(mechanism, Mapping):
            yield mechanism


def _level(draft: Draft) -> Level:
    said = draft.data.get("level")
    if said is None or said == "":
        return Level.ERROR
    found = _LEVELS.get(str(said).lower())
    if found is None:
        draft.note("level", f"There is no level {str(said)[:40]!r}; it was read as error.")
    return found or Level.ERROR


def _platform(draft: Draft) -> str:
    said = text(draft.data.get("platform")).lower()
    if said and said not in _PLATFORMS:
        draft.note("platform", f"The platform {said[:40]!r} is not known; it was read as other.")
    return said if said in _PLATFORMS else "other"


def _tags(draft: Draft, level: Level, user: str, handled: bool | None) -> tuple[tuple[str, str], ...]:
    tags = _sent_tags(draft)
    data = draft.data
    tags["level"] = str(level)
    named = (("logger", "logger"), ("server_name", "server_name"), ("transaction", "transaction"),
             ("release", "release"), ("environment", "environment"), ("dist", "dist"))  # fmt: skip
    for key, name in named:
        if value := text(data.get(key)):
            tags.setdefault(name, _short(value, _LOGGER) if key == "logger" else value[:_TAG_VALUE])
    if user:
        tags["user"] = user
    if url := _address(data):
        tags.setdefault("url", url[:_TAG_VALUE])
    if handled is not None:
        tags["handled"] = "yes" if handled else "no"
    for mechanism in _mechanisms(data):
        if value := text(mechanism.get("type")):
            tags["mechanism"] = value[:_TAG_VALUE]
    _add_contexts(tags, data)
    return tuple(tags.items())


def _sent_tags(draft: Draft) -> dict[str, str]:
    sent = draft.data.get("tags")
    if not sent:
        return {}
    tags: dict[str, str] = {}
    dropped = 0
    for key, value in _tag_pairs(sent):
        name, said = _tag_text(key), _tag_text(value)
        if name is None or said is None or not name.strip():
            dropped += 1
        elif said != "" and len(tags) < MOST_TAGS:
            tags[name.strip()[:_TAG_KEY]] = said[:_TAG_VALUE]
        elif said != "":
            dropped += 1
    if dropped:
        draft.note("tags", f"{dropped} tags could not be kept: at most {MOST_TAGS}, each a name and a text.")
    return tags


def _tag_pairs(sent: object) -> Iterator[tuple[object, object]]:
    """Yield the pairs of tags sent as an object, as pairs, or as objects with key and value."""
    if isinstance(sent, dict):
        yield from sent.items()
        return
    for member in sent if isinstance(sent, list) else [sent]:
        if isinstance(member, list) and len(member) == 2:
            yield member[0], member[1]
        elif isinstance(member, dict) and "key" in member:
            yield member["key"], member.get("value")
        elif isinstance(member, dict):
            yield from member.items()
        elif member is not None:
            yield None, None


def _tag_text(value: object) -> str | None:
    if isinstance(value, str):
        return value.replace("\n", " ").strip()
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) else None


def _add_contexts(tags: dict[str, str], data: Mapping[str, object]) -> None:
    contexts = data.get("contexts")
    seen = set()
    if isinstance(contexts, dict):
        for name, context in contexts.items():
            if isinstance(context, dict):
                seen |= _add_context(tags, name, context)
    header = _user_agent(data)
    if header:
        agent = agents.agent_of(header)
        if "browser" not in seen:
            _add_named(tags, "browser", agent.browser, agent.browser_version)
        if "os" not in seen:
            _add_named(tags, "os", agent.os, agent.os_version)


def _add_context(tags: dict[str, str], name: str, context: Mapping[str, object]) -> set[str]:
    kind = text(context.get("type")) or name
    if kind in {"os", "runtime", "browser", "app"} and kind != "app":
        raw = text(context.get("raw_description"))
        said, version = text(context.get("name")), text(context.get("version"))
        if not said and raw:
            said, version = _from_raw(raw, kind, version)
        _add_named(tags, name, said, version)
        return {name} if said else set()
    if kind == "device":
        if model := text(context.get("model")):
            tags.setdefault(name, model[:_TAG_VALUE])
        if family := text(context.get("family")):
            tags.setdefault(f"{name}.family", family[:_TAG_VALUE])
    return set()


def _from_raw(raw: str, kind: str, version: str) -> tuple[str, str]:
    """Return name and version of a description such as `.NET Core 3.1.3`; of a system only its name is sure."""
    if kind == "os":
        return raw.partition(" ")[0], version
    name, _, last = raw.rpartition(" ")
    return (name, version or last) if name and last[:1].isdigit() else (raw, version)


def _add_named(tags: dict[str, str], key: str, name: str, version: str) -> None:
    if not name:
        return
    tags.setdefault(f"{key}.name", name[:_TAG_VALUE])
    if version:
        tags.setdefault(key, f"{name} {version}"[:_TAG_VALUE])


def _user_agent(data: Mapping[str, object]) -> str:
    request = data.get("request")
    headers = request.get("headers") if isinstance(request, dict) else None
    pairs = headers.items() if isinstance(headers, dict) else _header_pairs(headers)
    for key, value in pairs:
        if isinstance(key, str) and key.lower() == "user-agent":
            return text(value[0] if isinstance(value, list) and value else value)
    return ""


def _header_pairs(headers: object) -> list[tuple[object, object]]:
    if not isinstance(headers, list):
        return []
    return [(pair[0], pair[1]) for pair in headers if isinstance(pair, list) and len(pair) == 2]
