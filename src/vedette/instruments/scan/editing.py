"""The smallest change of a file's text that pins a package to another version: that version, and nothing else. Pure.

A lock file is never changed by hand, since its hashes are of the version it names: its manifest is, and a command says the rest.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from vedette.instruments.scan import provenance
from vedette.instruments.scan.inventory import registry
from vedette.instruments.scan.upgrading import Upgrade

_PYTHON, _NODE = "pyproject.toml", "package.json"
_MANIFESTS: Mapping[str, str] = MappingProxyType({
    "uv": _PYTHON, "poetry": _PYTHON, "pdm": _PYTHON, "pylock": _PYTHON, "npm": _NODE, "pnpm": _NODE, "yarn": _NODE,
    "bun": _NODE, "requirements": "", "go": "",
})  # fmt: skip
# What locks anew, by the format of the lock file: {name} and {to} are the package and its new version.
_COMMANDS: Mapping[str, str] = MappingProxyType({
    "uv": "uv lock --upgrade-package {name}=={to}", "poetry": "poetry update {name}", "pdm": "pdm update {name}",
    "pipenv": "pipenv upgrade {name}=={to}", "npm": "npm update {name}", "pnpm": "pnpm update {name}", "yarn": "yarn up {name}",
    "bun": "bun update {name}", "cargo": "cargo update -p {name} --precise {to}", "bundler": "bundle update {name}",
    "composer": "composer update {name}", "go": "go get {name}@v{to} && go mod tidy", "pub": "dart pub upgrade {name}",
    "mix": "mix deps.update {name}", "gradle": "gradle dependencies --update-locks {name}", "dpkg": "apt-get install --only-upgrade {name}",
    "apk": "apk upgrade {name}", "rpm": "dnf upgrade {name}", "nuget": "dotnet add package {name} --version {to}",
})  # fmt: skip
_PLAIN = re.compile(r"[A-Za-z0-9@/._:+~-]+\Z")
_HASHED = "its hashes are of {old}: lock it anew, or take them from the index, with {name}=={to}"


class Wanted(msgspec.Struct, frozen=True):
    """What an upgrade asks of a file: the file, and the format of what named the version."""

    file: str
    kind: str


class Refused(msgspec.Struct, frozen=True):
    """Why a file is not changed for an upgrade."""

    why: str


def wanted(upgrade: Upgrade) -> Wanted | None:
    """Return the file that may be changed for an upgrade, None where there is none that can be."""
    file = provenance.file_of(upgrade.component)
    found = registry.format_of(file, installed=True)
    if found is None or found.name not in _MANIFESTS:
        return None
    folder = file.rpartition("/")[0]
    manifest = _MANIFESTS[found.name]
    return Wanted(f"{folder}/{manifest}".lstrip("/") if manifest else file, found.name)


def command(upgrade: Upgrade) -> str:
    """Return what makes the lock file follow, empty where nothing is known to."""
    found = registry.format_of(provenance.file_of(upgrade.component), installed=True)
    told = _COMMANDS.get(found.name, "") if found is not None else ""
    name, to = upgrade.component.name, upgrade.to
    return told.format(name=name, to=to) if _PLAIN.match(name) and _PLAIN.match(to) else ""


def edit(kind: str, text: str, upgrade: Upgrade) -> str | Refused:
    """Return the text with the new version, or why it is left as it is."""
    package = upgrade.component
    if not _PLAIN.match(upgrade.to) or not _PLAIN.match(package.name):
        return Refused("its name or its version is none that can be written into a file")
    if kind == "requirements" and package.hashes:
        return Refused(_HASHED.format(old=package.version, name=package.name, to=upgrade.to))
    pattern = _pattern(kind, package.name, package.version)
    changed, count = pattern.subn(lambda match: f"{match[1]}{upgrade.to}{match[2]}", text)
    if count == 0:
        by = f"it comes by {', '.join(upgrade.by)}" if upgrade.by else "no line pins it to that version"
        return Refused(f"{by}; what locks it does the rest")
    return changed


def _pattern(kind: str, name: str, version: str) -> re.Pattern[str]:
    """Return what finds a pin: what stands before the version, the version, and what stands behind it."""
    spelled = "[-_.]+".join(map(re.escape, re.split(r"[-_.]+", name)))
    old = re.escape(version)
    if _MANIFESTS[kind] == _NODE:
        return re.compile(rf'^([ \t]*"{re.escape(name)}"[ \t]*:[ \t]*"[\^~=]?){old}(")', re.MULTILINE)
    if kind == "go":
        return re.compile(rf"^((?:require)?[ \t]*{re.escape(name)}[ \t]+v){old}(\s)", re.MULTILINE)
    if kind == "requirements":
        return re.compile(
            rf"^([ \t]*{spelled}[ \t]*(?:\[[^\]\n]*\])?[ \t]*={{2,3}}[ \t]*){old}(?![\w.+!-])()",
            re.MULTILINE | re.IGNORECASE,
        )
    return re.compile(
        rf"""(["']{spelled}[ \t]*(?:\[[^\]\n]*\])?[ \t]*\(?={{2,3}}[ \t]*){old}(?![\w.+!-])()""",
        re.IGNORECASE,
    )
