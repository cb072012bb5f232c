"""The switch against floods on this host, as its own configuration draws it: the server orders it on, off, or how it stands.

Whatever becomes of the server and of the agent, the kernel ends it: the ports of its table are elements that expire. The agent
removes what is left at the deadline, also after a start; what a reboot took away meanwhile is there again until then.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from vedette.agent.actions.ended import Ended
from vedette.agent.config import AttackText, attack_shield
from vedette.core.clock import Clock, iso
from vedette.core.errors import Invalid
from vedette.instruments.attack import looking, offering, tightening
from vedette.instruments.live.types import Live
from vedette.instruments.logs.sources.ledger import written
from vedette.instruments.logs.sources.types import Standing
from vedette.instruments.packets.libnft import Nftables, opened
from vedette.instruments.packets.port import EnforceError

NAME = "attack.json"
_REST = 30.0  # seconds until the kernel is asked again, where it refused
_GONE = f"table inet {tightening.TABLE} {{}}\ndelete table inet {tightening.TABLE}\n"


class _Kept(msgspec.Struct, frozen=True):
    """When the switch goes off."""

    until: float


class Attack:
    """Implements `ports.Follows` and `actions.Switch`. `run_action` belongs to one thread, `run` to another."""

    def __init__(
        self, config: AttackText, state: Path, clock: Clock, look: Callable[[], Live], make: Callable[[], Nftables] = opened
    ) -> None:  # fmt: skip
        self._config, self._file, self._clock, self._look, self._make = (
            config,
            state / NAME,
            clock,
            look,
            make,
        )
        self._lock, self._changed, self._stopping = threading.Lock(), threading.Event(), False

    def offered(self) -> Sequence[str]:
        """Return what the server may order; nothing where the configuration does not let it."""
        return offering.offered(self._config.longest) if self._config.switch else ()

    def run_action(self, name: str) -> Ended:
        """Do it and return how the host stands then; what could not be done is told."""
        try:
            with self._lock:
                self._do(name)
                return Ended(0, looking.told(self._look(), self._until()))
        except (EnforceError, Invalid) as error:
            return Ended(None, why=str(error))
        except OSError as error:
            return Ended(None, why=f"{self._file} cannot be written: {error.strerror}; nothing was changed.")
        finally:
            self._changed.set()

    def run(self) -> None:
        """End the switch at its deadline, until `stop`."""
        with self._lock:
            self._rise()
        while not self._stopping:
            with self._lock:
                rest = self._rest()
            self._changed.wait(rest)
            self._changed.clear()

    def stop(self) -> None:
        """End `run` soon; the switch stays as it is."""
        self._stopping = True
        self._changed.set()

    def standings(self) -> Sequence[Standing]:
        """Return nothing: it follows no lines."""
        return ()

    def _do(self, name: str) -> None:
        if name == offering.STATUS:
            return
        if elsewhere := looking.switched_elsewhere(self._look()):
            raise Invalid(
                f"It was turned on over SSH until {iso(elsewhere)}; `vedette attack off` there ends all of it."
            )
        seconds = offering.minutes(name) * 60
        if seconds:
            self._turn_on(seconds)
        else:
            self._turn_off()

    def _turn_on(self, seconds: float) -> None:
        rules = tightening.rules(attack_shield(self._config), seconds)
        self._keep(self._clock.now() + seconds)
        try:
            self._write(rules)
        except EnforceError:
            self._keep(0.0)
            raise

    def _turn_off(self) -> None:
        self._write(_GONE)
        self._keep(0.0)

    def _rise(self) -> None:
        """Put back what a reboot took away; what is over already is removed by `_rest`."""
        left = self._until() - self._clock.now()
        if left >= 1 and self._config.switch:
            try:
                self._write(tightening.rules(attack_shield(self._config), left))
            except EnforceError:
                return

    def _rest(self) -> float | None:
        """Remove what is over; return after how many seconds to look again, None where nothing is on."""
        until = self._until()
        if not until:
            return None
        left = until - self._clock.now()
        if left > 0:
            return left
        if looking.switched_elsewhere(self._look()):
            self._keep(0.0)
            return None
        try:
            self._turn_off()
        except (EnforceError, OSError):
            return _REST
        return None

    def _until(self) -> float:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=_Kept).until
        except (OSError, msgspec.DecodeError):
            return 0.0

    def _keep(self, until: float) -> None:
        if until:
            written(self._file, msgspec.json.encode(_Kept(until)))
        else:
            self._file.unlink(missing_ok=True)

    def _write(self, text: str) -> None:
        nft = self._make()
        try:
            nft.run(text)
        finally:
            nft.close()
