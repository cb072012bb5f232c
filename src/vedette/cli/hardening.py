"""`vedette harden …`: hosts made harder over SSH. What is changed is proven by a new connection, or taken back.

Exits 0 when nothing was to do or it is done and proven, 2 when a plan has changes, and 1 for a fault and for what was taken back.
"""

import os
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cyclopts import Parameter

from vedette.cli.deploy_ground import ENDPOINT, TOKEN, At, cloud_of, fail
from vedette.cli.out import emit
from vedette.core.clock import SystemClock
from vedette.core.errors import Invalid, VedetteError
from vedette.deploy import offline
from vedette.deploy.types import Desired
from vedette.instruments.harden import judging, planning, telling, wanting, working
from vedette.instruments.harden.shell import Ssh
from vedette.instruments.harden.types import Ended, HardenPlan, Unreached, Wanted
from vedette.instruments.judges.types import Judgement
from vedette.wire.infra import Hardening, Rule

CHANGES, FAULT = 2, 1
_CLOCK = SystemClock()
_LEAST, _MOST = 1.0, 60.0  # minutes
_AT_ONCE = 8  # hosts
_WELL = frozenset({Ended.KEPT, Ended.UNCHANGED})
_SAYING = threading.Lock()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Way:
    """How hosts are reached.

    Parameters
    ----------
    user
        Who signs in, where the host does not say it: root, or somebody who becomes root by sudo without a password.
    identity
        The file of the private key; else what ssh takes by itself.
    ssh_option
        An option of ssh (ProxyJump=bastion); may be repeated.
    """

    user: str = ""
    identity: Path | None = None
    ssh_option: tuple[str, ...] = ()

    def words(self) -> list[str]:
        """Return it as words of ssh."""
        key = ["-i", str(self.identity), "-o", "IdentitiesOnly=yes"] if self.identity else []
        return [*key, *(word for each in self.ssh_option for word in ("-o", each))]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class What:
    """What is wanted.

    Parameters
    ----------
    profile
        cis-l1 or cis-l2; else what [harden] of the files says, or cis-l1.
    allow
        What a host's firewall lets in ("tcp/8080 from 10.0.0.0/8"); may be repeated; beside what files say.
    reboot
        When security updates may reboot a host (04:00), or never.
    databases
        Also change what applications of a database may notice: who is let in, TLS, where it listens.
    judge
        Who looks before and after: lynis or openscap, where they are installed on the host; may be repeated.
    datastream
        The file of rules for openscap (ssg-debian12-ds.xml); else the one that is on the host.
    """

    profile: str = ""
    allow: tuple[str, ...] = ()
    reboot: str = "04:00"
    databases: bool = False
    judge: tuple[str, ...] = ()
    datastream: Path | None = None

    def stream(self) -> bytes:
        """Return the rules for OpenSCAP, nothing where those of the host are meant."""
        try:
            return self.datastream.read_bytes() if self.datastream else b""
        except OSError as error:
            raise Invalid(f"{self.datastream}: {error.strerror}.") from None


_WAY, _WHAT = Way(), What()


def harden(
    *hosts: str, all: bool = False, infra: Path | None = None, plan: bool = False, undo: bool = False, yes: bool = False,  # noqa: A002 - the word people type
    minutes: float = 5.0, way: Way = _WAY, what: What = _WHAT, json: bool = False,
) -> None:  # fmt: skip
    """Make hosts harder over SSH, and prove by a new connection that people still get in; else everything is taken back.

    Parameters
    ----------
    hosts
        Where they are, as ssh knows them: web-1, ann@203.0.113.7:2222.
    all
        Every server of the files, under its name as ssh knows it, or under its address where an API token is told.
    infra
        The folder (or file) that says which rules let in, what must be reached, the profile, and what is waived.
    plan
        Tell what would be changed; nothing is.
    undo
        Take back the run that was kept last, instead; a new connection proves that, too.
    yes
        Do not ask.
    minutes
        After how many a host takes everything back by itself, unless we got in again.
    json
        Print JSON, a line for each host.
    """
    if not _LEAST <= minutes <= _MOST:
        raise Invalid(f"--minutes is from {_LEAST:g} to {_MOST:g}.")
    desired = _desired(infra or Path()) if infra is not None or all else None
    meant = [*((each, _name(each)) for each in hosts), *(_every(desired) if all and desired else ())]
    if not meant:
        raise Invalid("Name a host (vedette harden root@web-1), or --all for those of the files.")
    said = _said(desired, what)
    for each in wanting.over(said, _CLOCK.now()):
        print(each, file=sys.stderr)
    order = _Order(plan, yes or plan, minutes, way, what.judge, what.stream(), json)
    jobs = [
        _Job(host, None if undo else _wanted(server, desired, said, what), order) for host, server in meant
    ]
    sys.exit(max(_all(jobs, order), key=(0, CHANGES, FAULT).index))


class _Order(NamedTuple):
    only: bool
    yes: bool
    minutes: float
    way: Way
    judges: tuple[str, ...]
    stream: bytes  # rules for OpenSCAP
    json: bool


class _Job(NamedTuple):
    """Work on a host; what it says is said in one piece, whoever works beside it."""

    host: str
    wanted: Wanted | None  # None: its last run is taken back
    order: _Order

    def shell(self) -> Ssh:
        """Return the host; raises `Invalid` for a name that is none."""
        user = self.order.way.user
        return Ssh(
            self.host if "@" in self.host or not user else f"{user}@{self.host}", self.order.way.words()
        )

    def say(self, document: dict[str, object], text: str) -> None:
        """Print a piece."""
        with _SAYING:
            emit({"host": self.host, **document}, text, json=self.order.json)

    def complain(self, error: Exception) -> None:
        """Print on the side what went wrong."""
        with _SAYING:
            print(f"{self.host}: {' '.join(str(error).split())}", file=sys.stderr, flush=True)


def _all(jobs: Sequence[_Job], order: _Order) -> list[int]:
    """Work on hosts beside each other; one after the other where somebody has to be asked about each."""
    with ThreadPoolExecutor(_AT_ONCE if order.yes else 1) as pool:
        return list(pool.map(_one, jobs))


def _one(job: _Job) -> int:
    """Work on one host; what goes wrong with it does not keep the others."""
    try:
        return _undone(job) if job.wanted is None else _hardened(job, job.wanted)
    except VedetteError as error:
        job.complain(error)
        return FAULT


def _wanted(server: str, desired: Desired | None, said: Hardening, what: What) -> Wanted:
    rules = _rules(server, desired, what)
    return wanting.wanted(said, _CLOCK.now(), rules, reboot=what.reboot, databases=what.databases)


def _hardened(job: _Job, wanted: Wanted) -> int:
    host, order = job.host, job.order
    if order.only:
        found = planning.plan(working.look(job.shell()), wanted)
        job.say({"plan": found}, telling.plan(host, found))
        return CHANGES if found.changes else 0

    def agree(plan: HardenPlan) -> bool:
        return _agreed(job, telling.plan(host, plan), f"Make {host} harder?")

    done = judging.beside(
        lambda: working.harden(job.shell(), wanted, order.minutes, _tools(agree)),
        lambda judge: _look(job, judge, wanted),
        order.judges,
    )
    job.say({"hardened": done}, telling.outcome(host, done))
    return 0 if done.ended in _WELL else FAULT


def _look(job: _Job, judge: str, wanted: Wanted) -> Judgement | None:
    """Let a judge look; one who cannot is told, and keeps nobody from the work."""
    try:
        return judging.judged(job.shell(), judge, wanted.level, job.order.stream)
    except Unreached as error:
        job.complain(error)
        return None


def _undone(job: _Job) -> int:
    host, order = job.host, job.order
    kept = working.former(job.shell())
    text = telling.undoing(host, kept)
    if order.only or kept is None:
        job.say({"former": kept}, text)
        return CHANGES if kept is not None else 0
    if not _agreed(job, text, f"Take {host} back?"):
        job.say({"undone": None}, f"{host}: nothing was taken back.")
        return 0
    done = working.undo(job.shell(), kept, order.minutes, _tools(lambda _: True))
    job.say({"undone": done}, telling.undone(host, done))
    return 0 if done.ended in _WELL else FAULT


def _tools(agree: working.Agree) -> working.Tools:
    return working.Tools(agree, _CLOCK, threading.Event().wait)


def _agreed(job: _Job, text: str, question: str) -> bool:
    if not job.order.json:
        with _SAYING:
            print(text, flush=True)
    if job.order.yes:
        return True
    if not sys.stdin.isatty():
        raise Invalid("Nobody is here to ask; look at --plan, then add --yes.")
    return input(f"{question} Type yes: ").strip() == "yes"


def _desired(path: Path) -> Desired:
    found = offline.opened(path)
    if found.desired is None:
        fail(*(str(each) for each in found.faults))
    return found.desired


def _every(desired: Desired) -> list[tuple[str, str]]:
    """Return where the servers of the files are, and their names: under their addresses, where Hetzner can be asked, else under their names."""
    names = [one.name for one in desired.things if one.kind == "server"]
    if not os.environ.get(TOKEN):
        return [(name, name) for name in names]
    live = offline.seen(cloud_of(At(endpoint=os.environ.get(ENDPOINT, ""))), desired.project, _CLOCK.now())
    known = {
        one.name: str(one.fields.get("ipv4") or one.fields.get("ipv6") or "")
        for one in live.things
        if one.kind == "server"
    }
    return [(known.get(name) or name, name) for name in names]


def _said(desired: Desired | None, what: What) -> Hardening:
    said = desired.harden if desired else Hardening()
    return Hardening(profile=what.profile or said.profile, waive=said.waive)


def _rules(server: str, desired: Desired | None, what: What) -> tuple[Rule, ...] | None:
    """Return what lets in to a server: what files say of the server of that name, and what was typed; None where nobody said anything."""
    told = offline.host_rules(desired, server) if desired else None
    if desired and told is None:
        print(f"No file speaks of a server {server}: of what lets in, only --allow counts.", file=sys.stderr)
    if told is None and not what.allow:
        return None
    typed = offline.typed_rules(what.allow, desired)
    return (*(told or ()), *typed)


def _name(host: str) -> str:
    return host.rpartition("@")[2].partition(":")[0]
