"""From what files say of escalation policies to policies. Pure."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence

from vedette.alerts.ascode.written import File, PolicyText, StepText
from vedette.core.errors import Invalid
from vedette.oncall.types import EscalationStep, PolicyDraft, Span
from vedette.wire.ascode.reading import Fault, Read

Named = Mapping[str, Mapping[str, int]]
"""Ids by name of `people` (addresses), `schedule` and `channel`."""


def policies(
    files: Sequence[Read[File]],
    named: Named,
    spans_of: Callable[[str], tuple[Span, ...]],
    problems: Callable[[PolicyDraft], Mapping[str, str]],
    faults: list[Fault],
) -> Iterator[tuple[PolicyDraft, str]]:
    """Yield each policy of the files with its file; what is wrong is added to `faults`.

    `spans_of` reads parts of the week, `problems` says what else does not fit, by field or step (`step 2`).
    """
    seen: set[str] = set()
    for file in files:
        for n, text in enumerate(file.said.policy):
            wrong: dict[tuple[str | int, ...], str] = {}
            made = _policy(text, named, spans_of, wrong)
            if text.name in seen:
                wrong["name",] = f"There is another policy “{text.name}”."
            seen.add(text.name)
            for place, told in problems(made).items() if not wrong else ():
                wrong[_place(place)] = told
            faults += [file.fault(("policy", n, *place), told) for place, told in wrong.items()]
            yield made, file.name


def _policy(
    text: PolicyText,
    named: Named,
    spans_of: Callable[[str], tuple[Span, ...]],
    wrong: dict[tuple[str | int, ...], str],
) -> PolicyDraft:
    steps = tuple(_step(step, n, named, spans_of, wrong) for n, step in enumerate(text.steps))
    return PolicyDraft(name=text.name, steps=steps, repeats=text.repeats, ack_minutes=text.ack_minutes)


def _step(
    text: StepText,
    number: int,
    named: Named,
    spans_of: Callable[[str], tuple[Span, ...]],
    wrong: dict[tuple[str | int, ...], str],
) -> EscalationStep:
    def ids(field: str, names: Sequence[str]) -> tuple[int, ...]:
        for name in names:
            if name not in named[field]:
                near = difflib.get_close_matches(name, named[field], 1)
                meant = f" Did you mean {near[0]!r}?" if near else ""
                wrong["step", number, field] = f"There is no {_ONE[field]} {name!r}.{meant}"
        return tuple(named[field].get(name, 0) for name in names)

    try:
        spans = spans_of("\n".join(text.spans))
    except Invalid as error:
        spans = ()
        wrong["step", number, "spans"] = str(error)
    return EscalationStep(
        kind=text.kind,
        users=ids("people", text.people),
        team=text.role,
        schedule=next(iter(ids("schedule", [text.schedule] if text.schedule else [])), None),
        channel=next(iter(ids("channel", [text.channel] if text.channel else [])), None),
        important=text.important,
        minutes=text.minutes,
        spans=spans,
        zone=text.zone,
        count=text.count,
        skips=text.skips,
        url=text.url,
        severity=text.severity,
    )


_ONE = {"people": "person with the address", "schedule": "schedule", "channel": "channel"}


def _place(place: str) -> tuple[str | int, ...]:
    word, _, number = place.partition(" ")
    return ("step", int(number) - 1) if word == "step" and number.isdecimal() else (place,)
