"""An SBOM in SPDX 2.2 or 2.3, JSON or tag-value (https://spdx.github.io/spdx-spec/v2.3/)."""

from collections.abc import Iterator

import msgspec

from vedette.instruments.scan.inventory import purls, telling
from vedette.instruments.scan.inventory.shapes import jsons
from vedette.instruments.scan.inventory.shapes.jsons import rows, table, word
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

_ROOTS = frozenset({"DESCRIBES", "DOCUMENT_DESCRIBES"})


class _Told(msgspec.Struct):
    """A package as the document tells it."""

    ref: str = ""
    name: str = ""
    purl: str = ""
    line: int = 0


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    text = file.text()
    told, described = _of_json(text) if text.lstrip().startswith("{") else _of_tags(text)
    nameless = []
    for each in told:
        made = purls.read(each.purl, file.at(each.line))
        if made is not None:
            yield msgspec.structs.replace(made, purl=each.purl)
        elif each.ref not in described:
            nameless.append(each.name or each.ref)
    yield from telling.nameless(file, nameless)


def _of_json(text: str) -> tuple[list[_Told], set[str]]:
    told = jsons.read(text)
    if not word(told.get("spdxVersion")).startswith("SPDX-2."):
        raise Broken("It is no SBOM in SPDX 2.2 or 2.3.", 1)
    found = [_of_package(each) for each in jsons.listed(told, "packages")]
    links = [table(each) for each in rows(told.get("relationships"))]
    described = {
        word(each.get("relatedSpdxElement")) for each in links if each.get("relationshipType") in _ROOTS
    }
    return found, described | {word(each) for each in rows(told.get("documentDescribes"))}


def _of_package(value: object) -> _Told:
    package = table(value)
    refs = [table(each) for each in rows(package.get("externalRefs"))]
    purl = next(
        (word(each.get("referenceLocator")) for each in refs if each.get("referenceType") == "purl"), ""
    )
    return _Told(word(package.get("SPDXID")), word(package.get("name")), purl)


def _of_tags(text: str) -> tuple[list[_Told], set[str]]:
    found, described = list[_Told](), set[str]()
    if not text.lstrip().startswith(("SPDXVersion: SPDX-2.", "#")):
        raise Broken("It is no SBOM in SPDX 2.2 or 2.3.", 1)
    for n, line in enumerate(text.splitlines(), 1):
        tag, _, value = line.partition(": ")
        if tag == "PackageName":
            found.append(_Told(name=value.strip(), line=n))
        elif tag in {"FileName", "SnippetSPDXID"}:
            found.append(_Told())
        elif found and tag == "SPDXID":
            found[-1].ref = value.strip()
        elif found and tag == "ExternalRef" and value.split()[1:2] == ["purl"]:
            found[-1].purl = [*value.split(), ""][2]
        elif tag == "Relationship" and value.split()[1:2] == ["DESCRIBES"]:
            described.add([*value.split(), ""][2])
    return [each for each in found if each.line], described


def _sniff(head: bytes) -> bool:
    return b'"spdxVersion"' in head or head.lstrip().startswith(b"SPDXVersion:")


FORMAT = Format(
    name="spdx",
    label="SPDX",
    names=("*.spdx.json", "*.spdx", "*.spdx.tag", "spdx.json"),
    read=_read,
    sniff=_sniff,
)
