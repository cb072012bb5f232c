"""Lay out an event: every part of what is stored finds its place, and what is unknown stands under "Other data"."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.errors.present import crumbs, frames, issue, request, source, values

SECURITY = ("csp", "hpkp", "expectct", "expectstaple", "nel", "browser_report")
_DRAWN = frozenset({
    "event_id", "timestamp", "received", "exception", "threads", "stacktrace", "breadcrumbs", "request", "user",
    "contexts", "extra", "tags", "modules", "sdk", "logentry", "message", "template", "fingerprint", "debug_meta",
    "release", "dist", "environment", "server_name", "level", "logger", "platform", "transaction", "culprit",
    "errors", *SECURITY,
})  # fmt: skip
_PLAIN = (
    "level",
    "platform",
    "logger",
    "environment",
    "release",
    "dist",
    "server_name",
    "transaction",
    "culprit",
)


class Section(msgspec.Struct, frozen=True):
    """A titled list of rows; folded ones open on demand."""

    key: str
    title: str
    rows: tuple[values.Row, ...]
    folded: bool = False
    sub: str = ""


class Fact(msgspec.Struct, frozen=True):
    """A short name and text in the strip above the stack; `query` finds events like this one."""

    name: str
    text: str
    query: str = ""


class Template(msgspec.Struct, frozen=True):
    """A template that failed to render: where, and its source."""

    place: str
    line: str
    source: tuple[source.Line, ...]
    facts: tuple[values.Row, ...]


class Layout(msgspec.Struct, frozen=True):
    """An event as its page shows it."""

    facts: tuple[Fact, ...]
    message: str
    message_rows: tuple[values.Row, ...]
    exceptions: tuple[frames.Stack, ...]
    threads: tuple[frames.Stack, ...]
    template: Template | None
    crumbs: tuple[crumbs.Crumb, ...]
    request: request.Request | None
    security: tuple[Section, ...]
    sections: tuple[Section, ...]

    @property
    def frames_count(self) -> int:
        """Return how many frames all stacks hold."""
        return sum(stack.count for stack in (*self.exceptions, *self.threads))


def lay_out(data: Mapping[str, object], at: float, tags: Sequence[tuple[str, str]] = ()) -> Layout:
    """Return the layout of a stored event; `at` is the instant it happened, `tags` those sent and derived."""
    platform = values.text_of(data.get("platform"))
    message, message_rows = _message(data)
    return Layout(
        facts=_facts(data),
        message=message,
        message_rows=message_rows,
        exceptions=frames.exceptions(data.get("exception"), platform)
        or frames.bare_stack(data.get("stacktrace"), platform),
        threads=frames.threads(data.get("threads"), platform),
        template=_template(data.get("template")),
        crumbs=crumbs.crumbs(data.get("breadcrumbs"), at),
        request=request.request(data.get("request")),
        security=tuple(_security(data)),
        sections=tuple(section for section in _sections(data, tags) if section.rows),
    )


def _message(data: Mapping[str, object]) -> tuple[str, tuple[values.Row, ...]]:
    """Return the text that was logged and, when it was made from parts, those parts."""
    entry = data.get("logentry") or data.get("message")
    if not isinstance(entry, Mapping):
        return values.text_of(entry), ()
    text = values.text_of(entry.get("formatted") or entry.get("message"))
    parts = {k: v for k, v in entry.items() if v not in (None, "", [], {}) and values.text_of(v) != text}
    also = data.get("message")
    if isinstance(also, str) and also and also != text:
        parts["sent as"] = also
    return text, values.rows(parts)


def _facts(data: Mapping[str, object]) -> tuple[Fact, ...]:
    sent = request.request(data.get("request"))
    contexts = values.mapping(data.get("contexts"))
    found = [
        Fact(sent.method or "URL", sent.path) if sent and sent.path else None,
        *(_plain_fact(data, key, name) for key, name in (
            ("release", "release"), ("environment", "environment"), ("level", "level"),
            ("server_name", "server"), ("transaction", "transaction"), ("logger", "logger"),
        )),
        Fact("user", user_name(data.get("user"))) if user_name(data.get("user")) else None,
        *(_context_fact(contexts, key) for key in ("runtime", "browser", "os", "device")),
        _handled(data),
        _trace(contexts),
    ]  # fmt: skip
    return tuple(fact for fact in found if fact is not None)


def _plain_fact(data: Mapping[str, object], key: str, name: str) -> Fact | None:
    text = values.text_of(data.get(key))
    query = issue.term("server_name" if name == "server" else name, text)
    return Fact(name, text, query) if text else None


def _context_fact(contexts: Mapping[str, object], key: str) -> Fact | None:
    context = values.mapping(contexts.get(key))
    name, version = (values.text_of(context.get(part)) for part in ("name", "version"))
    name = name or values.text_of(context.get("model"))
    return Fact(key, f"{name} {version}".strip()) if name else None


def _handled(data: Mapping[str, object]) -> Fact | None:
    said = [values.mapping(m.get("mechanism")).get("handled") for m in values.members(data.get("exception"))]
    known = [handled for handled in said if isinstance(handled, bool)]
    return Fact("handled", "yes" if all(known) else "no") if known else None


def _trace(contexts: Mapping[str, object]) -> Fact | None:
    trace = values.text_of(values.mapping(contexts.get("trace")).get("trace_id"))
    return Fact("trace", f"{trace[:4]}…{trace[-4:]}" if len(trace) > 12 else trace) if trace else None


def user_name(value: object) -> str:
    """Return what names a user best: e-mail, user name, id or address."""
    user = values.mapping(value)
    keys = ("email", "username", "name", "id", "ip_address")
    return next((values.text_of(user[key]) for key in keys if user.get(key) not in (None, "")), "")


def _template(value: object) -> Template | None:
    sent = values.mapping(value)
    if not sent:
        return None
    place = values.text_of(sent.get("filename") or sent.get("abs_path") or sent.get("name"))
    known = frozenset({"filename", "lineno", "pre_context", "context_line", "post_context"})
    lines = source.lines_of(sent)
    return Template(place, values.text_of(sent.get("lineno")), lines, values.rest(sent, known))


def _security(data: Mapping[str, object]) -> list[Section]:
    titles = {"csp": "Content-Security-Policy report", "hpkp": "Key pinning report", "nel": "Network error",
              "browser_report": "Report of the browser"}  # fmt: skip
    return [
        Section(key, titles.get(key, "Certificate report"), values.rows(data[key]))
        for key in SECURITY
        if data.get(key)
    ]


def _sections(data: Mapping[str, object], tags: Sequence[tuple[str, str]]) -> list[Section]:
    """Return the cards below the stack, those that hold something being drawn."""
    contexts = values.mapping(data.get("contexts"))
    modules = values.rows(data.get("modules") or {})
    return [
        Section("user", "User", values.rows(data.get("user") or {})),
        Section("tags", "Tags", _tags(data, tags)),
        *(Section(f"context-{i}", _title(name), values.rows(value, "" if isinstance(value, Mapping) else name))
          for i, (name, value) in enumerate(contexts.items()) if value),
        *((Section("contexts", "Contexts", values.rows(data["contexts"], "contexts")),)
          if data.get("contexts") and not contexts else ()),
        Section("extra", "Additional data", _plain_rows(data, "extra")),
        Section("event", "About this event", _identity(data)),
        Section("sdk", "SDK", _plain_rows(data, "sdk")),
        Section("modules", "Packages", modules, folded=True, sub=str(len(modules))),
        Section("debug", "Debug images", values.rows(data.get("debug_meta") or {}), folded=True),
        Section("other", "Other data", values.rest(data, _DRAWN)),
    ]  # fmt: skip


def _tags(data: Mapping[str, object], tags: Sequence[tuple[str, str]]) -> tuple[values.Row, ...]:
    """Return the tags kept; those of the event as it is stored when none were handed in."""
    return tuple(values.row(name, text) for name, text in tags) or values.pairs(data.get("tags"), "tags")


def _plain_rows(data: Mapping[str, object], key: str) -> tuple[values.Row, ...]:
    value = data.get(key)
    return values.rows(value, "" if isinstance(value, Mapping) else key) if value else ()


def _title(name: str) -> str:
    """Return a context's title: `device` reads Device, an application's own name stays as it is."""
    known = {"os": "Operating system", "gpu": "Graphics", "app": "Application", "trace": "Trace"}
    return known.get(name, name[:1].upper() + name[1:].replace("_", " "))


def _identity(data: Mapping[str, object]) -> tuple[values.Row, ...]:
    keys = ("event_id", "timestamp", "received", *_PLAIN)
    said = [values.row(key.replace("_", " "), data[key]) for key in keys if data.get(key) not in (None, "")]
    fingerprint = data.get("fingerprint")
    return (*said, *(values.rows(fingerprint, "fingerprint") if fingerprint else ()))
