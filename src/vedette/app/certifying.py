"""The process beside the supervisor that answers on port 80 and looks after the certificate (`python -m`, by `certifier`).

It stays small: each try is a short process of its own (`app/ordering`), which alone loads what ACME and X.509 need.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys

import msgspec

from vedette.app.lifeline import end_with
from vedette.certificates import failing, renewing, telling
from vedette.certificates.answering import Desk
from vedette.certificates.keeping import Folder
from vedette.certificates.types import Outcome, Wanted
from vedette.core import ids
from vedette.core import settings as core_settings
from vedette.core.clock import Clock, SystemClock
from vedette.core.errors import ConfigError
from vedette.core.settings import Settings

FIRST_SECONDS = 20.0  # a start waits so long for the first certificate before another one stands in
LOOK_SECONDS = 30.0  # a clock that was set is noticed after so long
TRY_SECONDS = 150.0
RELOAD_SECONDS = 120.0  # a reload that showed nothing new is asked for again after so long
_OUTCOME = msgspec.json.Decoder(Outcome)


class Keeper:
    """Plans, has the authority asked, keeps how it ended; `ready` is told once, `reload` with each new certificate."""

    def __init__(self, settings: Settings, clock: Clock, ready: int, supervisor: int) -> None:
        self.wanted = Wanted(settings.names, settings.acme_url)
        self.folder = Folder(settings.data)
        self._clock, self._ready, self._supervisor = clock, ready, supervisor
        self._going, self._reloaded = False, 0.0

    def go(self) -> None:
        """Note that the supervisor takes reloads from here on."""
        self._going = True
        self.reload()

    async def run(self) -> None:
        """Look after the certificate for ever."""
        started = True
        if renewing.covers(self.folder.certificate(), self.wanted):
            self._tell_ready()
        while True:
            certificate, standing = self.folder.certificate(), self.folder.standing(self.wanted)
            due = renewing.plan(certificate, standing, started=started)
            self.reload()
            left = due.at - self._clock.now()
            if left > 0:
                await self._stand_in()
                await asyncio.sleep(min(left, LOOK_SECONDS))
                continue
            started = False
            await self._try()

    async def _try(self) -> None:
        where = telling.authority(self.wanted.directory)
        _say(
            f"Asking {where} for a certificate for {', '.join(self.wanted.names)}; its terms of service are agreed to."
        )
        asking = asyncio.create_task(_run("order", TRY_SECONDS))
        if self._ready >= 0:
            await asyncio.wait([asking], timeout=FIRST_SECONDS)
            if not asking.done():
                await self._stand_in()
        self._concluded(await asking)

    def _concluded(self, outcome: Outcome) -> None:
        now = self._clock.now()
        if not outcome.error:
            self.folder.keep(renewing.succeeded(self.wanted, now))
            self._reloaded = 0.0
            self._tell_ready()
            self.reload()
        else:
            standing = self.folder.standing(self.wanted)
            chance = ids.jitter(1.0, 1.0) / 2
            self.folder.keep(renewing.failed(standing, outcome, now, chance, self.folder.certificate()))
        self._report()

    async def _stand_in(self) -> None:
        """Have something to show: what is installed for other names, else a certificate signed by itself."""
        if self._ready < 0:
            return
        if self.folder.installed() is None:
            outcome = await _run("stand-in", TRY_SECONDS)
            if outcome.error:
                raise ConfigError(outcome.error)
            _say("Until the first certificate is there, HTTPS shows one signed by itself, and browsers warn of it.")  # fmt: skip
        self._tell_ready()

    def _report(self) -> None:
        standing, certificate = self.folder.standing(self.wanted), self.folder.certificate()
        found = telling.report(certificate, standing, self._clock.now())
        if standing.failures:
            _say(f"No certificate: {standing.error} The next try is {found.facts['Next try']}.")
        else:
            _say(found.sentence)

    def _tell_ready(self) -> None:
        ready, self._ready = self._ready, -1
        if ready >= 0:
            with contextlib.suppress(OSError):
                os.write(ready, b"r")
            os.close(ready)

    def reload(self) -> None:
        """Ask for a reload while what is shown is not what is installed: a signal may be lost, a worker may not start."""
        certificate, now = self.folder.certificate(), self._clock.now()
        if not self._going or certificate is None or certificate.serial == self.folder.shown():
            return
        if not 0 <= now - self._reloaded < RELOAD_SECONDS:
            self._reloaded = now
            os.kill(self._supervisor, signal.SIGHUP)


async def _run(what: str, seconds: float) -> Outcome:
    """Run one try in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "vedette.app.ordering", what, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )  # fmt: skip
    try:
        async with asyncio.timeout(seconds):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return failing.away("the whole try took too long.")
    except asyncio.CancelledError:
        process.terminate()
        raise
    try:
        return _OUTCOME.decode(said)
    except msgspec.DecodeError:
        return failing.ours(
            f"The try ended without a word (status {process.returncode}); the log tells more."
        )


async def _stand(settings: Settings, listener: socket.socket, ready: int, supervisor: int) -> None:
    loop = asyncio.get_running_loop()
    keeper = Keeper(settings, SystemClock(), ready, supervisor)
    desk = Desk(settings.names, settings.port, keeper.folder.proof)
    await desk.open(listener)
    keeping = asyncio.create_task(keeper.run())

    def heard() -> None:
        if os.read(0, 1) == b"g":
            keeper.go()
        else:
            keeping.cancel()

    loop.add_reader(0, heard)
    loop.add_signal_handler(signal.SIGTERM, keeping.cancel)
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # a terminal tells all; the supervisor tells us
    with contextlib.suppress(asyncio.CancelledError):
        await keeping


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main(listener: int, ready: int, supervisor: int) -> None:
    """Stand at port 80 until the supervisor ends; the first two are file descriptors."""
    end_with(supervisor, signal.SIGTERM)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.umask(0o077)
    try:
        asyncio.run(_stand(core_settings.load(), socket.socket(fileno=listener), ready, supervisor))
    except (ConfigError, OSError) as error:
        _say(f"Certificates: {error}")
        sys.exit(1)


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:4]))
