"""The WSGI door (PEP 3333): for Flask, Bottle, Django under WSGI, or an application of one's own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from vedette_guard import answers
from vedette_guard.decisions import cookies, limits
from vedette_guard.decisions.asked import Refusal
from vedette_guard.decisions.detections import Listener
from vedette_guard.doors.environ import BodyRefused, EnvironAsked, WatchedBody
from vedette_guard.engine import Engine, User
from vedette_guard.passage import KEY, Passage
from vedette_guard.policy import Policy

if TYPE_CHECKING:
    from vedette_guard.bans.puller import Bans

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Any, Any], Iterable[bytes]]

log = logging.getLogger("vedette_guard")


class WsgiGuard:
    """A WSGI application behind a policy: `app.wsgi_app = WsgiGuard(app.wsgi_app)` in Flask.

    `policy` is a Policy, the name of a preset, or None for the default; `user` tells who asks, from the environment,
    for rates by user; `listener` hears what is stopped, instead of Vedette; `bans` are those
    of the policy. Raise PolicyError for a policy that cannot be meant.
    """

    def __init__(
        self,
        app: App,
        policy: Policy | str | None = None,
        *,
        user: User | None = None,
        clock: Callable[[], float] = time.monotonic,
        listener: Listener | None = None,
        bans: Bans | None = None,
    ) -> None:
        self._app = app
        self._engine = Engine(policy, user, clock, listener=listener, bans=bans)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Judge one request, and let the application answer it."""
        asked = EnvironAsked(environ)
        passage = self._engine.judge(asked, environ)
        answer = _Answer(passage, asked.method, start_response)
        if passage.refusal is not None:
            return answer.refused(passage.refusal)
        environ[KEY] = passage
        _show_cookies(environ, passage)
        if not asked.has_body():
            return self._heard(environ, answer)
        watch = limits.body(passage.plan.policy.limits, asked)
        if isinstance(watch, Refusal):
            passage.refuse(watch)
            return answer.refused(watch)
        look = self._engine.look_into(passage, asked, _length(environ))
        environ["wsgi.input"] = WatchedBody(environ["wsgi.input"], passage, watch, self._engine.clock, look)
        return _Watched(self._run(environ, answer), answer)

    def _heard(self, environ: Environ, answer: _Answer) -> Iterable[bytes]:
        """Run, and hear of what fails while the answer is iterated over; what servers send as files stays a file."""
        chunks = self._run(environ, answer)
        if self._engine.listener is None or isinstance(chunks, (list, tuple)):
            return chunks
        wrapper = environ.get("wsgi.file_wrapper")
        if isinstance(wrapper, type) and isinstance(chunks, wrapper):
            return chunks
        return _Watched(chunks, answer)

    def _run(self, environ: Environ, answer: _Answer) -> Iterable[bytes]:
        try:
            return self._app(environ, answer.start)
        except Exception as error:
            if answer.passage.refusal is None and not isinstance(error, BodyRefused):
                answer.passage.failed(error)
            if answer.passage.sent:
                raise
            if answer.passage.refusal is None:  # before the server answers, which knows no headers
                log.exception("%s %s failed", answer.method, environ.get("PATH_INFO", ""), exc_info=error)
                return answer.refused(answers.FAILED)
            return ()


def _length(environ: Environ) -> int | None:
    """Return how many bytes of a body may be read; None: as many as there are. Some servers wait for more than there is."""
    length = environ.get("CONTENT_LENGTH")
    return int(length) if length else (None if environ.get("wsgi.input_terminated") else 0)


def _show_cookies(environ: Environ, passage: Passage) -> None:
    rules = passage.plan.policy.cookies
    sent = environ.get("HTTP_COOKIE")
    if sent and rules.host_prefix:
        environ["HTTP_COOKIE"] = cookies.incoming(rules, sent, https=passage.secure)


class _Answer:
    """The way out: headers are added as the answer starts, and a body that was refused is answered instead."""

    __slots__ = ("_start_response", "method", "passage")

    def __init__(self, passage: Passage, method: str, start_response: StartResponse) -> None:
        self.passage, self.method, self._start_response = passage, method, start_response

    def start(self, status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
        """Start the answer; what the application says of a body that was refused is kept back."""
        if self.passage.refusal is not None:
            return lambda _: None
        dressed = self.passage.dress_text(headers, int(status[:3]))
        return self._start_response(status, dressed, *exc_info)

    def refused(self, refusal: Refusal) -> list[bytes]:
        """Answer with a refusal; return the body."""
        headers, body = answers.write(self.passage, refusal, self.method)
        dressed = self.passage.dress_text(headers, refusal.status)
        self._start_response(f"{refusal.status} {answers.phrase(refusal.status)}", dressed)
        return [body]


class _Watched:
    """Passes an answer on; one that begins before its request was read may still be refused.

    A generator that never began would not hear of its `close`, and the application's would be lost.
    """

    __slots__ = ("_answer", "_chunks", "_steps")

    def __init__(self, chunks: Iterable[bytes], answer: _Answer) -> None:
        self._chunks, self._answer = chunks, answer
        self._steps = self._pass()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._steps)

    def close(self) -> None:
        """Close what the application answered, begun or not."""
        self._steps.close()
        close = getattr(self._chunks, "close", None)
        if close is not None:
            close()

    def _pass(self) -> Generator[bytes, None, None]:
        passage = self._answer.passage
        try:
            for chunk in self._chunks:
                if passage.refusal is not None:
                    break
                yield chunk
        except BodyRefused:
            if passage.refusal is None:  # the answer is on its way: the server has to cut it
                raise
        except Exception as error:
            passage.failed(error)
            raise
        if passage.refusal is not None:
            yield from self._answer.refused(passage.refusal)
