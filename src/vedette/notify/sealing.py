"""Secrets of a channel's configuration: sealed at rest, dots on the page, kept when left blank."""

from collections.abc import Mapping

from vedette.notify.types import Channel
from vedette.plumbing.ports import ports

DOTS = "••••••••"


def clean(kind: Channel, config: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """Return the configuration in clear: known fields only, stripped; a blank secret is the one from before."""
    given = {field.name: config.get(field.name, "").strip() for field in kind.fields}
    kept = opened(kind, before)
    blank = [f.name for f in kind.fields if f.secret and given[f.name] in {"", DOTS}]
    return {**given, **{name: kept.get(name, "") for name in blank}}


def sealed(kind: Channel, config: Mapping[str, str]) -> dict[str, str]:
    """Return the configuration as it is stored."""
    return {
        name: ports().seal.seal(value, _purpose(kind, name)) if value and name in _secret(kind) else value
        for name, value in config.items()
    }


def opened(kind: Channel, config: Mapping[str, str]) -> dict[str, str]:
    """Return a stored configuration in clear; raises `Invalid` when a secret cannot be opened."""
    return {
        name: ports().seal.open(value, _purpose(kind, name)) if value and name in _secret(kind) else value
        for name, value in config.items()
    }


def shown(kind: Channel, config: Mapping[str, str]) -> dict[str, str]:
    """Return a stored configuration fit to be shown."""
    return {name: DOTS if value and name in _secret(kind) else value for name, value in config.items()}


def _secret(kind: Channel) -> frozenset[str]:
    return frozenset(field.name for field in kind.fields if field.secret)


def _purpose(kind: Channel, name: str) -> str:
    return f"notify.{kind.kind}.{name}"
