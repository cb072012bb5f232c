"""`pom.xml`: what is asked for by name. What comes along only Maven can tell, so that without its tree this is never all."""

import re
from collections.abc import Iterator, Mapping

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes import xmls
from vedette.instruments.scan.inventory.shapes.xmls import Element
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

ECOSYSTEM = "Maven"
_TREES = ("dependency-tree.txt", "dependency-tree.json")
_TREE = "Write the resolved tree beside it: `mvn dependency:tree -DoutputFile=dependency-tree.txt`."
_PROPERTY = re.compile(r"\$\{([^}$]{1,200})\}")


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    root = xmls.read(file.body)
    if root.tag != "project":
        raise Broken("It is no project of Maven.", root.line)
    wanted = _dependencies(root)
    if not wanted or any(file.beside(name) is not None for name in _TREES):
        return
    yield telling.unread(file, 0, "It names what is asked for, and not what comes along.", _TREE)
    properties, managed = _properties(root), _managed(root)
    for each in wanted:
        yield _component(file, each, properties, managed)


def _component(
    file: Lockfile, wanted: Element, properties: Mapping[str, str], managed: Mapping[str, str]
) -> Component | Unknown:
    name = _filled(_name(wanted), properties)
    version = _filled(wanted.word("version") or managed.get(_name(wanted), ""), properties)
    if not version or "$" in version or version[0] in "[(":
        return telling.unpinned(file, wanted.line, name, _TREE)
    scope = wanted.word("scope")
    groups = (scope,) if scope in {"test", "provided"} else ()
    return component(ECOSYSTEM, name, version, file.at(wanted.line), groups=groups, direct=True)


def _dependencies(root: Element) -> list[Element]:
    found = root.first("dependencies")
    return list(found.all("dependency")) if found else []


def _managed(root: Element) -> Mapping[str, str]:
    management = root.first("dependencyManagement")
    return {_name(each): each.word("version") for each in (_dependencies(management) if management else ())}


def _properties(root: Element) -> Mapping[str, str]:
    found, parent = root.first("properties"), root.first("parent")
    told = {each.tag: each.text.strip() for each in (found.children if found else ())}
    version = root.word("version") or (parent.word("version") if parent else "")
    return {"project.version": version, "project.groupId": root.word("groupId"), **told}


def _filled(text: str, properties: Mapping[str, str]) -> str:
    """Return a text with its properties filled in, one of another's up to five deep."""
    for _ in range(5):
        text = _PROPERTY.sub(lambda match: properties.get(match[1], match[0])[:200], text)[:1_000]
    return text


def _name(wanted: Element) -> str:
    return f"{wanted.word('groupId')}:{wanted.word('artifactId')}"


FORMAT = Format(name="maven-pom", label="Maven", names=("pom.xml",), ecosystem=ECOSYSTEM, read=_read)
