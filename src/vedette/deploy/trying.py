"""Which connections each host is to try for the intents of projects: chosen anew when a project was read or its files changed."""

import threading
from collections.abc import Mapping

import msgspec

from vedette.core.errors import Invalid
from vedette.deploy import judging, looking
from vedette.deploy.store import projects, seen
from vedette.deploy.witnessing import choosing
from vedette.wire.hardened import MOST_LOOKS
from vedette.wire.witness import Looks

Stamp = tuple[float, float]  # when a project was read, and when its files changed


class _Chosen(msgspec.Struct, frozen=True):
    stamp: Stamp
    looks: Mapping[str, Looks]  # by the name of a server


class Trying:
    """For many threads; keeps what was chosen until a project is read again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[int, _Chosen] = {}

    def looks(self, host: str) -> Looks:
        """Return what the host of a server's name is to try; nothing for one that no project names."""
        with self._lock:
            found = [one.looks[host] for one in self._fresh().values() if host in one.looks]
        looks = tuple(dict.fromkeys(look for one in found for look in one.looks))
        return Looks(spot=host if found else "", looks=looks[:MOST_LOOKS])

    def _fresh(self) -> Mapping[int, _Chosen]:
        changed, read = projects.changed(), seen.read()
        stamps = {number: (read[number], at) for number, at in changed.items() if number in read}
        self._held = {
            number: held if held is not None and held.stamp == stamp else _Chosen(stamp, _chosen(number))
            for number, stamp in stamps.items()
            for held in [self._held.get(number)]
        }
        return self._held


def _chosen(project: int) -> Mapping[str, Looks]:
    """Return what each server of a project is to try; nothing where no files say what must be true."""
    known = projects.find_by(project)
    last = looking.last_seen(known) if known is not None else None
    outcome = looking.outcome_of(known, last) if known is not None else None
    if last is None or outcome is None or outcome.desired is None:
        return {}
    desired = outcome.desired
    here = judging.live_world(desired, last.live, looking.witnesses(last.live.at))
    found = {}
    for name in here.hosts:
        try:
            looks = choosing.chosen(desired.intents, here, name).looks
        except Invalid:  # an intent of what there is not: its page tells
            continue
        found[name] = looks
    return found
