"""The targets of a roll as they are: behind Hetzner's load balancers (or none), spoken to over SSH or by local commands, asked over HTTP."""

import shlex
import threading
from collections.abc import Callable, Sequence

from vedette.core.errors import VedetteError
from vedette.deploy.types import Hands, Roll, RollError, Target
from vedette.instruments.hetzner import balancing
from vedette.instruments.hetzner.types import Asks
from vedette.plumbing.net.port import Net, NetError

_HEALTHY = "healthy"
_ONE_LOOK = 5.0  # seconds
_COMMAND = 1_800.0  # seconds a command may take
_IN_A_ROW = 2


class Served:
    """Implements `rolling.ports.Fleet`. `cloud` is None where no load balancer stands before the targets."""

    def __init__(
        self, roll: Roll, hands: Hands, net: Net, *, cloud: Asks | None, pause: Callable[[float], object]
    ) -> None:
        self._roll, self._hands, self._net, self._cloud, self._pause = roll, hands, net, cloud, pause
        self._writing = threading.Lock()  # Hetzner changes one thing of a load balancer at a time

    def take_out(self, target: Target) -> None:
        """Take it out and let connections end."""
        if self._cloud is not None and target.behind:
            with self._writing:
                balancing.take_out(self._cloud, target.behind)
            self.pause(self._roll.drain)

    def put_back(self, target: Target) -> None:
        """Put it back and see it healthy there, and again after a while."""
        if self._cloud is not None and target.behind:
            with self._writing:
                balancing.put_back(self._cloud, target.behind)
            self._until(lambda: self._wrong_behind(target))
        if self._roll.settle:
            self.pause(self._roll.settle)
            wrong = self._wrong_behind(target) or self._wrong(target)
            if wrong:
                raise RollError(
                    f"It was healthy, and was not any more {self._roll.settle:.0f} seconds later: {wrong}"
                )

    def change(self, target: Target) -> None:
        """Run the command, then restart the unit."""
        self._run(target, self._roll.do)

    def undo(self, target: Target) -> None:
        """Run the command that undoes it, then restart the unit."""
        self._run(target, self._roll.undo)

    def check(self, target: Target) -> None:
        """See its unit active and its health answered, twice in a row."""
        self._until(lambda: self._inactive(target) or self._wrong(target))

    def healthy(self, targets: Sequence[Target]) -> frozenset[str]:
        """Return those that the load balancers find healthy, or whose health is answered where there is none."""
        found = balancing.balancers(self._cloud) if self._cloud is not None else []
        return frozenset(
            each.name
            for each in targets
            if (
                all(balancing.health(found, place) == _HEALTHY for place in each.behind)
                if each.behind
                else not self._wrong(each)
            )
        )

    def pause(self, seconds: float) -> None:
        """Wait."""
        self._pause(seconds)

    def _run(self, target: Target, command: str) -> None:
        restart = f"systemctl restart -- {shlex.quote(self._roll.unit)}" if self._roll.unit else ""
        lines = [each for each in (command, restart) if each]
        if lines:
            # In braces it is read as a whole before it runs: a command that reads its input eats none of it.
            script = "set -e\n{\n" + "\n".join(lines) + "\n} </dev/null\n"
            self._hands.run(target.address, script, self._told(target), _COMMAND)

    def _told(self, target: Target) -> dict[str, str]:
        words = {"VEDETTE_TARGET": target.name, "VEDETTE_ADDRESS": target.address}
        return {**words, "VEDETTE_VERSION": self._roll.version} if self._roll.version else words

    def _inactive(self, target: Target) -> str:
        if not self._roll.unit:
            return ""
        try:
            script = f"systemctl is-active -- {shlex.quote(self._roll.unit)}\n"
            self._hands.run(target.address, script, self._told(target), _ONE_LOOK * 4)
        except VedetteError as error:
            return str(error)
        return ""

    def _wrong(self, target: Target) -> str:
        """Return why its health is not answered; nothing where it is, or nobody asks."""
        if not self._roll.health:
            return ""
        url = self._roll.health.replace("{address}", _host(target.address)).replace("{name}", target.name)
        try:
            status = self._net.request("GET", url, deadline=_ONE_LOOK).status
        except NetError as error:
            return str(error)
        return "" if 200 <= status < 300 else f"{url} answers {status}."

    def _wrong_behind(self, target: Target) -> str:
        if self._cloud is None or not target.behind:
            return ""
        found = balancing.balancers(self._cloud)
        wrong = [
            f"{place.balancer_name} finds it {state or 'absent'}"
            for place in target.behind
            if (state := balancing.health(found, place)) != _HEALTHY
        ]
        return f"{', '.join(wrong)}." if wrong else ""

    def _until(self, look: Callable[[], str]) -> None:
        """Look again and again until nothing is wrong twice in a row; raises `RollError` with what was wrong last."""
        good, wrong = 0, ""
        for _ in range(max(_IN_A_ROW, round(self._roll.patience / self._roll.interval))):
            wrong = look()
            good = 0 if wrong else good + 1
            if good == _IN_A_ROW:
                return
            self.pause(self._roll.interval)
        raise RollError(
            f"Not healthy within {self._roll.patience:.0f} seconds: {wrong or 'it comes and goes.'}"
        )


def _host(address: str) -> str:
    """Return an address as it stands in a URL."""
    return f"[{address}]" if address.count(":") > 1 and not address.startswith("[") else address
