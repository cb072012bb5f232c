"""Gatus' configuration (YAML, also split over several files). https://github.com/TwiN/gatus#configuration describes it."""

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from vedette.monitors.ascode.written import MaintenanceText
from vedette.monitors.importing.fields import RULES, Fields
from vedette.monitors.importing.formats.gatus import endpoint, maintenance
from vedette.monitors.importing.port import Carried, Found, Given, Left

_VARIABLE = re.compile(r"\$\$|\$\{(\w+)\}|\$(\w+)")
_OWN = "This is about Gatus itself."
_TOP = ("endpoints", "external-endpoints", "suites")
_USED = ("endpoints", "external-endpoints", "maintenance")


class GatusFormat:
    """Implements `port.Format`. Variables (`${NAME}`) are replaced as Gatus does it, by those of this process."""

    name: ClassVar[str] = "gatus"
    label: ClassVar[str] = "Gatus"

    def recognises(self, given: Given) -> bool:
        """Tell by lists of endpoints or suites."""
        return isinstance(given.said, Mapping) and any(isinstance(given.said.get(key), list) for key in _TOP)

    def read(self, given: Sequence[Given], environment: Mapping[str, str]) -> Found:
        """Return a monitor for each endpoint."""
        left: list[Left] = []
        tops = [Fields.of(one, _top(one, environment, left), left) for one in given]
        windows = tuple(window for top in tops for window in _everywhere(top))
        carried = [each for top in tops for each in _file(top, windows)]
        return Found(tuple(carried), tuple(left))


def _top(given: Given, environment: Mapping[str, str], left: list[Left]) -> dict[str, object]:
    said = given.said if isinstance(given.said, Mapping) else {}
    return {
        key: _replaced(given, (key,), value, environment, left) if key in _USED else value
        for key, value in said.items()
    }


def _everywhere(top: Fields) -> list[MaintenanceText]:
    made = maintenance.window(top.table("maintenance"))
    return [] if made is None else [made]


def _file(top: Fields, windows: Sequence[MaintenanceText]) -> list[Carried]:
    found = [endpoint.checked(each, windows) for each in top.rows("endpoints")]
    found += [endpoint.pushed(each, windows) for each in top.rows("external-endpoints")]
    for suite in top.rows("suites"):
        suite.drop("Not carried: a suite of steps has no monitor yet.")
    top.lose(RULES, "alerting")
    top.lose("Status pages are made in Vedette.", "announcements", "ui")
    top.lose("SSH tunnels are not used: run a check where it can reach its target.", "tunneling")
    top.done(_OWN)
    return [each for each in found if each is not None]


def _replaced(
    given: Given, path: tuple[str | int, ...], said: object, environment: Mapping[str, str], left: list[Left]
) -> object:
    """Return a tree with variables replaced; those that are not set are reported and stay as they are written."""
    if isinstance(said, Mapping):
        return {
            key: _replaced(given, (*path, str(key)), value, environment, left) for key, value in said.items()
        }
    if isinstance(said, list):
        return [_replaced(given, (*path, n), value, environment, left) for n, value in enumerate(said)]
    if not isinstance(said, str) or "$" not in said:
        return said

    def one(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name is None:
            return "$"
        if name not in environment:
            left.append(Left(given.place(path), f"The variable {name} is not set; set it and import again."))
            return found[0]
        return environment[name]

    return _VARIABLE.sub(one, said)


FORMAT = GatusFormat()
