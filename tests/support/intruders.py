"""What hosts and guards tell of attackers, for tests."""

from vedette.wire.agent.types import Decision, Detection, Measure, Scope

ATTACKER = "198.51.100.7"


def detection(at: float, address: str = ATTACKER, **more: object) -> Detection:
    """Return what an agent detected."""
    said: dict[str, object] = {
        "id": f"d-{address}-{at}", "at": at, "rule": "ssh-bruteforce", "severity": "high", "service": "ssh",
        "reason": f"6 failed sign-ins of ssh in 40 s from {address}", "address": address, "count": 6, "first_at": at - 40,
        "simulated": False, "lines": (f"Failed password for root from {address} port 5 ssh2",),
    }  # fmt: skip
    return Detection(**{**said, **more})  # type: ignore[arg-type]


def decision(at: float, value: str = ATTACKER, lasts: float = 600.0, **more: object) -> Decision:
    """Return what an agent decided."""
    said: dict[str, object] = {
        "id": f"b-{value}-{at}", "scope": Scope.NETWORK if "/" in value and not value.endswith("/64") else Scope.ADDRESS,
        "value": value, "measure": Measure.BAN, "at": at, "until": at + lasts, "reason": "6 failed sign-ins: ban for 10 min",
        "rule": "ssh-bruteforce", "detection": f"d-{value}-{at}", "origin": "web1",
    }  # fmt: skip
    return Decision(**{**said, **more})  # type: ignore[arg-type]
