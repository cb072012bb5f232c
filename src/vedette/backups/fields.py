"""Settings of sources as fields of a form: read from the struct that a source declares, and back again. Pure."""

import enum
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import inspect

from vedette.core.errors import Invalid


class Shape(enum.StrEnum):
    """How a setting is written."""

    TEXT = "text"
    LINES = "lines"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    JSON = "json"


class Setting(msgspec.Struct, frozen=True):
    """A setting: its name, how it is written, what may be chosen, whether it must be there, what it is without."""

    name: str
    shape: Shape
    choices: tuple[str, ...] = ()
    required: bool = False
    without: object = None

    @property
    def label(self) -> str:
        """Return its name as words."""
        return self.name.replace("_", " ").capitalize()


def of(kind: type[msgspec.Struct]) -> tuple[Setting, ...]:
    """Return the settings of a struct, in its order."""
    told = inspect.type_info(kind)
    assert isinstance(told, inspect.StructType)  # noqa: S101 - a struct was asked for
    return tuple(_setting(field) for field in told.fields)


def written(setting: Setting, value: object) -> object:
    """Return a value as it stands in a form."""
    if setting.shape is Shape.SWITCH:
        return bool(value)
    if value is None:
        return ""
    if setting.shape is Shape.LINES:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return msgspec.json.encode(value).decode() if setting.shape is Shape.JSON and value != "" else str(value)


def read(setting: Setting, given: object) -> object:
    """Return what was written as a value; raises `Invalid` for what cannot be read."""
    if setting.shape is Shape.SWITCH:
        return bool(given)
    text = str(given or "")
    if setting.shape is Shape.LINES:
        return [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    return _read(setting, text.strip())


def changed(settings: tuple[Setting, ...], values: Mapping[str, object]) -> dict[str, object]:
    """Return the settings that are not what they are without: a plan says only what was meant."""
    return {one.name: values[one.name] for one in settings if not _is_without(one, values.get(one.name))}


def _is_without(setting: Setting, value: object) -> bool:
    without = setting.without
    if isinstance(without, tuple):
        without = list(without)
    return value is None or value == without or (value in ("", []) and not setting.required)


def _read(setting: Setting, text: str) -> object:
    if not text:
        return None
    if setting.shape is Shape.NUMBER:
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            raise Invalid(
                f"{setting.label} is a number, not {text[:40]!r}.", {setting.name: "no number"}
            ) from None
    if setting.shape is Shape.JSON:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            raise Invalid(f"{setting.label} is written as JSON.", {setting.name: "no JSON"}) from None
    return text


def _setting(field: inspect.Field) -> Setting:
    shape, choices = _shape(field.type)
    without = field.default
    if without is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
        without = field.default_factory()
    if without is msgspec.NODEFAULT:
        without = None
    return Setting(field.encode_name, shape, choices, field.required, without)


def _shape(kind: inspect.Type) -> tuple[Shape, tuple[str, ...]]:
    if isinstance(kind, inspect.UnionType):
        kinds = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        return _shape(kinds[0]) if len(kinds) == 1 else (Shape.JSON, ())
    if isinstance(kind, inspect.BoolType):
        return Shape.SWITCH, ()
    if isinstance(kind, inspect.StrType):
        return Shape.TEXT, ()
    if isinstance(kind, inspect.IntType | inspect.FloatType):
        return Shape.NUMBER, ()
    if choices := tuple(_choices(kind)):
        return Shape.CHOICE, choices
    return (Shape.LINES, ()) if _holds_texts(kind) else (Shape.JSON, ())


def _choices(kind: inspect.Type) -> Iterator[str]:
    if isinstance(kind, inspect.LiteralType):
        yield from map(str, kind.values)
    if isinstance(kind, inspect.EnumType):
        yield from (str(one.value) for one in kind.cls)


def _holds_texts(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.VarTupleType | inspect.ListType) and isinstance(
        kind.item_type, inspect.StrType
    )
