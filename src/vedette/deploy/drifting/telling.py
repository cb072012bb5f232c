"""Drift in words: a sentence, then each thing with since when and by whom, and what to do. Pure."""

from collections.abc import Iterator

from vedette.core.clock import iso
from vedette.deploy.types import Adopted, Drift, Drifted, Line, Side, Way

_WORDS = {
    Way.CHANGED: "is not as the files say",
    Way.GONE: "is gone",
    Way.UNSAID: "bears the project's mark, and no file says it",
    Way.FOREIGN: "came, and no file says it",
}
_SIDES = {
    Side.BOTH: " The files changed as well.",
    Side.UNKNOWN: " Nobody knows which side moved: it was never seen as the files say.",
}
_FEW = 20


def text(found: Drifted) -> str:
    """Return drift as people read it."""
    parts = [_summary(found)]
    parts += [line for each in found.drifts for line in _drift(each)]
    parts += [f"Nothing is known of {kind}s: {why}" for kind, why in found.unread.items()]
    if found.pending:
        names = ", ".join(str(each.ref) for each in found.pending[:_FEW])
        more = f" and {len(found.pending) - _FEW} more" if len(found.pending) > _FEW else ""
        parts.append(f"Changed in the files and not applied: {names}{more}.")
    return "\n".join(parts)


def adopted(found: Adopted) -> str:
    """Return in sentences what the files say now, and what they cannot."""
    parts = (
        [f"The files say now what is there of {', '.join(str(ref) for ref in found.done)}."]
        if found.done
        else []
    )
    parts += [f"Not adopted: {ref}: {why}" for ref, why in found.left.items()]
    return "\n".join(parts) or "Nothing drifted; the files stay as they are."


def _summary(found: Drifted) -> str:
    if not found.drifts:
        return f"Nothing drifted: {found.project} is at Hetzner as it was applied."
    things = "1 thing" if len(found.drifts) == 1 else f"{len(found.drifts)} things"
    return f"{found.project}: {things} drifted. Revert with `vedette deploy apply`, or let the files say it: `vedette deploy adopt`."


def _drift(one: Drift) -> Iterator[str]:
    yield f"! {one.ref.kind.replace('_', ' ')} {one.ref.name} {_WORDS[one.way]}. {_since(one)}{_SIDES.get(one.side, '')}"
    yield from (_line(each) for each in one.lines)


def _since(one: Drift) -> str:
    when = f"Since {_at(one.when)} ({one.command})" if one.when else f"Seen first at {_at(one.until)}"
    until = f", as it should be at {_at(one.after)}" if one.after and not one.when else ""
    return f"{when}{until}; by {one.by or 'nobody knows whom: Hetzner does not tell'}."


def _line(line: Line) -> str:
    if line.sign == "~":
        return f"    ~ {line.field}: {line.before or 'nothing'} in the files, {line.after or 'nothing'} at Hetzner"
    where = "at Hetzner alone" if line.sign == "+" else "in the files alone"
    return f"    {line.sign} {line.field}: {line.after or line.before} ({where})"


def _at(instant: float) -> str:
    return iso(instant)[:16].replace("T", " ") + " UTC"
