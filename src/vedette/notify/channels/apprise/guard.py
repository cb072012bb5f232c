"""Apprise on a leash: its plugins speak HTTP through `requests`, and `requests` speaks through `plumbing/net` here.

Plugins that go other ways (their own sockets, mail, programs, files of this machine) are refused.
"""

import functools
import importlib
import sys
from types import ModuleType
from typing import Any

from vedette.core.errors import Invalid

_OWN_WAYS = {"smtplib", "socket", "ssl", "subprocess", "websocket", "http", "asyncio", "ctypes"}
_READS_FILES = {"vapid"}  # keeps its keys and subscribers in files
_NOT_UNDERSTOOD = "Apprise does not understand this URL; appriseit.com/services shows how each is written."
_OTHER_WAY = "It does not speak plain HTTP; Vedette has e-mail of its own."
_FILE = "It would read a file of this machine."


@functools.cache
def load() -> ModuleType:
    """Return Apprise with its HTTP guarded; the first call takes a second and some 50 MiB."""
    from vedette.notify.channels.apprise import session

    session.install()
    return importlib.import_module("apprise")


def plugin(url: str) -> Any:
    """Return the service a URL names, ready to send; raises `Invalid` when it may not be used."""
    apprise = load()
    asset = apprise.AppriseAsset(
        app_id="Vedette", app_desc="Vedette", storage_mode="memory", async_mode=False, secure_logging=True
    )
    found = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if found is None:
        raise Invalid(_NOT_UNDERSTOOD, {"url": _NOT_UNDERSTOOD})
    if why := _refused(found):
        raise Invalid(f"This service cannot be used. {why}", {"url": why})
    found.overflow_mode = apprise.OverflowMode.TRUNCATE
    return found


def _refused(found: Any) -> str:
    attachment = load().AppriseAttachment
    if any(isinstance(value, attachment) and len(value) for value in vars(found).values()):
        return _FILE
    own = type(found).__module__
    folder = own.rpartition(".")[0]
    names = [own] if folder.endswith(".plugins") else [n for n in sys.modules if n.startswith(f"{folder}.")]
    used = {module for name in names for module in _imported(sys.modules[name])}
    known = set(own.split(".")) & _READS_FILES
    return _OTHER_WAY if known or "requests" not in used or used & _OWN_WAYS else ""


def _imported(module: ModuleType) -> set[str]:
    values = vars(module).values()
    return {value.__name__.partition(".")[0] for value in values if isinstance(value, ModuleType)}
