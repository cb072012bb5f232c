"""Which kinds of channels there are: every folder beside this file that holds a `channel.py` with a `CHANNEL`."""

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from vedette.core.errors import Invalid
from vedette.notify import channels
from vedette.notify.types import Channel


@functools.cache
def kinds() -> Mapping[str, Channel]:
    """Return the channels by kind, in order of their labels."""
    names = [module.name for module in pkgutil.iter_modules(channels.__path__) if module.ispkg]
    found = [_load(name) for name in names]
    return MappingProxyType(
        {channel.kind: channel for channel in sorted(found, key=lambda c: c.label.lower())}
    )


def shared() -> Mapping[str, Channel]:
    """Return those that can be everybody's: a browser is a person's own."""
    return MappingProxyType({name: found for name, found in kinds().items() if not own_only(found)})


def own_only(channel: Channel) -> bool:
    """Tell whether a channel can only be a person's own."""
    return any(field.kind == "push" for field in channel.fields)


def kind(name: str) -> Channel:
    """Return the channel of a kind; raises `Invalid` when there is none."""
    try:
        return kinds()[name]
    except KeyError:
        known = ", ".join(kinds())
        raise Invalid(f"There is no channel of kind {name!r}; known: {known}.", {"kind": "unknown"}) from None


def _load(name: str) -> Channel:
    channel: Channel = importlib.import_module(f"{channels.__name__}.{name}.channel").CHANNEL
    return channel
