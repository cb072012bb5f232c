"""The door of status pages: answers visitors from memory, before Django. What must be written goes to two threads of its own.

GET asks nothing and nobody. Passwords, subscriptions and their links are POST: counted by address, bounded in size and
number, and refused while too many wait.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import parse_qs

from vedette.accounts import service as accounts
from vedette.core.accepting import pick
from vedette.core.client import client_address
from vedette.core.clock import Clock, monotonic
from vedette.core.errors import Conflict, Invalid, Throttled, VedetteError
from vedette.status import service, signing
from vedette.status.answers import NO_STORE, Answer
from vedette.status.asking import Askers
from vedette.status.site import Site, Standing
from vedette.status.types import StatusPage, SubscriberKind
from vedette.ui.asgi_types import Receive, Scope, Send, answer, header, joined

PREFIX = "/s/"
MOST_BYTES = 4_096
BODY_SECONDS = 10.0
MOST_WAITING, MOST_LEAVING = 16, 256
PASSWORDS_A_MINUTE, WRITES_A_MINUTE = 10, 6  # of one address
TRIES_A_MINUTE = 60  # at the password of one page, from wherever
_COOKIE = "vedette-status"
_FOR_PROGRAMS = (".svg", ".json", ".atom", ".rss")
_LINKS = {"confirm": "confirmed", "leave": "left"}
_PLAIN = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"public, max-age=5"),
    (b"x-content-type-options", b"nosniff"),
]
T = TypeVar("T")


class StatusDoor:
    """ASGI application of `/s/<slug>/…`, and of every path at a domain that is a page's own."""

    def __init__(self, site: Site, clock: Clock, trusted_proxies: int = 0, *, https: bool = False) -> None:
        self._site, self._clock, self._trusted, self._https = site, clock, trusted_proxies, https
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="status")
        self._waiting = 0
        self._passwords, self._writes = accounts.Pace(PASSWORDS_A_MINUTE), accounts.Pace(WRITES_A_MINUTE)
        self._tries = accounts.Pace(TRIES_A_MINUTE)
        self._askers = Askers()

    def takes(self, scope: Scope) -> bool:
        """Tell whether a request is for a status page."""
        if scope["path"].startswith(PREFIX) or scope["path"] == PREFIX[:-1]:
            return True
        return bool(self._site.hosts) and _host(scope) in self._site.hosts

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        found, rest = self._place(scope)
        if found is None or not (found.page.enabled or _leaves(rest or "")):
            await self._nothing(send)
        elif rest is None:
            where = f"{scope['path']}/".encode()
            await answer(send, 308, [(b"location", where), (b"content-length", b"0")])
        elif scope["method"] in {"GET", "HEAD"}:
            await self._show(found, rest, scope, send)
        elif scope["method"] == "POST":
            await self._write(found, rest, (scope, receive, send))
        else:
            await answer(send, 405, [(b"allow", b"GET, HEAD, POST"), (b"content-length", b"0")])

    def _place(self, scope: Scope) -> tuple[Standing | None, str | None]:
        """Return the page a request is for and the path below it; None for that where only a slash is missing."""
        path: str = scope["path"]
        own = self._site.hosts.get(_host(scope)) if self._site.hosts else None
        if own is not None:
            return own, path[1:]
        slug, slash, rest = path.removeprefix(PREFIX).partition("/")
        found = self._site.find(slug)
        return found, rest if slash else None

    async def _nothing(self, send: Send) -> None:
        if self._site.ready:
            await answer(send, 404, _PLAIN, b"There is no such status page.\n")
        else:
            headers = [*_PLAIN[:1], (b"retry-after", b"1"), (b"cache-control", b"no-store")]
            await answer(send, 503, headers, b"Starting; try again in a second.\n")

    async def _show(self, found: Standing, rest: str, scope: Scope, send: Send) -> None:
        act, token = _link(rest)
        if token:
            await _serve(found.answers[f"={act}"], scope, send, keep=False)
        elif found.page.stamp and not self._admits(found.page, scope):
            status = 401 if rest.endswith(_FOR_PROGRAMS) else 200  # whether it is there is told to nobody
            await _serve(found.answers["=password"], scope, send, keep=False, status=status)
        elif rest in found.answers and not rest.startswith("="):
            await _serve(found.answers[rest], scope, send)
        else:
            await _serve(found.answers["=missing"], scope, send, keep=False, status=404)

    def _admits(self, page: StatusPage, scope: Scope) -> bool:
        now = self._clock.now()
        return any(service.admits(page, one, now) for one in _cookies(scope, f"{_COOKIE}-{page.slug}"))

    async def _write(self, found: Standing, rest: str, asgi: tuple[Scope, Receive, Send]) -> None:
        scope, receive, send = asgi
        try:
            self._refuse_crowd(found.page, rest, scope)
            form = await _form(receive)
            said, cookie = await self._act(found.page, rest, form, scope)
        except Throttled as error:
            wait = (b"retry-after", str(int(error.retry_after) + 1).encode())
            await _serve(found.answers["=busy"], scope, send, keep=False, status=429, more=(wait,))
            return
        except Invalid:
            await _serve(found.answers["=bad"], scope, send, keep=False, status=422)
            return
        except VedetteError:
            await _serve(found.answers["=busy"], scope, send, keep=False, status=503)
            return
        if cookie:
            await answer(
                send, 303, [(b"location", b"./"), (b"set-cookie", cookie.encode()), (b"content-length", b"0")]
            )
            return
        status = {"missing": 404, "wrong": 403, "full": 409, "bad": 422, "stale": 410}.get(said, 200)
        await _serve(found.answers[f"={said}"], scope, send, keep=False, status=status)

    def _refuse_crowd(self, page: StatusPage, rest: str, scope: Scope) -> None:
        address = self._address(scope)
        if _leaves(rest):
            return  # who holds such a link was sent it, and must get away whatever goes on
        if _is_password(page, rest):
            self._passwords.spend(address, monotonic())
            self._tries.spend(page.slug, monotonic())
        else:
            self._writes.spend(address, monotonic())

    def _address(self, scope: Scope) -> str:
        peer = scope["client"][0] if scope.get("client") else None
        return client_address(peer, joined(scope, b"x-forwarded-for"), self._trusted) or ""

    async def _act(self, page: StatusPage, rest: str, form: dict[str, str], scope: Scope) -> tuple[str, str]:
        """Do what a form asks; return what is said of it, and the cookie it gives. Raises what the verbs raise."""
        if _is_password(page, rest):
            right = await self._do(lambda: service.opens(page.id, form.get("password", "")))
            return ("", self._cookie(page)) if right else ("wrong", "")
        now = self._clock.now()
        act, token = _link(rest)
        if token:
            most = MOST_LEAVING if _leaves(rest) else MOST_WAITING
            right = await self._do(lambda: _follow(page, act, token, now), most)
            return (_LINKS[act] if right else "stale"), ""
        if rest != "subscribe/" or header(scope, b"sec-fetch-site") == "cross-site":
            return "missing", ""
        if page.stamp and not self._admits(page, scope):
            return "password", ""
        self._askers.count(self._address(scope), now)
        return await self._subscribe(page, form, now), ""

    async def _subscribe(self, page: StatusPage, form: dict[str, str], now: float) -> str:
        email = form.get("email", "")
        kind, target = (
            (SubscriberKind.EMAIL, email) if email else (SubscriberKind.WEBHOOK, form.get("webhook", ""))
        )
        try:
            await self._do(lambda: service.subscribe(page.id, kind, target, now))
        except Invalid:
            return "bad"
        except Conflict:
            return "full"
        return "asked"

    async def _do(self, verb: Callable[[], T], most: int = MOST_WAITING) -> T:
        """Run a verb in one of the two threads; raises `Throttled` while too many wait."""
        if self._waiting >= most:
            raise Throttled("Too many ask at once; try again in a second.", 1.0)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, verb)
        finally:
            self._waiting -= 1

    def _cookie(self, page: StatusPage) -> str:
        secure = "; Secure" if self._https else ""
        value = service.pass_for(page, self._clock.now())
        return f"{_COOKIE}-{page.slug}={value}; Path=/; Max-Age={int(signing.PASS_SECONDS)}; HttpOnly; SameSite=Lax{secure}"


async def _serve(
    found: Answer,
    scope: Scope,
    send: Send,
    *,
    keep: bool = True,
    status: int = 200,
    more: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    """Send an answer, or say that the client has it; without `keep` nobody may keep it."""
    encoding = pick(found.bodies, header(scope, b"accept-encoding"))
    headers = [*found.headers, *more]
    if keep:
        tag = f'"{found.etag}{"-" + encoding if encoding else ""}"'
        headers.append((b"etag", tag.encode()))
        if tag in header(scope, b"if-none-match"):
            await answer(send, 304, headers)
            return
    else:
        headers = [pair for pair in headers if pair[0] != b"cache-control"] + [
            (b"cache-control", NO_STORE.encode())
        ]
    body = found.bodies[encoding]
    headers.append((b"content-length", str(len(body)).encode()))
    if encoding:
        headers.append((b"content-encoding", encoding.encode()))
    await answer(send, status, headers, b"" if scope["method"] == "HEAD" else body)


async def _form(receive: Receive) -> dict[str, str]:
    """Return a form's fields; raises `Invalid` for one that is too large, late or broken off."""
    body = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                body += message.get("body", b"")
                if message["type"] == "http.disconnect" or len(body) > MOST_BYTES:
                    raise Invalid("The form cannot be read.")
                if not message.get("more_body", False):
                    break
    except TimeoutError:
        raise Invalid("The form did not arrive in time.") from None
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    except ValueError:
        raise Invalid("The form has too many fields.") from None
    return {name: values[0] for name, values in fields.items()}


def _is_password(page: StatusPage, rest: str) -> bool:
    """Tell whether a form is that of the password, which stands in the place of whatever page was asked for."""
    return bool(page.stamp) and rest != "subscribe/" and rest.partition("/")[0] not in _LINKS


def _link(rest: str) -> tuple[str, str]:
    """Return what a path below a page does as the link of a message, and its token; an empty token when it is none."""
    act, _, token = rest.rstrip("/").partition("/")
    return (act, token) if act in _LINKS else ("", "")


def _leaves(rest: str) -> bool:
    """Tell whether a path is a right link by which a subscriber leaves; asks no database."""
    act, token = _link(rest)
    return act == signing.LEAVE and signing.subscriber(act, token) is not None


def _follow(page: StatusPage, act: str, token: str, now: float) -> bool:
    return service.confirm(page.id, token, now) if act == signing.CONFIRM else service.leave(page.id, token)


def _cookies(scope: Scope, name: str) -> Iterator[str]:
    """Yield the values of a cookie as browsers send them: whatever stands beside it, and however often it is there (RFC 6265, 5.4)."""
    for header_name, value in scope["headers"]:
        if header_name == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                key, _, found = pair.partition("=")
                if key.strip() == name:
                    yield found.strip()


def _host(scope: Scope) -> str:
    return header(scope, b"host").partition(":")[0].lower()
