"""Is this host ours? Only loopback and hosts that are proven to be owned are scanned from outside.

A host is proven by a TXT record, by a file it serves, or elsewhere (`Asked.owned`, where an agent runs on it). What is
scanned are the addresses of the proof: a name that leads elsewhere a moment later is not followed.
"""

import asyncio
import hashlib
import hmac
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from vedette.core import address
from vedette.core.address import AddressPolicy
from vedette.core.clock import monotonic
from vedette.core.errors import VedetteError
from vedette.instruments.probe import resolving
from vedette.instruments.probe.dns import asking
from vedette.instruments.probe.targeting import name_server
from vedette.instruments.probe.types import Failed, Request, Standpoint
from vedette.instruments.scan.fetching import Fetcher
from vedette.instruments.scan.types import Asked, CannotKnow

KEY = "proofs.key"
WELL_KNOWN = "/.well-known/vedette.txt"
_SECONDS = 10.0


class Proven(NamedTuple):
    """A host that may be scanned, by these addresses alone; `local` when all of them are this machine's."""

    host: str
    addresses: tuple[str, ...]
    standpoint: Standpoint
    local: bool


def prove(asked: Asked) -> Asked:
    """Return what is asked with its proof, so that it is proven once: the target is loopback or owned.

    Raises `CannotKnow` that says how to prove it. A record proves the name; else the addresses of the proof are kept.
    """
    host = host_of(asked.target)
    if host in asked.owned:
        return asked
    if asyncio.run(_by_record(host, _trusted(asked, asked.policy), asked.feeds)):
        return msgspec.structs.replace(asked, owned=asked.owned | {host})
    return msgspec.structs.replace(asked, addresses=proven(asked).addresses)


def proven(asked: Asked) -> Proven:
    """Return what may be scanned and by which addresses; raises `CannotKnow` for a host that is not proven or not found."""
    host = host_of(asked.target)
    if not asked.addresses:
        return asyncio.run(_proven(asked, host))
    local = all(map(is_loopback, asked.addresses))
    policy = AddressPolicy(allow_private=True) if local else asked.policy
    return Proven(host, asked.addresses, _trusted(asked, policy), local)


async def is_ours(asked: Asked, name: str, at: str) -> bool:
    """Tell whether another host that a scan comes by is loopback or proven to be owned, by its address or its name.

    A name counts only with an address that the system's resolver tells of it, whomever the options have asked.
    """
    if is_loopback(at) or at in asked.owned:
        return True
    trusted = _trusted(asked, asked.policy)
    if name not in asked.owned and not await _by_record(name, trusted, asked.feeds):
        return False
    try:
        return at in await resolving.addresses_of(name, Request(url=name), trusted, _SECONDS)
    except Failed:
        return False


def how_to(host: str, folder: Path) -> str:
    """Return how somebody proves that a host is theirs, both ways; `folder` is that of the feeds."""
    return (
        f"Either add the TXT record  _vedette.{host}  with the text  vedette-site={token(host, folder)}\n"
        f"or serve  https://{host}{WELL_KNOWN}  with the same text. An agent that runs on the host proves it, too."
    )


def token(host: str, folder: Path) -> str:
    """Return what proves a host: HMAC-SHA-256 (RFC 2104) of its name by a key that is made once, in hex of 160 bits."""
    return hmac.new(_key(folder), host.lower().rstrip(".").encode(), hashlib.sha256).hexdigest()[:40]


def host_of(target: str) -> str:
    """Return the host of a target: an URL, `host:port`, or a name; raises `CannotKnow` when there is none."""
    try:
        found = urlsplit(target if "://" in target else f"//{_bracketed(target)}").hostname
        name = (found or "").rstrip(".").lower()
        return name if address.parse(name) else name.encode("idna").decode()
    except (ValueError, UnicodeError):
        raise CannotKnow(
            f"{target[:200]!r} names no host.", "Write https://shop.example or shop.example."
        ) from None


def standpoint_of(asked: Asked, policy: AddressPolicy) -> Standpoint:
    """Return where a scan looks from: by the option `server` as its resolver (it proves nothing) and `authority` as what it trusts."""
    server = asked.options.get("server", "")
    if server:
        name_server(server)
    return Standpoint(
        policy=policy,
        name_servers=(server,) if server else (),
        authorities=asked.options.get("authority", ""),
        hosts="" if server else "/etc/hosts",
    )


def is_loopback(text: str) -> bool:
    """Tell whether an address is this machine's own."""
    found = address.parse(text)
    return found is not None and found.is_loopback


def _trusted(asked: Asked, policy: AddressPolicy) -> Standpoint:
    """Return where proofs and addresses are asked for: of the system's resolver, whatever the options name."""
    return Standpoint(
        policy=policy,
        name_servers=asked.resolvers,
        authorities=asked.options.get("authority", ""),
        hosts="" if asked.resolvers else "/etc/hosts",
    )


def _bracketed(target: str) -> str:
    return f"[{target}]" if target.count(":") > 1 and "[" not in target else target


async def _proven(asked: Asked, host: str) -> Proven:
    everywhere = _trusted(asked, AddressPolicy(allow_private=True))
    try:
        found = await resolving.addresses_of(host, Request(url=host), everywhere, _SECONDS)
        if found and all(map(is_loopback, found)):
            return Proven(host, found, everywhere, local=True)
        held = _trusted(asked, asked.policy)
        allowed = await resolving.addresses_of(host, Request(url=host, pins=found), held, _SECONDS)
    except Failed as error:
        raise CannotKnow(f"{host} cannot be scanned: {error}", how_to(host, asked.feeds)) from error
    named = Proven(host, allowed, held, local=False)
    if host in asked.owned or await _by_record(host, held, asked.feeds) or await _by_file(named, asked.feeds):
        return named
    raise CannotKnow(f"Nobody has proven that {host} is theirs to scan.", how_to(host, asked.feeds))


def _above(host: str) -> Iterator[str]:
    """Return a name and those above it that have a dot."""
    while "." in host and address.parse(host) is None:
        yield host
        host = host.partition(".")[2]


async def _by_record(host: str, standpoint: Standpoint, folder: Path) -> bool:
    end = monotonic() + _SECONDS
    for name in _above(host):
        wanted = {f"vedette-site={token(each, folder)}" for each in (host, name)}
        if wanted & set(await _texts(standpoint, f"_vedette.{name}", end)):
            return True
    return False


async def _texts(standpoint: Standpoint, name: str, end: float) -> list[str]:
    from dns.rdatatype import TXT

    try:
        servers = asking.system_servers(standpoint.name_servers)
        answer, _ = await asking.ask(servers, name, "TXT", end)
    except (Failed, TimeoutError):
        return []
    found = [record for rrset in answer.answer if rrset.rdtype == TXT for record in rrset]
    return [b"".join(record.strings).decode("utf-8", "replace").strip() for record in found]


async def _by_file(named: Proven, folder: Path) -> bool:
    fetcher = Fetcher(named.host, named.addresses, named.standpoint, monotonic() + _SECONDS, paced=True)
    shown = f"[{named.host}]" if ":" in named.host else named.host
    for scheme in ("https", "http"):
        try:
            page = await fetcher.get(f"{scheme}://{shown}{WELL_KNOWN}")
        except VedetteError:
            continue
        if page.status == 200 and f"vedette-site={token(named.host, folder)}" in page.text[:4096].split():
            return True
    return False


def _key(folder: Path) -> bytes:
    """Return the key of all proofs, which is made on first use and readable by us alone."""
    path = folder / KEY
    try:
        if not path.exists():
            _make(path)
        return path.read_bytes()
    except OSError as error:
        raise CannotKnow(
            f"{path} cannot be read or made ({error.strerror}).", "Let this user write there."
        ) from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(os.urandom(32))
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
