"""Draw stacks: exceptions outermost first, frames newest first, yours open, the library's folded."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.errors.present import source, values

OPEN_FRAMES = 1
MARKED_FRAMES = 12
_FRAME_KEYS = frozenset({
    "function", "module", "filename", "abs_path", "lineno", "colno", "in_app", "pre_context", "context_line",
    "post_context", "vars", "package",
})  # fmt: skip
_EXCEPTION_KEYS = frozenset({
    "type", "value", "module", "stacktrace", "raw_stacktrace", "mechanism", "thread_id",
})  # fmt: skip


class Frame(msgspec.Struct, frozen=True):
    """One call: what ran (`function`), where (`place`, `line`), its source, its variables and what else it says.

    `marked` says whether its source is worth colouring; `platform` and `place` tell the language.
    """

    function: str
    place: str
    line: str
    yours: bool
    open: bool
    source: tuple[source.Line, ...]
    variables: tuple[values.Row, ...]
    facts: tuple[values.Row, ...]
    platform: str = ""
    marked: bool = False

    @property
    def bare(self) -> bool:
        """Say whether there is nothing to unfold."""
        return not (self.source or self.variables or self.facts)


class Group(msgspec.Struct, frozen=True):
    """A run of frames: one of yours, or several of libraries folded under a label."""

    frames: tuple[Frame, ...]
    label: str = ""


class Stack(msgspec.Struct, frozen=True):
    """An exception, thread or bare stack with its frames in groups; `facts` are its mechanism and the rest."""

    title: str
    value: str
    groups: tuple[Group, ...]
    facts: tuple[values.Row, ...] = ()
    lead: str = ""
    handled: str = ""
    note: str = ""
    count: int = 0


def exceptions(value: object, platform: str) -> tuple[Stack, ...]:
    """Return the chain, outermost (the one that was reported) first."""
    chain = tuple(reversed(values.members(value)))
    return tuple(_exception(member, platform, _lead(member) if i else "") for i, member in enumerate(chain))


def _lead(member: Mapping[str, object]) -> str:
    """Say how an exception relates to the one above it, as far as its mechanism tells."""
    named = values.text_of(values.mapping(member.get("mechanism")).get("source"))
    if named.startswith("exceptions["):
        return "in the group"
    return {"__context__": "while handling"}.get(named, "caused by")


def _exception(member: Mapping[str, object], platform: str, lead: str) -> Stack:
    mechanism = values.mapping(member.get("mechanism"))
    kind, module = values.text_of(member.get("type")), values.text_of(member.get("module"))
    groups, count = groups_of(member.get("stacktrace"), platform, unfold=not lead)
    return Stack(
        title=kind or "Error",
        lead=lead,
        value=values.text_of(member.get("value")),
        groups=groups,
        count=count,
        facts=_exception_facts(member, module),
        handled={True: "handled", False: "unhandled"}.get(mechanism.get("handled"), ""),  # type: ignore[call-overload]
        note="" if groups else "This exception came without a stack trace.",
    )


def _exception_facts(member: Mapping[str, object], module: str) -> tuple[values.Row, ...]:
    mechanism = member.get("mechanism")
    return (
        *((values.row("module", module),) if module else ()),
        *(values.rows(mechanism, "mechanism") if mechanism else ()),
        *(values.rows(member["thread_id"], "thread") if member.get("thread_id") is not None else ()),
        *values.rest(member, _EXCEPTION_KEYS),
        *_stack_facts(member.get("stacktrace")),
    )


def _stack_facts(stack: object) -> tuple[values.Row, ...]:
    return values.rest(values.mapping(stack), frozenset({"frames"}))


def threads(value: object, platform: str) -> tuple[Stack, ...]:
    """Return threads, the crashed and the current one first."""
    ordered = sorted(values.members(value), key=lambda t: (not t.get("crashed"), not t.get("current")))
    return tuple(_thread(member, platform) for member in ordered)


def _thread(member: Mapping[str, object], platform: str) -> Stack:
    marks = [word for word in ("crashed", "current") if member.get(word) is True]
    name = values.text_of(member.get("name")) or f"Thread {values.text_of(member.get('id'))}".strip()
    groups, count = groups_of(member.get("stacktrace"), platform, unfold=False)
    known = frozenset({"name", "stacktrace", "raw_stacktrace"})
    return Stack(
        title=name,
        value=", ".join(marks),
        groups=groups,
        count=count,
        facts=(*values.rest(member, known), *_stack_facts(member.get("stacktrace"))),
        note="" if groups else "This thread came without a stack trace.",
    )


def bare_stack(value: object, platform: str) -> tuple[Stack, ...]:
    """Return a stack that belongs to no exception, as older SDKs send it at the top of an event."""
    groups, count = groups_of(value, platform, unfold=True)
    return (Stack("Stack trace", "", groups, _stack_facts(value), count=count),) if groups else ()


def groups_of(stack: object, platform: str, *, unfold: bool) -> tuple[tuple[Group, ...], int]:
    """Return the groups of a stack, newest frame first, and how many frames there are.

    With `unfold` the newest of your frames stands open, or the newest frame when none is yours.
    """
    listed = values.mapping(stack).get("frames")
    frames = [f for f in listed if isinstance(f, Mapping)] if isinstance(listed, Sequence) else []
    frames.reverse()
    if not frames:
        return (), 0
    opened = next((i for i, f in enumerate(frames) if f.get("in_app") is True), 0) if unfold else -1
    marked = _to_mark(frames)
    drawn = [_frame(f, platform, opened=i == opened, marked=i in marked) for i, f in enumerate(frames)]
    return tuple(_fold(frames, drawn)), len(frames)


def _to_mark(frames: list[Mapping[str, object]]) -> set[int]:
    """Choose the frames whose source is worth marking: yours, then the newest, at most `MARKED_FRAMES`."""
    order = sorted(range(len(frames)), key=lambda i: (frames[i].get("in_app") is not True, i))
    return set(order[:MARKED_FRAMES])


def _fold(frames: list[Mapping[str, object]], drawn: list[Frame]) -> Iterator[Group]:
    run: list[int] = []
    for index, frame in enumerate(drawn):
        if not (frame.yours or frame.open):
            run.append(index)
            continue
        yield from _run(frames, drawn, run)
        run = []
        yield Group((frame,))
    yield from _run(frames, drawn, run)


def _run(frames: list[Mapping[str, object]], drawn: list[Frame], run: list[int]) -> Iterator[Group]:
    if len(run) == 1:
        yield Group((drawn[run[0]],))
    elif run:
        names = list(dict.fromkeys(filter(None, (origin(frames[i]) for i in run))))
        yield Group(tuple(drawn[i] for i in run), _label(len(run), names))


def _label(count: int, names: list[str]) -> str:
    if not names:
        return f"{count} frames"
    shown = names[:3] if len(names) <= 3 else [*names[:2], f"{len(names) - 2} more"]
    listed = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{count} frames in {listed}"


def origin(frame: Mapping[str, object]) -> str:
    """Return the package a library frame belongs to, or an empty text when nothing tells."""
    path = values.text_of(frame.get("abs_path") or frame.get("filename")).replace("\\", "/")
    for mark in ("/site-packages/", "/dist-packages/", "/node_modules/", "/gems/", "/vendor/"):
        if mark in path:
            parts = path.rpartition(mark)[2].split("/")
            return "/".join(parts[:2]) if parts[0].startswith("@") or mark == "/vendor/" else parts[0]
    package = values.text_of(frame.get("package")).replace("\\", "/")
    if package:
        return package.rpartition("/")[2]
    return _module_root(values.text_of(frame.get("module")))


def _module_root(module: str) -> str:
    """Return the package a module's name begins with: `java.lang` of `java.lang.Thread`, `django` of `django.core`."""
    parts = module.replace("/", ".").split(".")
    return ".".join(parts[:2]) if parts[0] in {"java", "javax", "com", "org", "io"} else parts[0]


def _frame(frame: Mapping[str, object], platform: str, *, opened: bool, marked: bool) -> Frame:
    filename = values.text_of(frame.get("filename") or frame.get("abs_path") or frame.get("package"))
    place = filename or values.text_of(frame.get("module"))
    return Frame(
        function=values.text_of(frame.get("function")) or "?",
        place=place,
        line=_position(frame),
        yours=frame.get("in_app") is True,
        open=opened,
        source=source.lines_of(frame),
        variables=values.rows(frame["vars"]) if frame.get("vars") else (),
        facts=_frame_facts(frame, place),
        platform=values.text_of(frame.get("platform")) or platform,
        marked=marked,
    )


def _position(frame: Mapping[str, object]) -> str:
    line, column = frame.get("lineno"), frame.get("colno")
    if line is None:
        return ""
    return values.scalar(line) if column is None else f"{values.scalar(line)}:{values.scalar(column)}"


def _frame_facts(frame: Mapping[str, object], place: str) -> tuple[values.Row, ...]:
    """Return what the head line does not say: module, full path, image, addresses and anything unknown."""
    named = (("module", "module"), ("abs_path", "path"), ("package", "package"))
    said = [values.row(name, frame[key]) for key, name in named if frame.get(key) and frame[key] != place]
    if frame.get("lineno") is None and frame.get("colno") is not None:
        said.append(values.row("column", frame["colno"]))
    return (*said, *values.rest(frame, _FRAME_KEYS))
