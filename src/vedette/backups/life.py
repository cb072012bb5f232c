"""What becomes of a run, a drill or a restore as its host tells of it. Pure; a host may write what it wants.

What is over stays as it was. Good is only what proves itself: a backup that was stored and read back, a drill that looked
at something and found all of it well, each as its host's key signed it where it comes with a signature.
"""

import enum

import msgspec

from vedette.wire.backup import BackupRun, DrillRun, Failure, RestoreRun, Stage

Act = BackupRun | DrillRun | RestoreRun
SILENT = 900.0  # seconds without a word after which what ran counts as interrupted
AHEAD = 300.0  # seconds that a host's clock may be ahead
_SILENT = "The host told nothing more of it."
_FORGED = "It is not as the key of its host signed it: it was changed, or another key signed it."


class Step(enum.StrEnum):
    """What a report did: it began something, went on, ended it, or counts for nothing."""

    BEGAN = "began"
    WENT_ON = "went-on"
    ENDED = "ended"
    STALE = "stale"


def step(known: Act | None, told: Act) -> Step:
    """Return what a report does to what is known under its id."""
    if known is not None and (type(known) is not type(told) or _is_over(known)):
        return Step.STALE
    if told.stage is not Stage.RUNNING:
        return Step.ENDED
    return Step.BEGAN if known is None else Step.WENT_ON


def verdict(one: Act, *, signed: bool | None = None) -> tuple[Stage, Failure | None, str]:
    """Return how something ended, by what it shows and not by what it says: its stage, failure, and why in a sentence.

    `signed` tells whether its signature holds, None where nobody looked or it has none.
    """
    if one.stage is not Stage.DONE:
        return one.stage, one.failure, one.sentence
    why = _doubt(one) or (_FORGED if signed is False else "")
    return (Stage.FAILED, Failure.NOT_PROVEN, why) if why else (Stage.DONE, None, one.sentence)


def is_good(one: Act) -> bool:
    """Tell whether something is over and proved itself."""
    return verdict(one)[0] is Stage.DONE


def judged(one: Act, *, signed: bool | None = None) -> Act:
    """Return something as it is shown: one that says it is done and proves nothing has failed; `signed` as in `verdict`."""
    stage, failure, sentence = verdict(one, signed=signed)
    if stage is one.stage:
        return one
    return msgspec.structs.replace(one, stage=stage, failure=failure, sentence=sentence)


def silenced(one: Act, at: float) -> Act:
    """Return something of which its host told nothing more: it was interrupted."""
    return msgspec.structs.replace(
        one, stage=Stage.FAILED, failure=Failure.INTERRUPTED, ended_at=at, sentence=_SILENT,
        fix="See whether the host and its agent are up; then run it again.",
    )  # fmt: skip


def _is_over(one: Act) -> bool:
    """Tell whether something is over by its host's own word: what was only not heard of may still come to its end."""
    return one.stage is not Stage.RUNNING and one.sentence != _SILENT


def _doubt(one: Act) -> str:
    if one.failure is not None or one.ended_at is None:
        return (
            f"It says that it is done, and that it failed ({one.failure})."
            if one.failure
            else "It says no end."
        )
    if isinstance(one, BackupRun):
        return _doubt_of_run(one)
    failed = [check for check in one.checks if not check.passed]
    if failed:
        return f"{failed[0].name}: {failed[0].text}"
    if isinstance(one, DrillRun) and not one.checks:
        return "Nothing that was restored was looked at."
    return "" if one.bytes or one.files or isinstance(one, DrillRun) else "Nothing was restored."


def _doubt_of_run(one: BackupRun) -> str:
    if not one.snapshot:
        return "Nothing was stored."
    if not one.verified:
        return "What was stored was not read back."
    return "" if one.manifest is not None and one.manifest.parts else "It does not say what it holds."
