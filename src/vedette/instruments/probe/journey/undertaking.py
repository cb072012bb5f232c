"""One journey from here: starts what confines it, hands it the script, hears what it tells, and sees that nothing of it stays."""

import array
import asyncio
import contextlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from vedette.instruments.probe.journey.ability import Able
from vedette.instruments.probe.journey.proxying import Proxy
from vedette.instruments.probe.journey.reporting import Ending, Report
from vedette.instruments.probe.masking import masked, without_torn
from vedette.instruments.probe.types import Cause, Failed, JourneyRules

_APART = Path(__file__).parent / "apart"
_PRINTED = 8_192
_MOST_BUFFERED = 100_000
_MOST_HEARD = 2_000_000
_HANDSHAKE, _STOPS = 10.0, 5.0
_DISK = 256 << 20
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


class Plan(NamedTuple):
    """What is undertaken: the job of the driver but for its proxy, by whom, and within which limits."""

    job: dict[str, object]
    able: Able
    rules: JourneyRules
    namespaces: bool = True


class Course:
    """What becomes of it: what is told line by line, what is printed, how it ended, and whether it had namespaces of its own."""

    def __init__(self) -> None:
        self.report = Report()
        self.printed = bytearray()
        self.ending = Ending()
        self.apart = False

    @property
    def text(self) -> str:
        """Return what was printed."""
        return self.printed.decode("utf-8", "replace")

    def shown(self, secrets: Collection[str]) -> str:
        """Return what was printed, secrets as dots, also one that stands where it was cut."""
        cut = len(self.printed) == _PRINTED
        return masked(without_torn(self.text, secrets) if cut else self.text, secrets)


class _Ours(NamedTuple):
    """Our ends of what leads to the process that confines."""

    control: socket.socket
    reports: BinaryIO
    process: asyncio.subprocess.Process


async def undertake(plan: Plan, proxy: Proxy, course: Course, begun: Callable[[], None]) -> None:
    """Run a journey until it has told its end, or was ended; `begun` is called once the page is there.

    Whenever this ends, by whatever, nothing of the journey is left. Raises `Failed` when it cannot be begun.
    """
    async with _home(plan) as home, _started(plan, home) as ours:
        listening, course.apart = await asyncio.to_thread(_listening, ours.control)
        await proxy.open(listening)
        tasks: list[asyncio.Task[None]] = []
        try:
            host, port = listening.getsockname()[:2]
            job = msgspec.json.encode({**plan.job, "proxy": f"http://{host}:{port}"})
            told = asyncio.create_task(_told(ours.reports, course.report, begun))
            ended = asyncio.create_task(_ended(ours.control, course))
            tasks = [
                told,
                ended,
                *(asyncio.create_task(one) for one in (_fed(ours, job), _printed(ours, course))),
            ]
            await asyncio.wait({told, ended}, return_when=asyncio.FIRST_COMPLETED)
            with contextlib.suppress(OSError):
                ours.control.shutdown(socket.SHUT_WR)
            await asyncio.wait(tasks, timeout=_STOPS)  # they end with the process that confines
        finally:
            await proxy.close()
            await _over(tasks)


@contextlib.asynccontextmanager
async def _home(plan: Plan) -> AsyncIterator[str]:
    """Make a folder that is the journey's own, within one that is ours and can be passed: so we may remove it with what is in it."""
    made = Path(tempfile.mkdtemp(prefix="vedette-journey-"))
    home = made / "home"
    try:
        made.chmod(0o711)
        home.mkdir(0o700)
        if plan.able.uid != os.getuid():
            os.chown(home, plan.able.uid, plan.able.gid)
        yield str(home)
    finally:
        with contextlib.suppress(OSError):
            home.rmdir()  # it was emptied by its owner, and may not be looked into by us
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, made, ignore_errors=True))


@contextlib.asynccontextmanager
async def _started(plan: Plan, home: str) -> AsyncIterator[_Ours]:
    """Start the process that confines; at the end it has ended, and with it all that it started."""
    control, theirs = socket.socketpair()
    into, out = os.pipe()
    with control, os.fdopen(into, "rb", buffering=0) as reports:
        try:
            process = await _begun(theirs, out)
        finally:
            theirs.close()
            os.close(out)
        try:
            _instructed(control, _limits(plan, home, out))
            yield _Ours(control, reports, process)
        finally:
            with contextlib.suppress(OSError):
                control.shutdown(socket.SHUT_RDWR)
            await asyncio.shield(_awaited(process))


async def _begun(theirs: socket.socket, out: int) -> asyncio.subprocess.Process:
    command = [sys.executable, "-I", "-B", str(_APART / "confining.py"), str(theirs.fileno())]
    try:
        return await asyncio.create_subprocess_exec(
            *command, pass_fds=(theirs.fileno(), out), start_new_session=True, env=_ENVIRONMENT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
    except OSError as error:
        raise Failed(
            Cause.NO_PERMISSION, f"Nothing could be started for the journey: {error.strerror}."
        ) from error


def _instructed(control: socket.socket, limits: dict[str, object]) -> None:
    control.settimeout(_HANDSHAKE)
    try:
        control.sendall(msgspec.json.encode(limits) + b"\n")
    except OSError as error:
        raise Failed(Cause.NO_PERMISSION, "What confines the journey has ended at once.") from error


def _limits(plan: Plan, home: str, report: int) -> dict[str, object]:
    """Return what the process that confines is told; nothing of it is secret."""
    return {
        "uid": plan.able.uid, "gid": plan.able.gid, "home": home, "report": report, "needs": plan.able.needs,
        "command": [sys.executable, "-I", "-B", "-u", str(_APART / "driving.py")], "environment": _ENVIRONMENT,
        "memory": plan.rules.megabytes << 20, "seconds": plan.rules.seconds, "disk": _DISK, "spaces": plan.namespaces,
    }  # fmt: skip


def _listening(control: socket.socket) -> tuple[socket.socket, bool]:
    """Return the socket that the browser will find as its proxy, and whether that is in a network of its own."""
    fds = array.array("i")
    try:
        said, found, _, _ = control.recvmsg(1, socket.CMSG_LEN(fds.itemsize))
    except OSError as error:
        raise Failed(Cause.NO_PERMISSION, "What confines the journey did not answer.") from error
    if said == b"-":
        return socket.create_server(("127.0.0.1", 0), backlog=256), False
    if not found:
        raise Failed(Cause.NO_PERMISSION, "What confines the journey has ended at once.")
    fds.frombytes(found[0][2][: fds.itemsize])
    return socket.socket(fileno=fds[0]), True


async def _fed(ours: _Ours, job: bytes) -> None:
    """Hand over the script with all that it knows."""
    if ours.process.stdin is None:
        return
    with contextlib.suppress(OSError):
        ours.process.stdin.write(job)
        await ours.process.stdin.drain()
        ours.process.stdin.close()


async def _told(reports: BinaryIO, report: Report, begun: Callable[[], None]) -> None:
    """Take line by line what is told, until the end is, nobody is left to tell, or it is more than anybody has to tell."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), reports)
    rest, heard = b"", 0
    try:
        while not report.ended and heard < _MOST_HEARD and (piece := await reader.read(_MOST_BUFFERED)):
            heard += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            had_begun = report.began
            for line in lines:
                report.take(line)
            if report.began and not had_begun:
                begun()
            rest = rest if len(rest) <= _MOST_BUFFERED else b""
    finally:
        transport.close()


async def _ended(control: socket.socket, course: Course) -> None:
    """Hear how it ended."""
    control.setblocking(False)
    loop, text = asyncio.get_running_loop(), b""
    with contextlib.suppress(OSError):
        while not text.endswith(b"\n") and (piece := await loop.sock_recv(control, 4_096)):
            text += piece
    with contextlib.suppress(msgspec.DecodeError):
        course.ending = msgspec.json.decode(text, type=Ending)


async def _printed(ours: _Ours, course: Course) -> None:
    """Keep the beginning of what is printed; who prints without end is heard no more, and waits for its deadline."""
    heard = 0
    while ours.process.stdout and heard < _MOST_HEARD and (piece := await ours.process.stdout.read(65_536)):
        heard += len(piece)
        course.printed.extend(piece[: max(0, _PRINTED - len(course.printed))])


async def _over(tasks: "list[asyncio.Task[None]]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _awaited(process: asyncio.subprocess.Process) -> None:
    """Wait for the end of what confines; it ends everything else first."""
    try:
        async with asyncio.timeout(_STOPS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
