"""What sensors tell. Source: the kernel's "Naming and data format standards for sysfs files" (hwmon) and its thermal zones."""

import re
from collections.abc import Iterator, Sequence

from vedette.instruments.host import series
from vedette.instruments.host.rating import Rates
from vedette.instruments.host.reading import Files

Value = tuple[str, float | None]
_HWMON, _ZONES = "/sys/class/hwmon", "/sys/class/thermal"
_INPUT = re.compile(r"temp\d+_input")
_MOST = 32
_COLDEST, _HOTTEST = -100.0, 300.0  # beyond lies nothing but a sensor that is not connected


def measured(files: Files, _: Rates) -> Iterator[Value]:
    """Yield temperatures by sensor: those of hwmon, or of the thermal zones where there are none."""
    found: dict[str, float] = {}
    for name, path in (list(_sensors(files)) or list(_zones(files)))[:_MOST]:
        try:
            celsius = files.number(path) / 1000
        except (OSError, ValueError):  # a disk that sleeps, a sensor that failed
            continue
        if _COLDEST < celsius < _HOTTEST:
            key = series.of("temperature.celsius", name)
            found[key] = max(celsius, found.get(key, celsius))
    yield from found.items()


def _sensors(files: Files) -> Iterator[tuple[str, str]]:
    for chip in _names(files, _HWMON):
        folder = f"{_HWMON}/{chip}"
        what = _text(files, f"{folder}/name") or chip
        for one in _names(files, folder):
            if _INPUT.fullmatch(one):
                label = _text(files, f"{folder}/{one.replace('_input', '_label')}")
                yield f"{what} {label or one.removesuffix('_input')}", f"{folder}/{one}"


def _zones(files: Files) -> Iterator[tuple[str, str]]:
    for zone in _names(files, _ZONES):
        if zone.startswith("thermal_zone"):
            yield _text(files, f"{_ZONES}/{zone}/type") or zone, f"{_ZONES}/{zone}/temp"


def _names(files: Files, folder: str) -> Sequence[str]:
    try:
        return sorted(files.names(folder))
    except OSError:
        return ()


def _text(files: Files, path: str) -> str:
    try:
        return files.text(path, 128).strip()
    except OSError:
        return ""
