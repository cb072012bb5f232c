"""The process of one act (`python -m`): it reads what is to be done, says how far it is, and ends when who started it does.

SIGTERM ends it as Ctrl-C does: what it runs is ended first, and its lock given back.
"""

import _thread
import os
import signal
import threading
from typing import IO, NoReturn

from vedette.agent.backing import acts, jobs
from vedette.core.clock import SystemClock
from vedette.wire.backup import BackupReport

_LOWEST = 19


def main(asked: IO[bytes], told: IO[bytes]) -> None:
    """Do one act."""
    job = jobs.read_job(asked)
    signal.signal(signal.SIGTERM, _interrupt)
    threading.Thread(target=_end_with, args=(asked.fileno(),), daemon=True).start()
    os.nice(job.plan.limits.nice if job.plan else _LOWEST)

    def say(report: BackupReport) -> None:
        jobs.write(told, report)

    acts.perform(job, SystemClock(), say)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _end_with(asked: int) -> None:
    """End when whoever started us does: it holds this open for as long as it lives."""
    os.read(asked, 1)
    _thread.interrupt_main()


if __name__ == "__main__":
    # What is said goes through a descriptor of its own: what else is printed must not come between.
    frames = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    main(os.fdopen(0, "rb", buffering=0), frames)
