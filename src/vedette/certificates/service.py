"""The verbs of certificates, for the pages and the jobs: how does it stand, and does a person have to know?

What asks the authority is a process of its own (`app/certifying`); here its files are read.
"""

import msgspec

from vedette.certificates import signal, telling
from vedette.certificates.keeping import Folder
from vedette.certificates.types import Report, Trouble, Wanted
from vedette.core.errors import ConfigError
from vedette.core.settings import Settings
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports
from vedette.signals import service as signals

TOLD = "certificates/told"


class Told(msgspec.Struct, frozen=True):
    """What people were told last: of which name, and how bad it was."""

    name: str
    severity: str


def report(now: float) -> Report | None:
    """Return how the certificate stands, None where none is wanted."""
    return _report(ports().settings, now)


def trouble(now: float) -> str:
    """Return what is wrong with the certificate in a sentence, empty while nothing is."""
    found = report(now)
    return found.trouble.text if found and found.trouble else ""


def notice(now: float) -> bool:
    """Publish that the certificate is in trouble, in worse trouble, or fine again; return whether anything was."""
    here = ports()
    kept = here.kv.get(TOLD)
    told = msgspec.json.decode(kept.value, type=Told) if kept is not None and kept.value else None
    found = _report(here.settings, now)
    wrong = found.trouble if found else None
    name = here.settings.names[0] if here.settings.names else ""
    if told is not None and (wrong is None or told.name != name):
        _publish(told.name, None, now)
        return True
    if wrong is None or (told is not None and told.severity == wrong.severity):
        return False
    _publish(name, wrong, now)
    return True


def _report(settings: Settings, now: float) -> Report | None:
    if not settings.names:
        return None
    folder, wanted = Folder(settings.data), Wanted(settings.names, settings.acme_url)
    try:
        return telling.report(folder.certificate(), folder.standing(wanted), now, folder.shown())
    except ConfigError as error:  # what cannot be read is told like any other trouble
        return telling.unreadable(str(error))


def _publish(name: str, wrong: Trouble | None, now: float) -> None:
    told = msgspec.json.encode(Told(name, wrong.severity)) if wrong else b""
    with transaction():
        ports().kv.put(TOLD, told)
        signals.publish([signal.of_trouble(name, wrong, now)], now)
