"""`vedette check`: look at URLs from here, without a server."""

import asyncio
import os
import pwd
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from vedette.cli.out import emit
from vedette.core.errors import ConfigError, Invalid

if TYPE_CHECKING:
    from vedette.instruments.probe.types import Request, Result, Standpoint


def check(
    *urls: str, expect: tuple[str, ...] = (), method: str = "", header: tuple[str, ...] = (), body: str = "",
    option: tuple[str, ...] = (), timeout: float = 10.0, ipv4: bool = False, ipv6: bool = False,
    resolver: str = "", allow_private: bool = False, watch: float = 0.0, times: int = 0, journey: Path | None = None,
    json: bool = False,
) -> None:  # fmt: skip
    """Look at URLs and tell phase by phase how that went; exits 1 when one of them is not as it should be.

    The scheme says how: http, tcp, tls, dns, icmp, smtp, imap, ssh and more (docs/monitors.md).

    Parameters
    ----------
    urls
        https://shop.example, tcp://db.example:5432, dns://shop.example?type=MX, icmp://gate.example, …
    expect
        An assertion that must hold, such as '[STATUS] == 200'; may be repeated (docs/monitors.md).
    method
        The method of an http check.
    header
        A header 'Name: value' of an http check; may be repeated.
    body
        The body an http check sends.
    option
        Any option of the probe, name=value (docs/monitors.md); may be repeated.
    timeout
        Seconds the whole check may take, redirects too.
    ipv4
        Use IPv4 addresses only.
    ipv6
        Use IPv6 addresses only.
    resolver
        Ask this name server (address or address:port) instead of the system's.
    allow_private
        Let private, loopback and other addresses that are not public be reached, and files and sockets of this machine.
    watch
        Look again every so many seconds, until Ctrl-C.
    times
        With --watch: look so many times and end.
    journey
        A file with the script of a browser journey (docs/journeys.md); --option variables='{"name": "value"}', secrets likewise.
    json
        Print one line of JSON a check.
    """
    given = {"method": method, "body": body, "headers": _headers(header)}
    common = {"deadline": timeout, "expect": expect, "family": _family(ipv4, ipv6), "name_server": resolver}
    requests = [request_of(url, {k: v for k, v in given.items() if v}, option, common) for url in urls]
    requests += _journeys(journey, option, common)
    pace = _Pace(watch, times if watch else 1)
    if not asyncio.run(_watched(_some(requests), _standpoint(allow_private=allow_private), pace, json=json)):
        sys.exit(1)


def _standpoint(*, allow_private: bool) -> "Standpoint":
    from vedette.core.address import AddressPolicy
    from vedette.instruments.probe.types import JourneyRules, Standpoint

    folders = ("/",) if allow_private else ()  # whoever types this may open what the system lets them
    policy = AddressPolicy(allow_private=allow_private)
    return Standpoint(policy=policy, folders=folders, journeys=JourneyRules(user=_user()))


def _user() -> str:
    """Return the user that a journey runs as: who types this, and for root one who may do nothing."""
    try:
        found = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a number without a name, as containers have them
        return ""
    return found if os.getuid() else "nobody"


def _some(requests: "Sequence[Request]") -> "Sequence[Request]":
    if not requests:
        raise ConfigError("Name what to check: vedette check https://shop.example")
    return requests


def _journeys(file: Path | None, option: Sequence[str], common: Mapping[str, object]) -> "Sequence[Request]":
    """Return the journey of a script, if one is named."""
    if file is None:
        return ()
    try:
        script = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}."
        ) from None
    return (request_of(f"journey://{quote(file.stem)}", {"script": script}, option, common),)


class _Pace(msgspec.Struct, frozen=True):
    """How often to look: every `seconds`, so many `times`, 0 for without end."""

    seconds: float
    times: int


async def _watched(
    requests: "Sequence[Request]", standpoint: "Standpoint", pace: _Pace, *, json: bool
) -> bool:
    """Look as often as wanted and tell whether all was fine the last time."""
    from vedette.core.clock import monotonic
    from vedette.instruments.probe.running import run

    number, began = 0, monotonic()
    while True:
        results = await asyncio.gather(*(run(request, standpoint) for request in requests))
        for request, result in zip(requests, results, strict=True):
            _print(request, result, brief=number > 0, json=json)
        number += 1
        if number == pace.times:
            return all(result.ok for result in results)
        await asyncio.sleep(max(0.0, began + number * pace.seconds - monotonic()))


def _print(request: "Request", result: "Result", *, brief: bool, json: bool) -> None:
    from vedette.cli.probed import shown, value

    text = "" if json else shown(request, result, brief=brief, colour=sys.stdout.isatty())
    emit(value(request, result), text, json=json)
    sys.stdout.flush()


def request_of(
    url: str, given: Mapping[str, object], option: Sequence[str], common: Mapping[str, object]
) -> "Request":
    """Return a request that can be run; raises `ConfigError` for what can never work."""
    from vedette.instruments.probe.registry import probe_of
    from vedette.instruments.probe.running import check as checked
    from vedette.instruments.probe.types import Request

    try:
        fields = {field.name: field.type for field in msgspec.structs.fields(probe_of(url).options)}
        options = {**given, **dict(_option(text, fields) for text in option)}
        made = msgspec.convert({**common, "url": url, "options": options}, Request)
        checked(made)
    except (Invalid, msgspec.ValidationError) as error:
        raise ConfigError(str(error)) from error
    return made


def _option(text: str, fields: Mapping[str, object]) -> tuple[str, object]:
    """Return name and value of `name=value`: text where the option is text, else JSON."""
    name, equals, written = text.partition("=")
    if not equals:
        raise ConfigError(f"--option {text}: write name=value.")
    if fields.get(name) is str:
        return name, written
    try:
        return name, msgspec.json.decode(written)
    except msgspec.DecodeError:
        return name, written


def _headers(lines: Sequence[str]) -> Mapping[str, str]:
    found = {}
    for line in lines:
        name, colon, written = line.partition(":")
        if not colon:
            raise ConfigError(f"--header {line}: write 'Name: value'.")
        found[name.strip()] = written.strip()
    return found


def _family(ipv4: bool, ipv6: bool) -> str:
    if ipv4 and ipv6:
        raise ConfigError("--ipv4 and --ipv6: one or none of them.")
    return "ipv4" if ipv4 else "ipv6" if ipv6 else "any"
