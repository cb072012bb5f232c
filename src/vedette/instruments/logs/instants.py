"""When a line was written: the stamps of logs as seconds since 1970, with the year and the zone that they leave out.

Pure: the instant of reading and the source's zone are passed in. A stamp without a year is of the last such day that is not
after tomorrow; a stamp without a zone is of the source's, and where the clock was put back, of the hour that lets the file run on.
"""

import datetime
import re
from collections.abc import Callable

AHEAD = 86_400.0  # seconds that a stamp may be ahead of its reading: a clock goes wrong, a zone was guessed
BACK = (
    300.0  # seconds that lines of a file may be out of order without it being the second of two equal hours
)
Zone = datetime.tzinfo
Parts = tuple[int, int, int, int, int, int]
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_CLOCK = r"(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?"
_ISO = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)[T ] ?" + _CLOCK + r" ?(Z|UTC|GMT|[+-]\d\d:?\d\d|[A-Z]{2,5})?$"
)
_BSD = re.compile(
    r"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) {1,2}(\d{1,2})(?: (\d{4}))? " + _CLOCK + r"(?: (\d{4}))?$"
)
_CLF = re.compile(r"(\d{1,2})[/ -]([A-Z][a-z]{2})[/ -](\d{4})[: ]" + _CLOCK + r"(?: ([+-]\d{4}))?$")
_SHORT = re.compile(r"(\d\d)(\d\d)(\d\d) {1,2}" + _CLOCK + "$")
_WHOLE = re.compile(r":\d\d:(\d\d)(?![\d.,:])", re.ASCII)  # the seconds, where no fraction follows
_EPOCH = re.compile(r"(\d{9,10})(?:\.(\d{1,9})\d*)?$|(\d{13})$|(\d{16})$|(\d{19})$")


class Stamps:
    """Reads the stamps of one source, line by line; it remembers the last, as most lines of a moment share theirs.

    Of the last it also remembers the minute: stamps that differ in their seconds alone are not taken apart again. No zone
    changes its offset within a minute, and no line of one minute is of another year than the line before.
    """

    def __init__(self, zone: Zone) -> None:
        """Take the zone of stamps that name none."""
        self._zone = zone
        self._text = ""
        self._at = 0.0
        self._before = self._behind = ""  # the stamp but for its seconds: `26/Nov/2026:17:14:`, ` +0000`
        self._minute = 0.0
        self._seconds = slice(0)

    def at(self, text: str, now: float) -> float:
        """Return the instant of a stamp; `now` where it is none or lies more than a day ahead of it."""
        if text == self._text:
            return self._at
        found = self._in_minute(text)
        if found is None:
            found = instant(text, now, self._zone, self._at)
            if found is not None:
                self._remember(text, found)
        if found is None or found > now + AHEAD:
            return now
        self._text, self._at = text, found
        return found

    def _in_minute(self, text: str) -> float | None:
        """Return the instant of a stamp of the last one's minute, None where it is another's."""
        if not text.startswith(self._before) or not self._before:
            return None
        told = text[self._seconds]
        if text[self._seconds.stop :] != self._behind or not (
            len(told) == 2 and told.isascii() and told.isdigit()
        ):
            return None
        second = int(told)
        return self._minute + second if second < 60 else None

    def _remember(self, text: str, at: float) -> None:
        """Remember the minute of a stamp that tells whole seconds."""
        found = _WHOLE.search(text)
        self._before = ""
        if found is not None and int(found[1]) < 60:
            self._seconds = slice(*found.span(1))
            self._before, self._behind = text[: found.start(1)], text[found.end(1) :]
            self._minute = at - int(found[1])


def instant(text: str, now: float, zone: Zone, after: float = 0.0) -> float | None:
    """Return the instant of a stamp, None when it is none.

    `after` is the instant of the line before: of two hours that a clock shows twice, it tells which. Source of the forms:
    RFC 3164 (`Nov  2 15:40:14`), RFC 5424 and ISO 8601, the common log format, ctime(3), and epochs in seconds to nanoseconds.
    """
    for pattern, read in _FORMS:
        found = pattern.match(text)
        if found:
            try:
                return read(found, now, zone, after)
            except (ValueError, OverflowError):
                return None
    return None


def _iso(found: re.Match[str], now: float, zone: Zone, after: float) -> float:  # noqa: ARG001
    year, month, day, hour, minute, second = (int(found[i]) for i in range(1, 7))
    parts = (year, month, day, hour, minute, second)
    return _placed(parts, _offset(found[8] or ""), zone, after) + _fraction(found[7])


def _clf(found: re.Match[str], now: float, zone: Zone, after: float) -> float:  # noqa: ARG001
    parts = (int(found[3]), _month(found[2]), int(found[1]), int(found[4]), int(found[5]), int(found[6]))
    return _placed(parts, _offset(found[8] or ""), zone, after) + _fraction(found[7])


def _short(found: re.Match[str], now: float, zone: Zone, after: float) -> float:  # noqa: ARG001
    year, month, day, hour, minute, second = (int(found[i]) for i in range(1, 7))
    return _placed((2000 + year, month, day, hour, minute, second), None, zone, after)


def _bsd(found: re.Match[str], now: float, zone: Zone, after: float) -> float:
    rest = (_month(found[1]), int(found[2]), int(found[4]), int(found[5]), int(found[6]))
    year = found[3] or found[8]
    if year:
        return _placed((int(year), *rest), None, zone, after) + _fraction(found[7])
    return _latest(rest, now, zone, after) + _fraction(found[7])


def _latest(rest: tuple[int, int, int, int, int], now: float, zone: Zone, after: float) -> float:
    """Return the latest year's instant that is not after tomorrow: the 29th of February may be four years ago."""
    this = datetime.datetime.fromtimestamp(now, zone).year
    for year in range(this + 1, this - 9, -1):
        try:
            at = _placed((year, *rest), None, zone, after)
        except ValueError:
            continue
        if at <= now + AHEAD:
            return at
    raise ValueError("no such day in any year")


def _epoch(found: re.Match[str], now: float, zone: Zone, after: float) -> float:  # noqa: ARG001
    if found[1]:
        return int(found[1]) + _fraction(found[2])
    for group, unit in ((3, 1e3), (4, 1e6), (5, 1e9)):
        if found[group]:
            return int(found[group]) / unit
    raise ValueError("no epoch")


def _placed(parts: Parts, offset: datetime.tzinfo | None, zone: Zone, after: float) -> float:
    """Return the instant of a clock's face; where a zone shows it twice, the one that lets the file run on."""
    year, month, day, hour, minute, second = parts
    leap = second == 60  # a leap second is the second after
    face = datetime.datetime(year, month, day, hour, minute, second - leap, tzinfo=offset or zone)
    early = face.timestamp()
    late = face.replace(fold=1).timestamp()
    chosen = late if late > early and after - early > BACK and after - late <= BACK else early
    return chosen + leap


def _offset(text: str) -> datetime.tzinfo | None:
    """Return the zone that a stamp names; None where it names none, or one whose letters mean several."""
    if text in ("Z", "UTC", "GMT"):
        return datetime.UTC
    if text[:1] not in ("+", "-"):
        return None
    sign = -1 if text[0] == "-" else 1
    return datetime.timezone(sign * datetime.timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def _month(name: str) -> int:
    try:
        return _MONTHS[name.lower()]
    except KeyError:
        raise ValueError("no month") from None


def _fraction(digits: str | None) -> float:
    return int(digits) / 10 ** len(digits) if digits else 0.0


_Read = Callable[[re.Match[str], float, Zone, float], float]
_FORMS: tuple[tuple[re.Pattern[str], _Read], ...] = (
    (_BSD, _bsd),
    (_ISO, _iso),
    (_CLF, _clf),
    (_EPOCH, _epoch),
    (_SHORT, _short),
)
