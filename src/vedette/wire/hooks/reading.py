"""From the body somebody sent to a hook to the alerts it stands for: all of them, or none and why. Pure.

What is taken is bounded as at the door of Alertmanager: `wire.alertmanager` says how many alerts, labels and characters.
"""

import datetime as dt
from collections.abc import Iterator

import msgspec

from vedette.core.errors import Invalid
from vedette.wire import alertmanager
from vedette.wire.alertmanager import LATEST, MOST_ALERTS, NAME, NO_YEAR, PushedAlert
from vedette.wire.hooks import filling, picking
from vedette.wire.hooks.mapping import FIRING, IGNORE, OTHERWISE, RESOLVED, TEXTS, Shape
from vedette.wire.hooks.picking import Path

MOST_FAULTS = 20
_DEEPEST = 64
_TOO_DEEP = f"The body is nested more than {_DEEPEST} deep."
_MOST_MADE = 16 * 1024 * 1024  # characters that one body may become
_MILLISECONDS = 100_000_000_000.0  # as seconds, this is the year 5138
_TITLE, _TEXT = "summary", "description"  # the annotations that hold them, as with Prometheus


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one alert of a body: its place (1 is the first), the field of the mapping, and in words."""

    alert: int
    field: str
    text: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"Alert {self.alert}, {self.field}: {self.text}"


class Shaped(msgspec.Struct, frozen=True):
    """What a body holds: alerts, how many were left out as they are to be ignored, and what is wrong."""

    alerts: tuple[PushedAlert, ...] = ()
    ignored: int = 0
    faults: tuple[Fault, ...] = ()


def parsed(body: bytes | bytearray | str) -> object:
    """Return the JSON of a body; raises `Invalid`."""
    try:
        found: object = msgspec.json.decode(body)
    except RecursionError:
        raise Invalid(_TOO_DEEP, {"body": _TOO_DEEP}) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"The body is not JSON: {error}.", {"body": f"{error}"}) from None
    if _deep(found):
        raise Invalid(_TOO_DEEP, {"body": _TOO_DEEP})
    return found


def read(body: object, shape: Shape, hook: str, now: float) -> Shaped:
    """Return what parsed JSON holds at `now`; raises `Invalid` where there is no list of alerts, or one too long.

    Where anything is wrong there are faults and no alerts.
    """
    found = _alerts(body, shape.alerts)
    made: list[PushedAlert] = []
    faults: list[Fault] = []
    size = 0
    for number, each in enumerate(found, 1):
        alert = _one(_Alert(shape, hook, now, number, each, body, faults))
        if len(faults) >= MOST_FAULTS:
            break
        if alert is not None:
            made.append(alert)
            size += sum(map(len, (*alert.labels.values(), *alert.annotations.values())))
        if size > _MOST_MADE:
            raise Invalid(
                "The alerts of this body have too long texts; point at shorter ones.", {"alerts": "too long"}
            )
    if faults:
        return Shaped((), 0, tuple(faults[:MOST_FAULTS]))
    return Shaped(tuple(made), len(found) - len(made))


class _Alert(msgspec.Struct, frozen=True):
    """One alert that is being read: its JSON, the whole body, and where to note what is wrong with it."""

    shape: Shape
    hook: str
    now: float
    number: int
    given: object
    body: object
    faults: list[Fault]

    def blame(self, field: str, text: str) -> None:
        """Note what is wrong with a field."""
        self.faults.append(Fault(self.number, field, text))


def _alerts(body: object, where: Path | None) -> list[object]:
    if where is None:
        return [body]
    found = where.find(body, body)
    if isinstance(found, dict):
        return [found]
    if not isinstance(found, list):
        told = "Nothing is" if found is None else "No list is"
        raise Invalid(
            f"{told} at `{where.text}`, where the alerts should be. {_near(where, body)}".strip(),
            {"alerts": f"{told} at `{where.text}`."},
        )
    if len(found) > MOST_ALERTS:
        raise Invalid(
            f"{len(found)} alerts in one body; at most {MOST_ALERTS} are taken.", {"alerts": "too many"}
        )
    return found


def _near(where: Path, body: object) -> str:
    return picking.hint(picking.path(where.text.partition("[")[0] or "@"), body, body)


def _one(here: _Alert) -> PushedAlert | None:
    """Return an alert; None for one to be ignored, or with a fault, which is noted."""
    before = len(here.faults)
    texts = dict.fromkeys(TEXTS, "")
    state = _state(here)
    if state == IGNORE or len(here.faults) > before:
        return None
    for field, template in here.shape.texts.items():
        texts[field] = _filled(field, template, here) if field != "state" else ""
    labels = dict(_pairs("labels", here))
    annotations = dict(_pairs("annotations", here))
    told = {_TITLE: texts["title"], _TEXT: texts["text"]}
    starts, ends = (_instant(field, texts[field], here) for field in ("starts", "ends"))
    severity = _severity(texts["severity"], here)
    if len(here.faults) > before:
        return None
    starts, ends = _span(state, starts, ends, here)
    made = PushedAlert(
        labels={name: value for name, value in labels.items() if value},
        annotations=annotations | {name: text for name, text in told.items() if text},
        starts=starts,
        ends=ends,
        link=texts["link"],
        severity=severity,
        hook=here.hook,
    )
    problem = alertmanager.problem(made)
    if problem:
        here.blame("labels", f"{problem[0].upper()}{problem[1:]}.")
    return None if problem else made


def _filled(field: str, template: filling.Template, here: _Alert) -> str:
    try:
        return template.fill(here.given, here.body)
    except Invalid as error:
        here.blame(field, str(error))
        return ""


def _state(here: _Alert) -> str:
    template = here.shape.texts.get("state")
    if template is None:
        return FIRING
    before = len(here.faults)
    word = _filled("state", template, here)
    return "" if len(here.faults) > before else _meant("states", word, here, {FIRING, RESOLVED})


def _severity(word: str, here: _Alert) -> str:
    words = here.shape.severities
    return _meant("severities", word, here, set()) if word and words else word


def _meant(field: str, word: str, here: _Alert, own: set[str]) -> str:
    """Return what a word means by its value map."""
    words, said = getattr(here.shape, field), word.strip().lower()
    found = words.get(said) or (said if said in own else words.get(OTHERWISE))
    if found is None:
        known = ", ".join([*words, *sorted(own - set(words))][:10]) or "none"
        here.blame(field, f"“{word[:60]}” is not among the words ({known}); add it, or * for every other.")  # fmt: skip
    return found or ""


def _pairs(field: str, here: _Alert) -> Iterator[tuple[str, str]]:
    """Yield names and values: those of an object as it is, then those the mapping names."""
    where = here.shape.places.get(f"{field}_from")
    if where is not None:
        found = where.find(here.given, here.body)
        if found is not None and not isinstance(found, dict):
            here.blame(f"{field}_from", f"`{where.text}` is no object with names and values.")
        elif found:
            for name, value in found.items():
                text = filling.written(value)
                if text:
                    yield _name(name), text[: filling.LONGEST_VALUE]
    for name, template in getattr(here.shape, field).items():
        yield name, _filled(f"{field}.{name}", template, here)


def _name(name: str) -> str:
    """Return a name as labels have it: what may not stand there becomes an underscore."""
    if NAME.fullmatch(name):
        return name
    kept = "".join(sign if sign.isascii() and (sign.isalnum() or sign == "_") else "_" for sign in name[:200])
    return f"_{kept}" if not kept or kept[0].isdigit() else kept


def _instant(field: str, text: str, here: _Alert) -> float | None:
    """Return an instant in seconds; it is written as ISO 8601, or as seconds or milliseconds since 1970."""
    if not text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        return _written(field, text.strip(), here)
    seconds = number / 1_000 if abs(number) >= _MILLISECONDS else number
    if 0 <= seconds <= LATEST:
        return seconds or None
    here.blame(field, f"{text[:60]!r} is no instant.")
    return None


def _written(field: str, text: str, here: _Alert) -> float | None:
    try:
        moment = msgspec.convert(text, dt.datetime)
    except msgspec.ValidationError:
        here.blame(field, f"{text[:60]!r} is no instant: 2026-11-25T12:00:00Z, or seconds.")
        return None
    if moment.year == NO_YEAR:
        return None
    return max(0.0, min(LATEST, (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()))


def _span(state: str, starts: float | None, ends: float | None, here: _Alert) -> tuple[float, float]:
    """Return when an alert starts and ends: one that is over has ended by now, one that fires ends after now."""
    if state == RESOLVED:
        over = here.now if ends is None else min(ends, here.now)
        return (over if starts is None else min(starts, over)), over
    begun = here.now if starts is None else min(starts, here.now)
    lasting = here.now + here.shape.lasts
    return begun, ends if ends is not None and ends > here.now else lasting


def _deep(value: object) -> bool:
    """Tell whether JSON is nested deeper than anybody means; level by level, without recursion."""
    level: list[object] = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
