"""Programs that run before and after a backup: each alone, with a time limit, ended with all it started."""

import contextlib
import shlex
from collections.abc import Mapping, Sequence

from vedette.instruments.backup import program
from vedette.instruments.backup.phrasing import span
from vedette.instruments.backup.types import Failed, Tools
from vedette.wire.backup import Failure, Hook, Limits

_MOST_SAID = 300


def run(hooks: Sequence[Hook], when: str, env: Mapping[str, str], tools: Tools, limits: Limits) -> None:
    """Run the hooks in order; raises `Failed(HOOK)` at the first that fails, hangs or is not there."""
    for hook in hooks:
        _one(hook, when, env, tools, limits)


def run_all(
    hooks: Sequence[Hook], when: str, env: Mapping[str, str], tools: Tools, limits: Limits
) -> Failed | None:
    """Run all hooks, whatever becomes of each; return the first failure."""
    failures = []
    for hook in hooks:
        try:
            _one(hook, when, env, tools, limits)
        except Failed as error:
            failures.append(error)
    return failures[0] if failures else None


def _one(hook: Hook, when: str, env: Mapping[str, str], tools: Tools, limits: Limits) -> None:
    if not hook.run:
        raise Failed(Failure.HOOK, f"A hook {when} the backup names no program.")
    name = shlex.join(hook.run)[:_MOST_SAID]
    try:
        done = program.run(hook.run, tools=tools, env=env, seconds=hook.seconds, limits=limits)
    except Failed as error:
        if error.failure is Failure.TIMEOUT:
            why = f"it was ended after {span(hook.seconds)} with all it had started"
        elif error.failure is Failure.NO_TOOL:
            why = str(error)
        else:
            raise
        raise Failed(
            Failure.HOOK, f"What runs {when} the backup failed ({name}): {why}.", error.output
        ) from error
    if done.code:
        said = _last_line(done.said)
        raise Failed(Failure.HOOK, f"What runs {when} the backup failed ({name}): it ended with {done.code}{said}.", done.said)  # fmt: skip


def _last_line(said: str) -> str:
    with contextlib.suppress(IndexError):
        return f" and said: {said.strip().splitlines()[-1][:_MOST_SAID].rstrip('.')}"
    return ""
