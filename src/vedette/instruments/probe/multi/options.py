"""The steps of a suite as they are written, and which of them can never work. Decisions only, but for the probes it asks."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.probe.assertions.reading import read_all
from vedette.instruments.probe.journey.options import KIND as JOURNEY
from vedette.instruments.probe.masking import is_secret_name
from vedette.instruments.probe.multi import variables
from vedette.instruments.probe.optioning import wrong
from vedette.instruments.probe.types import MAX_DEADLINE, Probe, Request

MOST_STEPS = 30
KIND = "multi"
# What may be no secret at all; their own secrets are found by name (headers), or are the writer's to put into `secrets`.
_FREE = frozenset({"body", "send"})


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One request of a suite; `capture` makes variables of its answer, a `cleanup` step runs whatever happened before.

    `deadline` is in seconds, 0 for what is left of the suite's.
    """

    url: str
    name: str = ""
    expect: tuple[str, ...] = ()
    options: Mapping[str, object] = {}
    capture: Mapping[str, str] = {}
    cleanup: bool = False
    deadline: float = 0.0


class MultiOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Steps in their order, and variables that are there from the beginning: those of `secrets` print as dots."""

    steps: tuple[Step, ...] = ()
    variables: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}


def called(number: int, step: Step) -> str:
    """Return what a step is called in sentences."""
    return f"Step {number}, “{step.name}”" if step.name else f"Step {number}"


def filled(step: Step, known: Mapping[str, str], request: Request, seconds: float) -> Request:
    """Return what a step asks, with its variables in their places; raises `KeyError` for one that is not there."""
    options = variables.filled(step.options, known)
    return Request(
        url=variables.url_of(step.url, known),
        deadline=min(step.deadline or seconds, seconds),
        expect=tuple(variables.assertion_of(text, known) for text in step.expect),
        family=request.family,
        name_server=request.name_server,
        options=options if isinstance(options, Mapping) else {},
    )


class Judges(NamedTuple):
    """Who knows: the probe of a URL, and whether a request that is known in whole can work (both raise `Invalid`)."""

    probe_of: Callable[[str], Probe]
    checked: Callable[[Request], object]


def check(options: MultiOptions, request: Request, judges: Judges) -> None:
    """Raise `Invalid` that names the step that can never work."""
    if not any(not step.cleanup for step in options.steps) or len(options.steps) > MOST_STEPS:
        raise wrong("steps", f"1 to {MOST_STEPS} steps, one of them that is no cleanup")
    if request.expect:
        raise Invalid("Assertions belong to the steps of a suite.", {"expect": "they belong to its steps"})
    known = {**options.variables, **options.secrets}
    for name in known:
        variables.check_name(name)
    captured: dict[str, str] = {}
    for number, step in enumerate(options.steps, 1):
        try:
            _check(step, known, captured, judges)
            if captured.keys().isdisjoint(variables.used([step.url, step.options])):
                judges.checked(filled(step, {**captured, **known}, request, request.deadline))
            else:  # what is not known yet is judged when it is
                read_all(step.expect)
        except Invalid as error:
            raise Invalid(
                f"{called(number, step)}: {error}", {"steps": f"step {number}: {error}"[:300]}
            ) from error
        captured |= dict.fromkeys(step.capture, "x")


def _check(step: Step, known: Mapping[str, str], captured: Mapping[str, str], judges: Judges) -> None:
    missing = next(
        (name for name in variables.used(msgspec.to_builtins(step)) if name not in {*known, *captured}), None
    )
    if missing is not None:
        raise wrong("steps", f"no variable {missing[:40]!r} is known there")
    for name, source in step.capture.items():
        variables.check_name(name)
        variables.check_source(source)
    if not 0 <= step.deadline <= MAX_DEADLINE:
        raise wrong("steps", f"its deadline is between 0 and {MAX_DEADLINE:g} s")
    probe = judges.probe_of(step.url)
    if probe.kind in {KIND, JOURNEY}:  # a script is for administrators alone, a suite for every member
        raise wrong("steps", "a suite holds no suites and no journeys")
    _check_secrets(step, probe)


def _check_secrets(step: Step, probe: Probe) -> None:
    """Refuse a password that stands in a step: steps are shown, `secrets` are not."""
    for name in probe.secrets:
        found = step.options.get(name)
        pairs = found.items() if isinstance(found, Mapping) else [(name, found)]
        for key, value in pairs:
            named = key not in _FREE and (not isinstance(found, Mapping) or is_secret_name(str(key)))
            if named and isinstance(value, str) and value and not any(variables.used(value)):
                raise wrong("steps", f"put {key} into the secrets of the suite, and write ${{name}} here")
