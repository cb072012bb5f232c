"""Acts on copies of plans, without a server: each is noted while it runs, and its signed report is kept."""

import contextlib
import getpass
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import FrameType

import msgspec

from vedette.cli import backup_plans, backup_progress, backup_telling
from vedette.cli.backup_options import Where
from vedette.cli.backup_plans import PASSWORD
from vedette.cli.backup_state import Report, State, folder_of
from vedette.cli.out import emit
from vedette.core.clock import SystemClock
from vedette.core.errors import ConfigError
from vedette.core.ids import new_id
from vedette.instruments.backup import words
from vedette.instruments.backup.types import Failed, Repository, Secret, Tell, Tools, untold
from vedette.instruments.backup.working import Work, failed_by, red, repository_of
from vedette.wire.backup import Copy, Plan, Stage


class Desk:
    """What a command works with: plans, state, the clock."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.now = SystemClock().now
        self.state = State(folder_of(where.state))

    def works(self, name: str, tell: Tell = untold, *, make_password: bool = False) -> Iterator[Work]:
        """Yield an act for each copy that is meant."""
        plan = backup_plans.plan(self.where, name)
        for copy in backup_plans.copies(plan, self.where.copy):
            yield self._work(plan, copy, tell, make_password=make_password)

    def work(self, name: str, tell: Tell = untold) -> Work:
        """Return an act on the copy that is meant, the first where none is named."""
        return next(self.works(name, tell))

    def known(self, plan: Plan) -> Iterator[Repository]:
        """Yield the copies of a plan as the state knows them, without their secrets."""
        for copy in backup_plans.copies(plan, self.where.copy):
            yield Repository(name=f"{plan.name}/{copy.name}", at=copy.at, password=Secret(""))

    def repository(self, plan: Plan, copy: Copy, *, make_password: bool = False) -> Repository:
        """Return a copy's repository with its secrets; raises `ConfigError` where no password is known."""
        secrets = backup_plans.secrets(self.where, copy)
        if PASSWORD not in secrets:
            secrets[PASSWORD] = self._password(f"{plan.name}/{copy.name}", copy.at, make=make_password)
        return repository_of(plan, copy, secrets)

    def _work(self, plan: Plan, copy: Copy, tell: Tell, *, make_password: bool) -> Work:
        tools = Tools(now=self.now, state=self.state.folder, tell=tell, deadline=plan.limits.seconds)
        repository = self.repository(plan, copy, make_password=make_password)
        return Work(id=new_id(), plan=plan, copy=copy, repository=repository, tools=tools)

    def _password(self, name: str, at: str, *, make: bool) -> str:
        known = self.state.password(name, at)
        if known:
            return known
        if not make:
            return self._asked(name)
        password = words.new_password().reveal()
        self.state.keep_password(name, at, password)
        print(f"A password was made for {at} and is kept in {self.state.folder}. Print its recovery sheet now: vedette backup sheet.", file=sys.stderr)  # fmt: skip
        return password

    def _asked(self, name: str) -> str:
        """Return the password as a person types it from the sheet; raises `ConfigError` where there is nobody to ask."""
        if self.where.json or not sys.stdin.isatty():
            raise ConfigError(
                f"The password of {name} is not known here; hand it in with --password-file FILE."
            )
        typed = getpass.getpass(f"Password of {name} (on its recovery sheet; it is not shown): ")
        if not typed.strip():
            raise ConfigError(f"No password of {name} was typed.")
        return words.understood(typed)


def acted(work: Work, desk: Desk, begun: Report, act: Callable[[], Report]) -> Report:
    """Do an act and return its report, signed and kept; a killed one is told of by whoever comes next."""
    # Signals first: one that came between the note and our hearing it would leave the note of somebody who was killed.
    with _ended_by_signals(), desk.state.under_way(work.repository, begun):
        return desk.state.keep(work.repository, _ended(work, begun, act))


def _ended(work: Work, begun: Report, act: Callable[[], Report]) -> Report:
    """Return the report of an act, also when it was ended before it could make one."""
    ended, failed = list[Report](), list[Failed]()
    with failed_by(failed.append):
        ended.append(act())
    if ended:
        return ended[0]
    return red(msgspec.structs.replace(begun, ended_at=work.tools.now()), failed[0])


def told(found: Report, desk: Desk) -> bool:
    """Print a report; tell whether it ended well."""
    emit(found, backup_telling.report(found), json=desk.where.json)
    return found.stage is Stage.DONE


def progress(desk: Desk) -> AbstractContextManager[Tell]:
    """Return the bar of a command."""
    return backup_progress.shown(quiet=desk.where.quiet)


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end an act as Ctrl-C does: locks are given back, and the report says so."""
    before = {one: signal.signal(one, _interrupt) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt
