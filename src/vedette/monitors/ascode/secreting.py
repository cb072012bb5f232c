"""Where the secrets of files are: not in them. Pure; who opens a secret is passed in.

An option that holds a secret is written `{ env = "NAME" }` or `{ file = "/path" }`; so is each header. What may hold one
and seldom does (a body, a header such as Accept) may also stand as it is; a credential never. What is written out stands as
it is only where its name says that it is harmless. The script of a journey is no secret, and may lie beside:
`{ file = "journeys/buy.py" }`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from vedette.core.errors import Invalid
from vedette.instruments.probe.masking import is_secret_name

Opener = Callable[[str, str], str]  # "env", "file" or `SCRIPT`, and its name; raises `Invalid`
SCRIPT = "script"
HARMLESS = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "content-type",
        "host",
        "origin",
        "pragma",
        "user-agent",
    }
)
_SOURCES = ("env", "file")
_HINT = 'write { env = "NAME" } or { file = "/path" }'


def beside(opener: Opener, folder: str) -> Opener:
    """Return an opener that finds scripts from a folder on."""
    return lambda kind, name: opener(
        kind, f"{folder}/{name}" if kind == SCRIPT and folder and not name.startswith("/") else name
    )


def opened(options: Mapping[str, object], secret: Mapping[str, bool], opener: Opener) -> dict[str, object]:
    """Return options with their secrets opened; raises `Invalid` that names the option.

    `secret` are the options that hold secrets, and whether each is a text (or has members, as headers have).
    """
    return {
        name: _option(name, value, opener, text=secret[name])
        if name in secret
        else _plain(name, value, opener)
        for name, value in options.items()
    }


def closed(secrets: Mapping[str, object], place: Sequence[str]) -> tuple[dict[str, object], dict[str, str]]:
    """Return secret options as a file writes them, and the variables they are taken from with their values.

    `place` are the words by which the variables are told apart from those of other monitors.
    """
    variables: dict[str, str] = {}
    told: dict[str, object] = {}
    for name, value in secrets.items():
        if isinstance(value, Mapping):
            told[name] = {
                key: text
                if _is_harmless(name, key, text)
                else _variable(variables, (*place, name, key), text)
                for key, text in value.items()
            }
        else:
            told[name] = _variable(variables, (*place, name), str(value))
    return told, variables


def _option(name: str, value: object, opener: Opener, *, text: bool) -> object:
    if isinstance(value, Mapping):
        source = _source(value) if text else None
        return _open(name, source, opener) if source else _members(name, value, opener)
    if isinstance(value, str) and _is_credential(name) and value:
        raise Invalid(
            f"{name} is a secret and does not stand in a file; {_HINT}.", {_field(name): "a secret"}
        )
    return value


def _members(name: str, value: Mapping[str, object], opener: Opener) -> dict[str, object]:
    return dict(_member(name, str(key), each, opener) for key, each in value.items())


def _member(name: str, key: str, value: object, opener: Opener) -> tuple[str, object]:
    if isinstance(value, Mapping):
        source = _source(value)
        if source is None:
            raise Invalid(f"{name}: {key} is a text, or a secret: {_HINT}.", {_field(name): "no text"})
        return key, _open(name, source, opener)
    if _is_secret(name, key):
        raise Invalid(
            f"{name}: {key} is a secret and does not stand in a file; {_HINT}.", {_field(name): "a secret"}
        )
    return key, value


def _plain(name: str, value: object, opener: Opener) -> object:
    source = _source(value) if isinstance(value, Mapping) else None
    if source and name == SCRIPT and source[0] == "file":
        return _open(name, (SCRIPT, source[1]), opener)
    if source:
        raise Invalid(f"{name} is no secret; write its value.", {_field(name): "no secret"})
    return value


def _source(value: Mapping[str, object]) -> tuple[str, str] | None:
    if len(value) != 1:
        return None
    ((kind, name),) = value.items()
    return (kind, name) if kind in _SOURCES and isinstance(name, str) else None


def _open(option: str, source: tuple[str, str], opener: Opener) -> str:
    try:
        return opener(*source)
    except Invalid as error:
        raise Invalid(str(error), {_field(option): str(error)}) from None


def _field(option: str) -> str:
    return f"request.options.{option}"


def _is_harmless(name: str, key: str, text: str) -> bool:
    """Tell whether a member of an option may be written as it is: no name of a header tells that it carries a credential."""
    return not is_secret_name(name) and (not text or key.lower() in HARMLESS) and not is_secret_name(key)


def _is_secret(name: str, key: str) -> bool:
    """Tell whether a member of an option is a secret: by its own name, or because all of them are."""
    return is_secret_name(name) or is_secret_name(key)


def _is_credential(name: str) -> bool:
    return is_secret_name(name) or name.endswith("_key")


def _variable(variables: dict[str, str], words: Sequence[str], value: str) -> dict[str, str]:
    name = next(one for one in _names(words) if variables.get(one, value) == value)
    variables[name] = value
    return {"env": name}


def _names(words: Sequence[str]) -> Iterator[str]:
    base = "VEDETTE_SECRET_" + "__".join(re.sub(r"[^A-Z0-9]+", "_", word.upper()) for word in words if word)
    yield base
    n = 2
    while True:
        yield f"{base}__{n}"
        n += 1
