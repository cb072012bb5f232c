"""From what was typed to what scanners are asked."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from vedette.cli.scan_options import Wanted
from vedette.cli.scan_places import is_there
from vedette.core import settings
from vedette.core.address import AddressPolicy, parse
from vedette.core.errors import ConfigError
from vedette.instruments.scan.types import Asked, Scanner, Takes

AGE = "max-feed-age"
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.zst")
_PORTS = {"http": 80, "https": 443}


class Order(NamedTuple):
    """A scanner and its target."""

    scanner: Scanner
    target: str


def asked(order: Order, wanted: Wanted, own: Mapping[str, str], now: float) -> Asked:
    """Return what a scanner is asked; raises `ConfigError` for options it does not have."""
    return Asked(
        target=order.target, now=now, feeds=feeds(wanted), options=_options(order.scanner, wanted, own),
        deadline=wanted.deadline, policy=AddressPolicy(wanted.allow_private or _is_here(order)),
    )  # fmt: skip


def feeds(wanted: Wanted) -> Path:
    """Return the folder of feeds, where the key of proofs lies as well."""
    from vedette.instruments.scan.advisories.whereabouts import feeds_folder

    return wanted.feeds or feeds_folder(os.environ, settings.load().data)


def fitting(
    scanners: Iterable[Scanner],
    path: str,
    site: str,
    *,
    host: bool,
    only: Iterable[str],
    skip: Iterable[str] = (),
) -> Iterator[Order]:
    """Yield each scanner that fits what is there (a folder, a file, a site, this host), is named, and is not skipped."""
    targets = {**_of_path(path), **_of_site(site), **({Takes.NOTHING: ""} if host else {})}
    chosen, left_out = set(only), set(skip)
    for scanner in scanners:
        wanted = scanner.kind not in left_out and (not chosen or scanner.kind in chosen)
        if scanner.takes in targets and wanted:
            yield Order(scanner, targets[scanner.takes])


def _of_path(path: str) -> Mapping[Takes, str]:
    """Return what a path is a target of: an archive is an image, all else a folder or file of a project."""
    is_archive = path.lower().endswith(_ARCHIVES) and is_there(Path(path)) and Path(path).is_file()
    return {} if not path else {Takes.FILE: path} if is_archive else {Takes.PATH: path}


def _of_site(site: str) -> Mapping[Takes, str]:
    """Return what a site is a target of: itself, the endpoint of its TLS, its domain, its host."""
    if not site:
        return {}
    try:
        parts = urlsplit(site if "://" in site else f"https://{site}")
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise ConfigError(f"--site {site[:200]!r} is no URL: {error}.") from error
    if parts.scheme not in _PORTS or not host:
        raise ConfigError(f"--site {site[:200]!r}: write https://shop.example.")
    shown = f"[{host}]" if ":" in host else host
    is_name = parse(host) is None and "." in host
    return {
        Takes.URL: parts.geturl(), Takes.HOST: host,
        **({Takes.ENDPOINT: f"{shown}:{port}"} if parts.scheme == "https" else {}),
        **({Takes.DOMAIN: host} if is_name else {}),
    }  # fmt: skip


def _is_here(order: Order) -> bool:
    """Tell whether the target is this machine, which whoever types this may reach."""
    target = order.target
    try:
        host = urlsplit(target if "://" in target else f"//{target}").hostname or ""
    except ValueError:
        return False
    address = parse(host)
    return order.scanner.outward and (host == "localhost" or (address is not None and address.is_loopback))


def _options(scanner: Scanner, wanted: Wanted, own: Mapping[str, str]) -> Mapping[str, str]:
    told = dict(map(_pair, wanted.option))
    unknown = [name for name in told if name not in scanner.options]
    if unknown:
        known = ", ".join(scanner.options) or "none"
        raise ConfigError(
            f"--option {unknown[0][:60]}: the scanner {scanner.kind} has no such option; it has {known}."
        )
    if wanted.max_feed_age is not None and AGE in scanner.options:
        told[AGE] = f"{wanted.max_feed_age:g}"
    return {**told, **own}


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--option {text[:60]}: write name=value.")
    return name, value
