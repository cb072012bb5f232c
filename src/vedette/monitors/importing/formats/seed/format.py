"""The plain list of health checks as JSON: `checkInterval`, `errorThreshold`, `alertEndpoints`, `healthChecks`."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from vedette.instruments.probe.types import MAX_DEADLINE
from vedette.monitors.ascode.written import MonitorText, ToleranceText
from vedette.monitors.importing.fields import RULES, Fields
from vedette.monitors.importing.port import Carried, Found, Given, Left

_DAY = 86_400.0
_MS_INTERVAL, _MS_TIMEOUT = 5_000, 300  # from these on, numbers are milliseconds: no check waits five minutes
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class SeedFormat:
    """Implements `port.Format`. Times are seconds, or milliseconds where an interval of 5,000 or a timeout of 300 says so."""

    name: ClassVar[str] = "seed"
    label: ClassVar[str] = "a list of health checks"

    def recognises(self, given: Given) -> bool:
        """Tell by `healthChecks`."""
        return isinstance(given.said, Mapping) and isinstance(given.said.get("healthChecks"), list)

    def read(self, given: Sequence[Given], environment: Mapping[str, str]) -> Found:  # noqa: ARG002
        """Return a monitor for each check; alert endpoints are reported."""
        left: list[Left] = []
        carried = [each for one in given for each in _file(Fields.of(one, one.said, left))]
        return Found(tuple(carried), tuple(left))


def _file(top: Fields) -> list[Carried]:
    interval, threshold = top.number("checkInterval", 60.0), top.number("errorThreshold")
    checks = top.rows("healthChecks")
    timeouts = [check.number("timeout") for check in checks]
    unit = 1_000 if interval >= _MS_INTERVAL or any(one >= _MS_TIMEOUT for one in timeouts) else 1
    every = top.within("checkInterval", interval / unit, 5, _DAY)
    failures = _failures(top, threshold)
    found = [
        _check(check, timeout / unit, every, failures)
        for check, timeout in zip(checks, timeouts, strict=True)
    ]
    for n, _ in enumerate(top.texts("alertEndpoints")):
        top.leave(RULES, "alertEndpoints", n)
    top.done()
    return [each for each in found if each is not None]


def _failures(top: Fields, threshold: float) -> int | None:
    if not threshold:
        return None
    if threshold.is_integer() and 1 <= threshold <= 100:
        return int(threshold)
    top.leave(f"{threshold:g} is no number of failures in a row; the usual two are borne.", "errorThreshold")
    return None


def _check(check: Fields, timeout: float, every: float, failures: int | None) -> Carried | None:
    url, name = check.text("endpoint"), check.text("name")
    if not url.startswith(("http://", "https://")):
        check.drop(f"Not carried: {url[:80]!r} names no host; write https://….")
        return None
    method = check.text("method", "GET").upper()
    if method not in _METHODS:
        check.leave(f"{method[:20]} is no method; it is GET now.", "method")
        method = "GET"
    deadline = check.within("timeout", timeout, 0.05, MAX_DEADLINE) if timeout else 10.0
    status = _status(check)
    check.done()
    text = MonitorText(
        name=name or url.partition("://")[2], url=url, interval=every, timeout=deadline,
        options={"method": method, **({"status": status} if status else {})},
        tolerance=None if failures is None else ToleranceText(failures=failures),
    )  # fmt: skip
    return Carried(check.place(), text)


def _status(check: Fields) -> str:
    if isinstance(check.peek("expectedStatus"), list):
        return ",".join(check.texts("expectedStatus"))
    return check.text("expectedStatus")


FORMAT = SeedFormat()
