"""An SBOM in CycloneDX 1.2 to 1.6, JSON or XML (https://cyclonedx.org/docs/1.6/json/)."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from vedette.instruments.scan.inventory import purls, telling
from vedette.instruments.scan.inventory.shapes import jsons, xmls
from vedette.instruments.scan.inventory.shapes.jsons import rows, table, word, words
from vedette.instruments.scan.inventory.shapes.xmls import Element
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

_SILENT = frozenset(
    {
        "application",
        "file",
        "operating-system",
        "device",
        "data",
        "machine-learning-model",
        "platform",
        "container",
    }
)


class _Told(msgspec.Struct):
    """A component as the SBOM tells it: by its reference, kind and package URL."""

    ref: str
    kind: str
    name: str
    purl: str
    line: int = 0


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    told, edges, root = _of_xml(file.body) if file.body.lstrip().startswith(b"<") else _of_json(file.text())
    names = {each.ref: name for each in told if each.ref and (name := purls.name_of(each.purl))}
    direct = {names.get(ref) for ref in edges.get(root, ())}
    nameless = []
    for each in told:
        needs = tuple(filter(None, (names.get(ref) for ref in edges.get(each.ref, ()))))
        asked = names.get(each.ref) in direct if root in edges else None
        made = purls.read(each.purl, file.at(each.line), needs, direct=asked)
        if made is not None:
            yield msgspec.structs.replace(made, purl=each.purl)
        elif each.kind not in _SILENT:
            nameless.append(each.name or each.ref)
    yield from telling.nameless(file, nameless)


Read = tuple[list[_Told], Mapping[str, Iterable[str]], str]


def _of_json(text: str) -> Read:
    told, lines = jsons.read(text), _lines(text)
    if word(told.get("bomFormat")) != "CycloneDX":
        raise Broken("It is no SBOM in CycloneDX.", 1)
    found, left = list[_Told](), list(jsons.listed(told, "components"))[::-1]
    while left:
        each = table(left.pop())
        left += rows(each.get("components"))
        ref, name = word(each.get("bom-ref")), word(each.get("name"))
        found.append(_Told(ref, word(each.get("type")), name, word(each.get("purl")), lines.get(ref, 0)))
    edges = {
        word(table(each).get("ref")): words(table(each).get("dependsOn"))
        for each in rows(told.get("dependencies"))
    }
    return found, edges, word(table(table(told.get("metadata")).get("component")).get("bom-ref"))


def _lines(text: str) -> Mapping[str, int]:
    """Return the line on which each component tells its reference."""
    rows = ((n, line.strip()) for n, line in enumerate(text.splitlines(), 1))
    return {line.split('"')[3]: n for n, line in rows if line.startswith('"bom-ref": "')}


def _of_xml(body: bytes) -> Read:
    root = xmls.read(body)
    if root.tag != "bom":
        raise Broken("It is no SBOM in CycloneDX.", root.line)
    found, left = list[_Told](), _inner(root)
    while left:
        each = left.pop()
        left += _inner(each)
        told = each.attributes
        found.append(
            _Told(
                told.get("bom-ref", ""), told.get("type", ""), each.word("name"), each.word("purl"), each.line
            )
        )
    metadata = root.first("metadata")
    main = metadata.first("component") if metadata else None
    return found, _edges(root), main.attributes.get("bom-ref", "") if main else ""


def _inner(element: Element) -> list[Element]:
    found = element.first("components")
    return list(found.all("component")) if found else []


def _edges(root: Element) -> Mapping[str, Iterable[str]]:
    found = root.first("dependencies")
    rows = found.all("dependency") if found else ()
    return {
        each.attributes.get("ref", ""): [one.attributes.get("ref", "") for one in each.all("dependency")]
        for each in rows
    }


def _sniff(head: bytes) -> bool:
    return b'"bomFormat"' in head or b"cyclonedx.org/schema/bom" in head


FORMAT = Format(
    name="cyclonedx",
    label="CycloneDX",
    names=("bom.json", "bom.xml", "*.cdx.json", "*.cdx.xml"),
    read=_read,
    sniff=_sniff,
)
