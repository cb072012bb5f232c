"""A policy from a table, or from `[guard]` of a TOML file. What the table says stands over the preset it names."""

from __future__ import annotations

import dataclasses
import os
import sys
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vedette_guard.checking import check
from vedette_guard.policy import PathPolicy, Policy, PolicyError
from vedette_guard.shapes import fail, hints, require, section_of, unknown

ROOT = "guard"


def read_policy(table: Mapping[str, Any]) -> Policy:
    """Return what a table says. Raise PolicyError with the key, the value and what was meant."""
    rest = dict(table)
    base = Policy.preset(_preset(ROOT, rest))
    below = rest.pop("paths", {})
    if not isinstance(below, Mapping):
        fail(f"{ROOT}.paths", below, "a table of paths")
    policy: Policy = _section(ROOT, rest, base)
    paths = {path: _below(f'{ROOT}.paths."{path}"', part, policy) for path, part in below.items()}
    whole = dataclasses.replace(policy, paths={**policy.paths, **paths})
    check(whole)
    return whole


def read_file(path: str | os.PathLike[str]) -> Policy:
    """Return what `[guard]` of a file says. Raise PolicyError naming the file; OSError when it cannot be read."""
    try:
        table = _loads(Path(path).read_text(encoding="utf-8"))
        found = table.get(ROOT)
        if not isinstance(found, Mapping):
            raise PolicyError(f"there is no [{ROOT}]")
        return read_policy(found)
    except ValueError as error:
        raise PolicyError(f"{os.fspath(path)}: {error}") from error


def _loads(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        try:
            import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]
        except ImportError as error:
            raise PolicyError("reading TOML needs Python 3.11, or the package tomli") from error
    table: dict[str, Any] = tomllib.loads(text)
    return table


def _preset(key: str, table: dict[str, Any]) -> str:
    name = table.pop("preset", "default")
    if not isinstance(name, str):
        fail(f"{key}.preset", name, "the name of a preset")
    return name


def _below(key: str, part: object, policy: Policy) -> PathPolicy:
    """Return what is otherwise below a path: sections of a preset, else of the policy around, with what is said here."""
    if not isinstance(part, Mapping):
        fail(key, part, "a table")
    rest = dict(part)
    preset = PathPolicy.preset(_preset(key, rest))
    around = {name: getattr(policy, name) for name in rest if name in hints(PathPolicy)}
    shown = {name: getattr(preset, name) for name in hints(PathPolicy)}
    base = PathPolicy(**{**shown, **{n: v for n, v in around.items() if shown[n] is None}})
    below: PathPolicy = _section(key, rest, base)
    return below


def _section(key: str, table: Mapping[str, Any], base: Any) -> Any:
    """Return a section with what a table says of it; the rest is as in `base`."""
    known = hints(type(base))
    changes = {}
    for name, value in table.items():
        if name not in known:
            unknown(key, name, known)
        changes[name] = _value(f"{key}.{name}", value, known[name], getattr(base, name))
    return dataclasses.replace(base, **changes)


def _value(key: str, value: object, hint: Any, base: Any) -> Any:
    section = section_of(hint)
    if section is not None:
        if not isinstance(value, Mapping):
            fail(key, value, f"a table [{key}]")
        return _section(key, value, base if base is not None else section())
    made = _made(key, value, hint)
    require(key, made, hint)
    return {**base, **made} if isinstance(made, dict) and isinstance(base, Mapping) else made


def _made(key: str, value: object, hint: Any) -> Any:
    """Return lists as tuples and tables of a list as what they describe."""
    if isinstance(value, list):
        parts = typing.get_args(hint)
        inner = section_of(parts[0]) if parts else None
        return tuple(_described(f"{key}[{n}]", one, inner) for n, one in enumerate(value))
    if isinstance(value, Mapping):
        return {name: tuple(one) if isinstance(one, list) else one for name, one in value.items()}
    return value


def _described(key: str, value: object, section: Any) -> Any:
    if section is None or not isinstance(value, Mapping):
        return value
    known = hints(section)
    for name in value:
        if name not in known:
            unknown(key, name, known)
    missing = [
        field.name for field in dataclasses.fields(section)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        and field.name not in value
    ]  # fmt: skip
    if missing:
        raise PolicyError(f"{key}: it needs `{missing[0]}`")
    return section(**{name: _made(f"{key}.{name}", one, known[name]) for name, one in value.items()})
