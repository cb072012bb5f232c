"""A plan in words: what is done first at the top, each difference on a line, dangers where they come from, and the sum. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from vedette.deploy.types import Act, Applied, Change, Line, Planned, Step, Verified
from vedette.wire.infra import Ref, Verdict

_SIGNS = {Act.CREATE: "+", Act.UPDATE: "~", Act.REPLACE: "±", Act.DELETE: "-"}
_DONE = {Act.CREATE: "made", Act.UPDATE: "changed", Act.REPLACE: "made anew", Act.DELETE: "removed"}
_WORDS = {Act.CREATE: "make", Act.UPDATE: "change", Act.REPLACE: "make anew", Act.DELETE: "remove"}
_MARKS = {Verdict.BROKEN: "✗", Verdict.UNKNOWN: "?", Verdict.HOLDS: "✓"}
_FOREIGN = 20


def text(planned: Planned) -> str:
    """Return a plan as people read it: a sentence first, dangers next, then every change."""
    parts = [summary(planned)]
    parts += [
        f"! {danger.kind}: {_named(change.ref)}: {danger.text}"
        for change in planned.changes
        for danger in change.dangers
    ]
    parts += [line for change in planned.changes for line in _change(change, planned.currency)]
    parts += [f"Note: {note}" for note in planned.notes]
    parts += _foreign(planned)
    return "\n".join(parts)


def summary(planned: Planned) -> str:
    """Return a plan in a sentence: `2 to make, 1 to change; a month costs 12.40 EUR instead of 8.20 (net).`"""
    counts = {act: sum(each.act is act for each in planned.changes) for act in Act}
    told = [f"{count} to {_WORDS[act]}" for act, count in counts.items() if count]
    cost = f"a month costs {planned.after} {planned.currency} (net)"
    if planned.before != planned.after:
        cost = f"a month costs {planned.after} {planned.currency} instead of {planned.before} (net)"
    if not told:
        return f"Nothing to do: {planned.project} is as the files say; {cost}."
    return f"{planned.project}: {', '.join(told)}; {cost}."


def step(done: Step) -> str:
    """Return what became of a change in a line."""
    if done.problem:
        return f"✗ {_named(done.ref)} was not {_DONE[done.act]}: {done.problem}"
    return f"✓ {_named(done.ref)} {_DONE[done.act]} ({done.seconds:.1f} s)"


def outcome(applied: Applied) -> str:
    """Return what became of a plan in a sentence."""
    good = len(applied.steps) - len(applied.problems)
    if not applied.problems:
        return f"Done: {good} changes, each read back." if good != 1 else "Done: 1 change, read back."
    left = f" {len(applied.left)} were not begun." if applied.left else ""
    return f"{len(applied.problems)} of {len(applied.steps)} changes failed.{left} Mend what is said above and apply again: it goes on from there."


def verified(found: Verified) -> str:
    """Return a sentence, then intents, the broken first, then what differs."""
    order = [Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HOLDS]
    intents = sorted(found.intents, key=lambda each: order.index(each.verdict))
    holding = sum(each.verdict is Verdict.HOLDS for each in intents)
    told = f"{holding} of {len(intents)} intents hold" if intents else "No intents are written"
    differing = (
        f"{len(found.planned.changes)} things are not as the files say"
        if found.planned.changes
        else "everything is as the files say"
    )
    parts = [" ".join(filter(None, [f"{told}; {differing}.", found.tried]))]
    parts += [f"{_MARKS[each.verdict]} {each.intent.text}: {each.reason}" for each in intents]
    parts += [f"! {each}" for each in found.odd]
    parts += [f"Not tried: {each}" for each in found.untried]
    return "\n".join([*parts, text(found.planned)] if found.planned.changes else parts)


def _change(change: Change, currency: str) -> Iterator[str]:
    cost = Decimal(change.monthly)
    price = f"  {'+' if cost > 0 else ''}{change.monthly} {currency} a month" if cost else ""
    why = f" ({change.reason})" if change.act in {Act.REPLACE, Act.DELETE} else ""
    if change.act is Act.UPDATE and len(change.lines) == 1:
        yield f"{_SIGNS[change.act]} {_named(change.ref)}{price}  {_line(change.lines[0]).strip()}"
        return
    yield f"{_SIGNS[change.act]} {_named(change.ref)}{why}{price}"
    yield from (_line(each) for each in change.lines if change.act is not Act.DELETE)


def _named(ref: Ref) -> str:
    return f"{ref.kind.replace('_', ' ')} {ref.name}"


def _line(line: Line) -> str:
    if line.sign == "~":
        return f"    ~ {line.field}: {line.before or 'nothing'} → {line.after or 'nothing'}"
    return f"    {line.sign} {line.field}: {line.before or line.after}"


def _foreign(planned: Planned) -> list[str]:
    if not planned.foreign:
        return []
    named = ", ".join(_named(ref) for ref in planned.foreign[:_FOREIGN])
    more = f" and {len(planned.foreign) - _FOREIGN} more" if len(planned.foreign) > _FOREIGN else ""
    return [f"Foreign, left alone: {named}{more}."]
