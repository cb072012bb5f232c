"""Manifests that ask for packages though no lock file says which versions: that is not known, and never nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from vedette.instruments.scan.inventory import members, opening, telling
from vedette.instruments.scan.inventory.types import Broken
from vedette.wire.scan import Unknown

_PYTHON = ("uv", "poetry", "pdm", "pylock", "pipenv", "requirements")
_NODE = ("npm", "pnpm", "yarn", "bun", "bun-binary")
_HEAD = 1 << 20

_Rule = tuple[tuple[str, ...], re.Pattern[bytes], str]
_RULES: Mapping[str, _Rule] = MappingProxyType({
    "package.json": (_NODE, re.compile(rb'"(?:dev|optional|peer)?[dD]ependencies"\s{0,9}:\s{0,9}\{\s{0,99}"'), "`npm install --package-lock-only`"),
    "pyproject.toml": (_PYTHON, re.compile(rb"""^dependencies[ \t]*=[ \t]*\[\s{0,99}["']|^\[tool\.poetry\.dependencies\]|^\[project\.optional-dependencies\]|^\[dependency-groups\]""", re.MULTILINE), "`uv lock`"),
    "setup.py": (_PYTHON, re.compile(rb"\b(?:install|extras)_requires?\b"), "`uv pip compile setup.py -o requirements.txt`"),
    "setup.cfg": (_PYTHON, re.compile(rb"^install_requires\b|^\[options\.extras_require\]", re.MULTILINE), "`uv pip compile setup.cfg -o requirements.txt`"),
    "requirements.in": (_PYTHON, re.compile(rb"^[A-Za-z0-9]", re.MULTILINE), "`uv pip compile requirements.in -o requirements.txt`"),
    "pipfile": (("pipenv",), re.compile(rb"^\[(?:dev-)?packages\]\s{1,99}[^\[\s]", re.MULTILINE), "`pipenv lock`"),
    "cargo.toml": (("cargo",), re.compile(rb"^\[(?:dev-|build-)?dependencies[.\]]", re.MULTILINE), "`cargo generate-lockfile`"),
    "gemfile": (("bundler",), re.compile(rb"^[ \t]*gem[ \t(]", re.MULTILINE), "`bundle lock`"),
    "composer.json": (("composer",), re.compile(rb'"require(?:-dev)?"\s{0,9}:\s{0,9}\{\s{0,99}"'), "`composer update --no-install`"),
    "pubspec.yaml": (("pub",), re.compile(rb"^(?:dev_)?dependencies:", re.MULTILINE), "`dart pub get`"),
    "mix.exs": (("mix",), re.compile(rb"\{:[a-z0-9_]+,"), "`mix deps.get`"),
    "build.gradle": (("gradle",), re.compile(rb"\b(?:implementation|api|compile|runtimeOnly)\b"), "`gradle dependencies --write-locks`"),
    "build.gradle.kts": (("gradle",), re.compile(rb"\b(?:implementation|api|runtimeOnly)\b"), "`gradle dependencies --write-locks`"),
    "directory.packages.props": (("nuget",), re.compile(rb"<PackageVersion\b"), "`dotnet restore --use-lock-file`"),
    ".csproj": (("nuget",), re.compile(rb"<PackageReference\b"), "`dotnet restore --use-lock-file`"),
})  # fmt: skip


def is_one(name: str) -> bool:
    """Tell whether a file of this name may ask for packages."""
    return _key(name) in _RULES


def unlocked(
    root: Path, asking: Iterable[tuple[str, str]], locks: Sequence[tuple[str, str]]
) -> Iterator[Unknown]:
    """Return the manifests (path, name) that ask for something while no lock file (path, format) holds it: none that
    lies beside them, and none above that names their folder as a part of its project.
    """
    opener = opening.below(root)
    held = members.Held(opener, locks)
    for path, name in asking:
        kinds, asks, command = _RULES[_key(name)]
        if not held.holds(path.rpartition("/")[0], kinds) and _asks(opener, path, asks):
            yield Unknown(
                subject=telling.printable(path),
                why="It asks for packages, and no lock file beside it, or of a project it is a part of, says which versions.",
                fix=f"Write one: {command}.",
            )


def _asks(opener: opening.Opener, path: str, asks: re.Pattern[bytes]) -> bool:
    try:
        body = opener(path)
    except Broken:
        return True  # what it asks for is not known either
    return body is not None and asks.search(body[:_HEAD]) is not None


def _key(name: str) -> str:
    return ".csproj" if name.endswith(".csproj") else name.lower()
