"""OnCalendar expressions, generated, and the program that says when they elapse: systemd's own."""

import datetime as dt
import os
import random
import re
import subprocess

#: Instants from which the next one is asked: ordinary days, the eve of each clock change, within a doubled hour, a leap day.
BASES = (
    "2026-03-28 12:00:00", "2026-03-29 00:30:00", "2026-10-24 23:59:59", "2026-10-25 00:40:00", "2026-11-24 02:14:07",
    "2026-12-31 23:59:59", "2027-02-27 08:00:00", "2028-02-28 23:00:00",
)  # fmt: skip
_ZONES = (
    "",
    "",
    " UTC",
    " Europe/Berlin",
    " America/New_York",
    " Australia/Lord_Howe",
    " Asia/Kathmandu",
    " America/St_Johns",
)
_WORDS = (
    "minutely",
    "hourly",
    "daily",
    "weekly",
    "monthly",
    "quarterly",
    "semiannually",
    "yearly",
    "annually",
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Monday", "friday")
_NEXT = re.compile(
    r"^\s+(?:Next elapse|Iter\. #\d+|\(in UTC\)): (?:(\w{3} [\d-]+ [\d:]+) UTC|never)$", re.MULTILINE
)


def expressions(n: int, seed: int = 5) -> list[tuple[str, str]]:
    """Return `n` expressions, some of them wrong, each with an instant (UTC) to ask from."""
    chance = random.Random(seed)
    return [(_expression(chance), chance.choice(BASES)) for _ in range(n)]


def elapses(expression: str, base: str) -> str | None:
    """Return when systemd has an expression elapse after an instant (`2026-03-29 01:00:00`, UTC); `never`, or None when refused."""
    done = subprocess.run(
        ["systemd-analyze", "calendar", f"--base-time={base} UTC", expression],
        env={**os.environ, "TZ": "UTC", "LC_ALL": "C"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        return None
    found = _NEXT.search(done.stdout)
    assert found is not None, done.stdout
    return found.group(1)[4:] if found.group(1) else "never"


def utc(text: str) -> float:
    """Return the instant of `2026-03-29 01:00:00`."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()


def _expression(chance: random.Random) -> str:
    zone = chance.choice(_ZONES)
    if chance.random() < 0.1:
        return chance.choice(_WORDS) + zone
    parts = []
    if chance.random() < 0.4:
        parts.append(_weekdays(chance))
    if chance.random() < 0.6:
        parts.append(_date(chance))
    if chance.random() < 0.7 or not parts:
        parts.append(_time(chance))
    return " ".join(parts) + zone


def _weekdays(chance: random.Random) -> str:
    def one() -> str:
        first = chance.choice(_DAYS)
        return first if chance.random() < 0.6 else f"{first}..{chance.choice(_DAYS)}"

    return ",".join(one() for _ in range(chance.choice((1, 1, 1, 2, 3)))) + chance.choice(("", "", ","))


def _date(chance: random.Random) -> str:
    year = chance.choice(("*", "*", "*", "2026", "2027,2028", "2026..2030", "27", "2024/4"))
    month = _field(chance, 1, 12)
    if chance.random() < 0.2:
        day = f"~{chance.choice(('1', '02', '3..5', '7/1', '1,2', '28'))}"
        return f"{year}-{month}{day}" if chance.random() < 0.7 else f"{month}{day}"
    day = _field(chance, 1, 31)
    return f"{year}-{month}-{day}" if chance.random() < 0.7 else f"{month}-{day}"


def _time(chance: random.Random) -> str:
    hour, minute = _field(chance, 0, 23), _field(chance, 0, 59)
    return f"{hour}:{minute}" + (f":{_field(chance, 0, 59)}" if chance.random() < 0.4 else "")


def _field(chance: random.Random, low: int, high: int) -> str:
    def value() -> str:
        return f"{chance.randint(low, high):{chance.choice(('d', '02d'))}}"

    first = chance.randint(low, (low + high) // 2)
    forms = {
        "*": 30, value(): 30, ",".join(value() for _ in range(chance.randint(2, 4))): 10, f"{value()}..{value()}": 10,
        f"{first}/{chance.randint(1, 7)}": 10, f"{first}..{chance.randint(first, high)}/{chance.randint(1, 5)}": 7,
        chance.choice((f"*/{chance.randint(2, 5)}", str(high + 1), "", "x")): 3,
    }  # fmt: skip
    return chance.choices(list(forms), list(forms.values()))[0]
