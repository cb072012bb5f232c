"""What becomes of a hook's JSON: where in it the alerts are, and which part of each says what."""

import msgspec

from vedette.core.errors import Invalid
from vedette.wire.alertmanager import NAME
from vedette.wire.hooks import filling, picking
from vedette.wire.hooks.filling import Template
from vedette.wire.hooks.picking import Path

SECRET_PREFIX = "vdh_"  # noqa: S105 - what the secrets of hooks begin with
FIRING, RESOLVED, IGNORE = "firing", "resolved", "ignore"
STATES = (FIRING, RESOLVED, IGNORE)
SEVERITIES = ("info", "low", "high", "critical")
OTHERWISE = "*"  # the word of a value map that stands for every other
A_DAY = 1_440
LONGEST_LASTS = 43_200  # 30 days
_MOST_PAIRS = 32
_MOST_WORDS = 50
_LONGEST_WORD = 200
TEXTS = ("title", "text", "link", "state", "severity", "starts", "ends")
_PLACES = ("alerts", "labels_from", "annotations_from")


class AlertMapping(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping as it is written. `alerts` is the path of a list, empty where the whole body is one alert.

    `labels` and `annotations` give each name a text with holes; those of the objects at `labels_from` and
    `annotations_from` are taken besides. `states` say which word of `state` means `firing`, `resolved` or `ignore`,
    `severities` which of `severity` is how bad (`*`: every other). One that nobody says is over goes on for `lasts` minutes.
    """

    alerts: str = ""
    labels: dict[str, str] = {}
    labels_from: str = ""
    annotations: dict[str, str] = {}
    annotations_from: str = ""
    title: str = ""
    text: str = ""
    link: str = ""
    state: str = ""
    states: dict[str, str] = {}
    severity: str = ""
    severities: dict[str, str] = {}
    starts: str = ""
    ends: str = ""
    lasts: int = A_DAY


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping that can be used: its paths and texts are read. `texts` are those of an alert's parts, by field."""

    alerts: Path | None
    places: dict[str, Path]
    labels: dict[str, Template]
    annotations: dict[str, Template]
    texts: dict[str, Template]
    states: dict[str, str]
    severities: dict[str, str]
    lasts: float


def shape(given: AlertMapping) -> Shape:
    """Return a mapping that can be used; raises `Invalid` naming each field that is wrong."""
    wrong: dict[str, str] = {}
    places = {name: _place(name, getattr(given, name), wrong) for name in _PLACES if getattr(given, name)}
    made = Shape(
        alerts=places.pop("alerts", None),
        places=places,
        labels=_pairs("labels", given.labels, wrong),
        annotations=_pairs("annotations", given.annotations, wrong),
        texts={name: _text(name, getattr(given, name), wrong) for name in TEXTS if getattr(given, name)},
        states=_words("states", given.states, STATES, wrong),
        severities=_words("severities", given.severities, SEVERITIES, wrong),
        lasts=given.lasts * 60.0,
    )
    if not given.labels and not given.labels_from:
        wrong.setdefault("labels", "Say at least one label: an alert is known by its labels.")
    if not 1 <= given.lasts <= LONGEST_LASTS:
        wrong["lasts"] = f"Between 1 minute and {LONGEST_LASTS} (30 days)."
    if wrong:
        raise Invalid("The mapping cannot be used.", wrong)
    return made


def _place(field: str, text: str, wrong: dict[str, str]) -> Path:
    try:
        return picking.path(text)
    except Invalid as error:
        wrong[field] = str(error)
        return picking.path("@")


def _text(field: str, text: str, wrong: dict[str, str], named: str = "") -> Template:
    try:
        return filling.template(text)
    except Invalid as error:
        wrong[field] = f"{named}{error}"
        return Template(())


def _pairs(field: str, given: dict[str, str], wrong: dict[str, str]) -> dict[str, Template]:
    if len(given) > _MOST_PAIRS:
        wrong[field] = f"At most {_MOST_PAIRS}."
    bad = next((name for name in given if NAME.fullmatch(name) is None), None)
    if bad is not None:
        wrong[field] = f"{bad[:60]!r} is no name: letters, digits and _ are, and no digit first."
    return {name: _text(field, text, wrong, f"{name}: ") for name, text in given.items()}


def _words(
    field: str, given: dict[str, str], known: tuple[str, ...], wrong: dict[str, str]
) -> dict[str, str]:
    if len(given) > _MOST_WORDS or any(len(word) > _LONGEST_WORD for word in given):
        wrong[field] = f"At most {_MOST_WORDS} words of {_LONGEST_WORD} characters."
    odd = next((word for word, meant in given.items() if meant not in known), None)
    if odd is not None:
        wrong[field] = f"{odd}: {given[odd][:40]!r} is none of {', '.join(known)}."
    return {word.strip().lower(): meant for word, meant in given.items()}
