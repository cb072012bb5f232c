"""How one request is put to libcurl."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pycurl

from vedette.core.place import Place, place
from vedette.instruments.probe.handshaking import authorities, in_memory
from vedette.instruments.probe.http.options import PROXIES, HttpOptions, Version
from vedette.instruments.probe.http.receiving import Receiver
from vedette.instruments.probe.http.redirecting import Ask
from vedette.instruments.probe.types import Standpoint, Target

_VERSIONS = {
    Version.AUTO: pycurl.CURL_HTTP_VERSION_2TLS,
    Version.ONE: pycurl.CURL_HTTP_VERSION_1_1,
    Version.TWO: pycurl.CURL_HTTP_VERSION_2TLS,
    Version.THREE: 31,  # CURL_HTTP_VERSION_3ONLY, which pycurl does not name
}
_SUPPRESS_CONNECT_HEADERS = 265  # CURLOPT_SUPPRESS_CONNECT_HEADERS, likewise
_PROXY_SCHEMES = {"socks5": "socks5h"}  # with the h, names are the proxy's to resolve, as with the others
_SPOKEN = {1: "HTTP/1.0", 2: "HTTP/1.1", 3: "HTTP/2", 30: "HTTP/3"}
_EARLIER = 15  # milliseconds
_PIN = "pinned.vedette.invalid"


class Way(NamedTuple):
    """The addresses a transfer may connect to: the target's, or its proxy's. `pinned` are the target's, for a proxy to be asked for."""

    addresses: Sequence[str]
    pinned: Sequence[str] = ()
    proxy: Place | None = None


def proxy_of(options: HttpOptions) -> Place | None:
    """Return where the proxy is, when there is one."""
    return place(options.proxy, PROXIES) if options.proxy else None


class Errand(NamedTuple):
    """One request, where it goes, by which way, and the sockets that were opened for it when there will be TLS on them."""

    ask: Ask
    target: Target
    way: Way
    sockets: "list[socket.socket]"

    def is_connected(self) -> bool:
        """Tell whether a socket has a connection: libcurl says so only once TLS is done, too."""
        return any(_has_peer(opened) for opened in self.sockets)


def _has_peer(opened: socket.socket) -> bool:
    try:
        opened.getpeername()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def prepared(
    curl: pycurl.Curl, errand: Errand, options: HttpOptions, standpoint: Standpoint, receiver: Receiver
) -> Iterator[None]:
    """Set up a handle for one request; what it needs for its keys is gone when this ends."""
    ask, target, way = errand.ask, errand.target, errand.way
    curl.reset()
    curl.setopt(pycurl.URL, f"{target.scheme}://{target.shown}{target.path}")
    curl.setopt(pycurl.PATH_AS_IS, 1)
    curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
    curl.setopt(pycurl.NOSIGNAL, 1)
    curl.setopt(pycurl.FRESH_CONNECT, 1)
    curl.setopt(pycurl.FORBID_REUSE, 1)
    curl.setopt(pycurl.SSL_SESSIONID_CACHE, 0)
    curl.setopt(pycurl.COOKIEFILE, "")  # cookies of this check, kept from hop to hop in memory
    curl.setopt(pycurl.ACCEPT_ENCODING, "")
    curl.setopt(pycurl.HEADERFUNCTION, receiver.header)
    curl.setopt(pycurl.WRITEFUNCTION, receiver.write)
    _set_version(curl, target, options)
    _set_ask(curl, ask, options)
    _set_way(curl, target, way, options)
    allowed = frozenset(way.addresses)
    curl.setopt(pycurl.OPENSOCKETFUNCTION, lambda _purpose, to: _opened(to, allowed, errand))
    try:
        with _set_tls(curl, ask, target, options, standpoint):
            yield
    finally:
        while errand.sockets:
            errand.sockets.pop().close()


def limit(curl: pycurl.Curl, seconds: float) -> None:
    """Let a transfer take this long at most, and end a moment before whoever waits: libcurl then says how far it came."""
    milliseconds = max(1, int(seconds * 1000) - _EARLIER)
    curl.setopt(pycurl.TIMEOUT_MS, milliseconds)
    curl.setopt(pycurl.CONNECTTIMEOUT_MS, milliseconds)


def _set_version(curl: pycurl.Curl, target: Target, options: HttpOptions) -> None:
    plain_two = options.version is Version.TWO and target.scheme == "http"
    prior = pycurl.CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE
    curl.setopt(pycurl.HTTP_VERSION, prior if plain_two else _VERSIONS[options.version])


def spoken(curl: pycurl.Curl) -> str:
    """Return the version of HTTP that was spoken."""
    return _SPOKEN.get(curl.getinfo(pycurl.INFO_HTTP_VERSION), "")


def _set_ask(curl: pycurl.Curl, ask: Ask, options: HttpOptions) -> None:
    if ask.body:
        curl.setopt(pycurl.POSTFIELDS, ask.body.encode())
    if ask.method == "HEAD":
        curl.setopt(pycurl.NOBODY, 1)
    else:
        curl.setopt(pycurl.CUSTOMREQUEST, ask.method)
    headers = {"User-Agent": "Vedette", "Accept": "*/*", **ask.headers}
    if ask.body and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json" if ask.body.lstrip()[:1] in "{[" else "text/plain"
    lines = [f"{name}: {value}" if value else f"{name};" for name, value in headers.items()]
    if ask.trusted and options.token:
        lines.append(f"Authorization: Bearer {options.token}")
    curl.setopt(pycurl.HTTPHEADER, [line.encode() for line in [*lines, "Expect:"]])
    if ask.trusted and options.user:
        curl.setopt(pycurl.HTTPAUTH, pycurl.HTTPAUTH_BASIC)
        curl.setopt(pycurl.USERPWD, f"{options.user}:{options.password}".encode())


def _set_way(curl: pycurl.Curl, target: Target, way: Way, options: HttpOptions) -> None:
    """Pin the addresses."""
    if way.proxy is None:
        curl.setopt(pycurl.PROXY, "")  # none of the environment's either
        _pin(curl, target, way.addresses)
        return
    proxy = way.proxy
    shown = f"[{proxy.host}]" if ":" in proxy.host else proxy.host
    scheme = _PROXY_SCHEMES.get(proxy.scheme, proxy.scheme)
    curl.setopt(pycurl.PROXY, f"{scheme}://{shown}:{proxy.port}")
    curl.setopt(pycurl.RESOLVE, [f"+{proxy.host}:{proxy.port}:{_listed(way.addresses)}"])
    curl.setopt(_SUPPRESS_CONNECT_HEADERS, 1)
    if options.proxy_user:
        curl.setopt(pycurl.PROXYUSERPWD, f"{options.proxy_user}:{options.proxy_password}".encode())
    if way.pinned:
        curl.setopt(pycurl.CONNECT_TO, [f"::{_bracketed(way.pinned[0])}:"])


def _pin(curl: pycurl.Curl, target: Target, addresses: Sequence[str]) -> None:
    """Connect to these addresses whatever the host is called.

    libcurl keeps what it is told of a name for all transfers of a loop, so that two checks of one host with
    different pins would meet: the name that is pinned is made of the addresses, not of the host.
    """
    if len(addresses) == 1:
        curl.setopt(pycurl.CONNECT_TO, [f"::{_bracketed(addresses[0])}:"])
        return
    name = f"{abs(hash(tuple(addresses))):x}.{_PIN}"
    curl.setopt(pycurl.CONNECT_TO, [f"::{name}:"])
    curl.setopt(pycurl.RESOLVE, [f"+{name}:{target.port}:{_listed(addresses)}"])


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _listed(addresses: Sequence[str]) -> str:
    return ",".join(_bracketed(address) for address in addresses)


def _opened(to: "_SocketAddress", allowed: frozenset[str], errand: Errand) -> socket.socket | int:
    """Return a socket (libcurl works on a copy of it), and refuse it for an address that is not pinned."""
    found = to.addr[0]
    text = found.decode() if isinstance(found, bytes) else found
    if text not in allowed:
        refused: int = pycurl.SOCKET_BAD
        return refused
    made = socket.socket(to.family, to.socktype, to.protocol)
    if errand.target.scheme == "https":
        errand.sockets.append(made)
    else:  # libcurl has its copy once this returns
        asyncio.get_running_loop().call_soon(made.close)
    return made


class _SocketAddress(NamedTuple):
    """What libcurl says of the socket it wants."""

    family: int
    socktype: int
    protocol: int
    addr: tuple[str | bytes, int]


@contextlib.contextmanager
def _set_tls(
    curl: pycurl.Curl, ask: Ask, target: Target, options: HttpOptions, standpoint: Standpoint
) -> Iterator[None]:
    if target.scheme != "https":
        yield
        return
    curl.setopt(pycurl.OPT_CERTINFO, 1)
    curl.setopt(pycurl.SSL_VERIFYPEER, int(options.verify))
    curl.setopt(pycurl.SSL_VERIFYHOST, 2 if options.verify else 0)
    with contextlib.ExitStack() as files:
        trusted = (
            files.enter_context(in_memory(options.authority))
            if options.authority
            else authorities(standpoint)
        )
        if trusted:
            curl.setopt(pycurl.CAINFO, trusted)
        if ask.trusted and options.client_certificate:
            for option, text in _shown(options).items():
                curl.setopt(option, files.enter_context(in_memory(text)))
        yield


def _shown(options: HttpOptions) -> Mapping[int, str]:
    return {
        pycurl.SSLCERT: options.client_certificate,
        pycurl.SSLKEY: options.client_key or options.client_certificate,
    }
