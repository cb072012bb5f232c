"""libcurl's multi interface on an event loop: many transfers, no threads.

Source: libcurl's "Driving with the multi_socket API" (libcurl-multi(3)). curl tells which sockets to watch and when
to call again; what happened is told back by `socket_action`, and finished transfers are read from `info_read`.

The sockets are watched by an epoll of our own, which the loop watches as one file: a check has a socket for a few
milliseconds, and a loop's own watching of a file is made to last. What happened on many of them is told at once.
"""

import asyncio
import contextlib
import functools
import select
import weakref
from collections.abc import Mapping

import msgspec
import pycurl

_LOOPS: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, CurlLoop]" = weakref.WeakKeyDictionary()
_EVENTS = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}
_BROKEN = select.EPOLLERR | select.EPOLLHUP
_AT_ONCE = 256


class Ended(msgspec.Struct, frozen=True):
    """How a transfer ended: a CURLE_* code (0 is fine) and libcurl's words."""

    code: int
    words: str = ""


class CurlLoop:
    """The transfers of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._timer: asyncio.Handle | None = None
        self._epoll = select.epoll()
        self._watched: set[int] = set()
        loop.add_reader(self._epoll.fileno(), self._look)
        self._waiting: dict[pycurl.Curl, asyncio.Future[Ended]] = {}

    async def perform(self, curl: pycurl.Curl) -> Ended:
        """Run a transfer to its end; a caller that is cancelled ends it."""
        future: asyncio.Future[Ended] = self._loop.create_future()
        self._waiting[curl] = future
        self._multi.add_handle(curl)
        try:
            return await future
        finally:
            del self._waiting[curl]
            self._multi.remove_handle(curl)

    def close(self) -> None:
        """Let go of the sockets; for a loop that is closed."""
        self._multi.close()
        self._epoll.close()

    def _watch(self, what: int, fd: int, _multi: object, _data: object) -> None:
        """Watch a socket for what curl waits for on it; called by curl."""
        wanted = _EVENTS.get(what, 0)
        if not wanted:
            self._watched.discard(fd)
            with contextlib.suppress(OSError):  # closed already
                self._epoll.unregister(fd)
        elif fd in self._watched:
            self._epoll.modify(fd, wanted)
        else:
            self._watched.add(fd)
            self._epoll.register(fd, wanted)

    def _look(self) -> None:
        """Tell curl what happened on its sockets."""
        for fd, events in self._epoll.poll(0, _AT_ONCE):
            told = pycurl.CSELECT_IN if events & (select.EPOLLIN | _BROKEN) else 0
            told |= pycurl.CSELECT_OUT if events & (select.EPOLLOUT | _BROKEN) else 0
            self._multi.socket_action(fd, told)
        self._read()

    def _set_timer(self, milliseconds: int) -> None:
        """Call curl again after a time, never from inside its own call; called by curl.

        A timer that fires a moment early is lost: curl finds nothing to do and does not ask for it again. So each
        fires a millisecond late.
        """
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if milliseconds >= 0:
            delay = (milliseconds + 1) / 1000 if milliseconds else 0
            self._timer = self._loop.call_later(delay, self._act)

    def _act(self) -> None:
        """Let curl look at the time."""
        self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        self._read()

    def _read(self) -> None:
        """Take the transfers that ended."""
        queued = 1
        while queued:
            queued, fine, broken = self._multi.info_read()
            for curl in fine:
                self._end(curl, Ended(0))
            for curl, code, words in broken:
                self._end(curl, Ended(code, words))

    def _end(self, curl: pycurl.Curl, ended: Ended) -> None:
        future = self._waiting.get(curl)
        if future is not None and not future.done():
            future.set_result(ended)


def of_running_loop() -> CurlLoop:
    """Return the transfers of the running event loop, made on first use."""
    loop = asyncio.get_running_loop()
    if loop not in _LOOPS:
        for over in [known for known in _LOOPS if known.is_closed()]:
            _LOOPS.pop(over).close()
        _LOOPS[loop] = CurlLoop(loop)
    return _LOOPS[loop]


@functools.cache
def features() -> Mapping[str, bool]:
    """Tell what this libcurl can do beyond HTTP/1.1."""
    bits = pycurl.version_info()[4]
    return {"2": bool(bits & pycurl.VERSION_HTTP2), "3": bool(bits & pycurl.VERSION_HTTP3)}
