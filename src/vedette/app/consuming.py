"""How a role takes what waits in the journal: each batch acted on, then acknowledged; one that fails is handed out again."""

from collections.abc import Callable, Sequence

from vedette.core.clock import monotonic
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import Ports

_DRAIN = 2.0
Act = Callable[[Sequence[Message], float], object]


def consume(ports: Ports, group: str, act: Act, most: int, wait: float) -> int:
    """Act on up to `most` messages of a group, waiting up to `wait` seconds for one; return how many. Raises what `act` raises."""
    batch = ports.log.pull(group, most, ports.clock.now(), wait)
    if not batch:
        return 0
    seqs = [message.seq for message in batch]
    try:
        act(batch, ports.clock.now())
    except BaseException:  # also a thread that is told to end: nobody else knows of these messages
        ports.log.nak(group, seqs, ports.clock.now(), 0.0)
        raise
    ports.log.ack(group, seqs)
    return len(batch)


def drain(take: Callable[[], int]) -> None:
    """Take until nothing is left, for a moment."""
    deadline = monotonic() + _DRAIN
    while monotonic() < deadline and take():
        pass
