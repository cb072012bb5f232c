"""`vedette deploy …`: a Hetzner project as files say it. Reads are free; what changes something says so first.

Exits 0 when there was nothing to do or it is done, 2 when a plan has changes or an intent does not hold, and 1 for a fault.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from vedette.cli import deploy_drifting, deploy_witnessing
from vedette.cli.deploy_ground import NOWHERE, At, cloud_of, desired_of, state_of
from vedette.cli.out import emit
from vedette.core.clock import SystemClock
from vedette.core.errors import Invalid, VedetteError
from vedette.deploy import offline
from vedette.deploy.types import Applied, DangerKind, Desired, Planned, Step, Wish
from vedette.instruments.hetzner.cloud import Cloud
from vedette.wire.infra import Verdict

CHANGES = 2
_HERE = Path()
_CLOCK = SystemClock()
_HELP = (
    "Keep a Hetzner project as files say: exits 0 when nothing is to do, 2 when something is, 1 for a fault."
)
APP = App(name="deploy", help=_HELP, version_flags=[], default_parameter=Parameter(negative=()))
APP.command(
    "vedette.cli.deploy_rolling:roll",
    name="roll",
    help="Roll a version out, batch by batch; back where it is not healthy.",
)
Targets = Annotated[
    tuple[str, ...],
    Parameter(
        name="--target", help="Only this, with what it waits for: web-1, server/web-*; may be repeated."
    ),
]
Accepted = Annotated[
    tuple[str, ...],
    Parameter(
        name="--accept",
        help=f"A danger that is accepted with --yes: {', '.join(DangerKind)}; may be repeated.",
    ),
]
Spot = Annotated[
    str,
    Parameter(
        name="--from", help="Where this machine or its scan stands: internet, a group, an address, a server."
    ),
]
Witnesses = Annotated[
    tuple[Path, ...],
    Parameter(name="--witness", help="What `vedette deploy witness` wrote on a server; may be repeated."),
]
Scans = Annotated[
    tuple[Path, ...],
    Parameter(name="--scan", help="What `vedette scan --json` wrote of ports; may be repeated."),
]
Unprotect = Annotated[bool, Parameter(help="Let what is protected go as well.")]


@APP.command(name="plan", help="Tell what would be done, and what a month costs then. Nothing is changed.")
def plan(
    folder: Path = _HERE, *, target: Targets = (), destroy: bool = False, unprotect: Unprotect = False,
    out: Path | None = None, picture: Path | None = None, at: At = NOWHERE,
) -> None:  # fmt: skip
    """Tell what would be done.

    Parameters
    ----------
    folder
        Where vedette.toml or infra/*.toml is, or one file; else the folder we are in.
    destroy
        What removing everything of ours would do.
    out
        Write the plan into a file, which `apply --plan` carries out if nothing changed since.
    picture
        Draw networks, and who reaches whom, into a file (SVG).
    """
    cloud = cloud_of(at)
    desired = desired_of(folder, cloud)
    planned = offline.plan(
        desired,
        cloud,
        _CLOCK.now(),
        Wish(targets=target, destroy=destroy, unprotect=unprotect),
    )
    if out is not None:
        _write(out, offline.saved(planned))
    if picture is not None:
        _write(picture, offline.picture(desired).encode())
    _show(planned, at)
    sys.exit(CHANGES if planned.changes else 0)


@APP.command(name="apply", help="Make it so: each change in its order, each read back.")
def apply(
    folder: Path = _HERE, *, target: Targets = (), unprotect: Unprotect = False,
    yes: bool = False, accept: Accepted = (), plan: Path | None = None, at: At = NOWHERE,
) -> None:  # fmt: skip
    """Make it so.

    Parameters
    ----------
    folder
        Where vedette.toml or infra/*.toml is, or one file; else the folder we are in.
    yes
        Do not ask. Dangers must then be accepted one by one.
    plan
        A file that `plan --out` wrote: only if what it says is still what would be done.
    """
    _accepted(accept)
    cloud = cloud_of(at)
    file = _read(plan) if plan is not None else b""
    wish = Wish(targets=target, unprotect=unprotect)

    def agree(planned: Planned) -> bool:
        if file:
            offline.require_still(planned, file)
        return _agreed(planned, at, yes=yes or bool(file), accept=accept if not file else tuple(DangerKind))

    _carry_out(desired_of(folder, cloud), cloud, at, wish, agree)


@APP.command(name="verify", help="Tell whether all is as the files say, and whether each intent holds.")
def verify(
    folder: Path = _HERE, *, probe: bool = False, spot: Spot = "", witness: Witnesses = (), scan: Scans = (), at: At = NOWHERE
) -> None:  # fmt: skip
    """Tell whether all is as the files say.

    Parameters
    ----------
    folder
        Where vedette.toml or infra/*.toml is, or one file; else the folder we are in.
    probe
        Try intents by connections from this machine, few and one after the other.
    """
    cloud = cloud_of(at)
    desired = desired_of(folder, cloud)
    verified = offline.verify(
        desired, cloud, _CLOCK.now(), witnesses=deploy_witnessing.witnesses_of(witness),
        findings=deploy_witnessing.findings_of(scan), spot=deploy_witnessing.stands(spot) if probe else spot,
        look=deploy_witnessing.look if probe else None,
    )  # fmt: skip
    emit(verified, offline.told(verified), json=at.json)
    good = not (verified.planned.changes or verified.odd)
    sys.exit(0 if good and all(each.verdict is Verdict.HOLDS for each in verified.intents) else CHANGES)


APP.command(deploy_drifting.drift, name="drift", help="Tell what moved at Hetzner since the last apply.")
APP.command(deploy_drifting.adopt, name="adopt", help="Let the files say what drifted: the smallest edit.")
APP.command(
    deploy_witnessing.looks, name="looks", help="Print what a server should try, for `witness` there."
)
APP.command(deploy_witnessing.witness, name="witness", help="Try it here, and tell of this host: no token.")


@APP.command(name="import", help="Write the file that says what is there. Nothing at Hetzner is changed.")
def import_(project: str, *, out: Path | None = None, at: At = NOWHERE) -> None:
    """Write the file that says what is there.

    Parameters
    ----------
    project
        The name that the project gets: lower-case letters, digits and dashes.
    out
        The file (infra/shop.toml), which must not be there yet; else it is printed.
    """
    if out is not None and out.exists():
        raise Invalid(f"{out} is there already; name another file, or move it away.")
    found = offline.imported(cloud_of(at), project, _CLOCK.now())
    left = {str(ref): why for ref, why in found.left.items()}
    if out is not None:
        _write(out, found.text.encode())
    emit(
        {"text": found.text, "left": left},
        found.text if out is None else f"{out} is written; look at it and plan with it.",
        json=at.json,
    )
    for ref, why in left.items():
        print(f"Left out: {ref}: {why}", file=sys.stderr)


@APP.command(name="destroy", help="Remove everything that files of this project made.")
def destroy(folder: Path = _HERE, *, name: str = "", unprotect: Unprotect = False, at: At = NOWHERE) -> None:
    """Remove everything of ours; what is foreign stays.

    Parameters
    ----------
    folder
        Where vedette.toml or infra/*.toml is, or one file; else the folder we are in.
    name
        The project's name, typed out; else it is asked for.
    """
    cloud = cloud_of(at)
    desired = desired_of(folder, cloud)

    def agree(planned: Planned) -> bool:
        _show(planned, at)
        typed = name or _asked(
            f"This cannot be undone. Type the project's name ({desired.project}) to remove all of it: "
        )
        if typed != desired.project:
            raise Invalid(f"{typed[:63]!r} is not the project's name; nothing was removed.")
        return True

    _carry_out(desired, cloud, at, Wish(destroy=True, unprotect=unprotect), agree)


def _carry_out(desired: Desired, cloud: Cloud, at: At, wish: Wish, agree: Callable[[Planned], bool]) -> None:
    tell = (lambda _: None) if at.json else _tell
    planned, applied = offline.apply(
        desired, cloud, state_of(at), _CLOCK.now, wish=wish, agree=agree, tell=tell
    )
    emit(applied, _ended(planned, applied), json=at.json)
    _note(desired, cloud, at, wish, applied)
    sys.exit(1 if applied.problems or applied.left else 0)


def _note(desired: Desired, cloud: Cloud, at: At, wish: Wish, applied: Applied) -> None:
    """Remember what is there, for `drift`; that this does not work undoes nothing."""
    try:
        if wish.destroy and applied.steps and not applied.problems:
            offline.forget(desired.project, state_of(at))
        elif applied.steps:
            offline.note(desired, cloud, state_of(at), _CLOCK.now(), applied)
    except VedetteError as error:
        print(f"What is there now was not remembered for `vedette deploy drift`: {error}", file=sys.stderr)


def _agreed(planned: Planned, at: At, *, yes: bool, accept: tuple[str, ...]) -> bool:
    _show(planned, at)
    if not yes:
        return _asked("Carry it out? Type yes: ") == "yes"
    refused = sorted({str(each.kind) for each in planned.dangers} - set(accept))
    if refused:
        raise Invalid(
            f"This plan has dangers that nobody accepted: {', '.join(refused)}. Read them above, then add --accept {' --accept '.join(refused)}."
        )
    return True


def _accepted(accept: tuple[str, ...]) -> None:
    for each in accept:
        if each not in set(DangerKind):
            raise Invalid(f"--accept {each[:40]} is no danger; there are {', '.join(DangerKind)}.")


def _ended(planned: Planned, applied: Applied) -> str:
    if not planned.changes and not applied.steps:
        return offline.summary(planned)
    if not applied.steps:
        return "Nothing was done."
    return offline.outcome(applied)


def _show(planned: Planned, at: At) -> None:
    emit(planned, offline.text(planned), json=at.json)


def _tell(step: Step) -> None:
    print(offline.step(step), flush=True)


def _asked(question: str) -> str:
    if not sys.stdin.isatty():
        raise Invalid("Nobody is here to ask; add --yes (or --name for destroy).")
    return input(question).strip()


def _write(path: Path, data: bytes) -> None:
    """Write a file that only its owner reads."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}.") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None
