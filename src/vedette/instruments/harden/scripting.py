"""Plans as scripts for hosts: what is touched is kept before, a timer takes all of it back unless it is proven. Pure."""

import base64
import shlex
from collections.abc import Iterator, Sequence

from vedette.instruments.harden.asking import remote
from vedette.instruments.harden.types import (
    Enabled,
    Former,
    HardenPlan,
    Mode,
    Packages,
    Planned,
    Put,
    Run,
    Service,
    Step,
    Value,
)
from vedette.instruments.hardened.types import HardeningManifest, packed

DONE = "done"
_LAST = (Service.RULES, Service.TABLE, Service.SSHD)  # told after all others: by them people come in


def applying(plan: HardenPlan, run: str, seconds: int) -> str:
    """Return the script that carries a plan out as the run of a name, and takes it back after so many seconds unless `proving` came."""
    changes = plan.changes
    early = [(each, step) for each in changes for step in each.steps if isinstance(step, Packages)]
    late = [(each, step) for each in changes for step in each.steps if not isinstance(step, Packages)]
    rows = [
        *(_row(each, step) for each, step in early),
        f"arm {seconds} || failed 'the timer that takes it back could not be set'",
    ]
    rows += [f"before_reload {each}" for each in _services(changes)]
    rows += [_row(each, step) for each, step in late]
    rows += _proofs(changes)
    rows += [_do(f"{each} reads its files anew", "reload", each) for each in _services(changes)]
    return _program(f"begin {shlex.quote(run)}", *rows, f"echo {DONE}")


def asking_former() -> str:
    """Return the script that tells of the run that was kept last; it changes nothing."""
    return _program("tell_former")


def undoing(former: str, run: str, seconds: int) -> str:
    """Return the script that takes a kept run back, as a run of its own: that is itself taken back after so many seconds unless `proving` came."""
    rows = [
        f"begin {shlex.quote(run)}",
        f"undoes {shlex.quote(former)}",
        f"arm {seconds} || failed 'the timer that takes it back could not be set'",
        "take_former",
    ]
    return _program(*rows, f"echo {DONE}")


def read_former(out: bytes) -> Former | None:
    """Return the run that a host told of, None where it knows none; raises `ValueError` for what is no answer."""
    rows = [line.split("\t") for line in out.decode("ascii").splitlines()]
    heads = [row for row in rows if row[0] == "run"]
    if not heads and ["none"] in rows:
        return None
    ((_, run, at),) = heads
    told = {
        word: tuple(_path(row[1]) for row in rows if row[0] == word)
        for word in ("would", "stays", "packages")
    }
    packages = tuple(name for each in told["packages"] for name in each.split())
    return Former(run=run, at=float(at), paths=told["would"], stays=told["stays"], packages=packages)


def _path(coded: str) -> str:
    return base64.urlsafe_b64decode(coded).decode("utf-8", "replace")


def proving(run: str) -> str:
    """Return the script that says: a new connection came through, so what the run did is kept."""
    return _program(f"confirm {shlex.quote(run)}")


def refusing(run: str) -> str:
    """Return the script that says: nobody came through, so all that the run did is taken back now."""
    return _program(f"refuse {shlex.quote(run)}")


def remembering(manifest: HardeningManifest) -> str:
    """Return the script that leaves on the host what is so now, for the agent there."""
    return _program(f"leave_manifest {base64.b64encode(packed(manifest)).decode()}")


def asking(run: str) -> str:
    """Return the script that tells what became of a run: `kept`, `back` or `waits`."""
    return _program(f"state {shlex.quote(run)}")


def _program(*rows: str) -> str:
    library = remote("apply.sh")
    coded = base64.b64encode(library.encode()).decode()
    return "\n".join([f"PROGRAM={coded}", library, *rows, ""])


def _services(changes: Sequence[Planned]) -> list[Service]:
    found = {each.reload for each in changes if each.reload is not None and _more_than_packages(each)}
    return sorted(found, key=lambda one: (one in _LAST, _LAST.index(one) if one in _LAST else 0, one))


def _more_than_packages(planned: Planned) -> bool:
    return any(not isinstance(step, Packages) for step in planned.steps)


def _proofs(changes: Sequence[Planned]) -> list[str]:
    found: dict[str, str] = {
        each.proof: each.title for each in changes if each.proof and _more_than_packages(each)
    }
    return [_do(f"the proof of “{title}” failed", "eval", proof) for proof, title in found.items()]


def _row(planned: Planned, step: Step) -> str:
    return _do(planned.measure, *_words(step))


def _do(told: str, *words: str) -> str:
    return f"do_step {shlex.join([told, *words])}"


def _words(step: Step) -> Iterator[str]:
    match step:
        case Put():
            yield from (
                "put",
                step.path,
                f"{step.mode:o}",
                step.owner,
                step.group,
                base64.b64encode(step.text.encode()).decode(),
            )
        case Mode():
            yield from ("mode", step.path, f"{step.most:o}", step.owner, step.group)
        case Value():
            yield from ("value", step.name, step.value)
        case Packages():
            yield from ("packages_in" if step.there else "packages_out", *step.names)
        case Enabled():
            yield from ("enabled", step.unit)
        case Run():
            yield from ("ran", step.command, *step.touches)
