"""Roles outlive any fault, stop when told, and drain what is left."""

import threading
from collections.abc import Callable

from vedette.app.roles import Crew, Role, RoleThread

SOON = 5.0


class Work:
    """A role that does what each entry of its script says, then waits to be stopped."""

    def __init__(self, *script: Callable[[], None]) -> None:
        self.script = list(script)
        self.done: list[str] = []
        self.idle = threading.Event()
        self.stopped = threading.Event()

    def step(self) -> None:
        if self.script:
            self.script.pop(0)()
            self.done.append("step")
        else:
            self.idle.set()
            self.stopped.wait(SOON)

    def role(self, name: str = "worker") -> Role:
        return Role(
            name=name,
            step=self.step,
            wake=self.stopped.set,
            drain=lambda: self.done.append("drain"),
            recover=lambda: self.done.append("recover"),
        )


def fail() -> None:
    raise RuntimeError("a fault nobody foresaw")


def quietly() -> None:
    """Do nothing wrong."""


def test_a_fault_is_counted_and_the_role_goes_on() -> None:
    work = Work(quietly, fail, fail, quietly)
    thread = RoleThread(work.role(), backoff=(0.0,))
    thread.start()
    assert work.idle.wait(SOON)
    assert work.done == ["step", "recover", "recover", "step"]
    assert thread.failures == 0
    assert thread.last_error == "RuntimeError: a fault nobody foresaw"
    thread.stop()
    assert thread.join(SOON)
    assert work.done[-2:] == ["drain", "recover"]


def test_a_fault_that_stays_keeps_its_count_and_backs_off() -> None:
    work = Work(fail, fail, fail)
    thread = RoleThread(work.role(), backoff=(0.0, 0.0, 3600.0))
    thread.start()
    deadline = threading.Event()
    while thread.failures < 3:
        assert not deadline.wait(0.001)
    assert thread.alive
    thread.stop()
    assert thread.join(SOON), "the pause ends when the role is told to stop"


def test_a_fault_while_draining_ends_the_thread_all_the_same() -> None:
    work = Work()
    role = Role(name="x", step=work.step, wake=work.stopped.set, drain=fail, recover=fail)
    thread = RoleThread(role)
    thread.start()
    thread.stop()
    assert thread.join(SOON)


def test_a_crew_stops_in_order_and_names_who_does_not_end() -> None:
    first, second = Work(), Work()
    crew = Crew([first.role("first"), second.role("second")])
    crew.start()
    assert crew.stop() == ()
    assert not any(thread.alive for thread in crew.threads)


def test_who_failed_thrice_or_ended_is_unwell() -> None:
    bad, good = Work(fail, fail, fail), Work()
    crew = Crew([bad.role("bad"), good.role("good")])
    assert crew.unwell() == ("bad", "good"), "nobody has started"
    for thread in crew.threads:
        thread._backoff = (0.0, 0.0, 3600.0)
    crew.start()
    pause = threading.Event()
    while crew.unwell() != ("bad",):
        assert not pause.wait(0.001)
    crew.stop()


def test_a_stuck_role_does_not_hold_the_others() -> None:
    held, well = threading.Event(), Work()

    def hang() -> None:
        held.wait(60)

    stuck = Role(name="stuck", step=hang)
    crew = Crew([stuck, well.role()], seconds=0.2)
    crew.start()
    assert well.idle.wait(SOON)
    assert "stuck" in crew.stop()
    held.set()
