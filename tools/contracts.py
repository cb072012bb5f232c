"""Import contracts of the house that import-linter does not bring: faces, places for Django, pure decisions."""

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def _room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else module


class _ListContract(Contract):
    """A contract that fails with a list of sentences."""

    def render_broken_contract(self, check: ContractCheck) -> None:
        for sentence in check.metadata["bad"]:
            output.print_error(sentence)

    def _verdict(self, bad: list[str]) -> ContractCheck:
        return ContractCheck(kept=not bad, metadata={"bad": bad})


class FaceContract(_ListContract):
    """A room shows a face; nobody outside looks behind it."""

    root = fields.StringField()
    faces = fields.SetField(subfield=fields.StringField())
    rooms = fields.SetField(subfield=fields.StringField())
    compositors = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        bad = []
        for room in sorted(self.rooms):
            for module in sorted(graph.find_descendants(f"{self.root}.{room}")):
                bad += self._intruders(graph, room, module)
        return self._verdict(bad)

    def _intruders(self, graph: ImportGraph, room: str, module: str) -> list[str]:
        if module.split(".")[2] in self.faces:
            return []
        importers = graph.find_modules_that_directly_import(module)
        return [
            f"{importer} looks behind the face of a room: {module}"
            for importer in sorted(importers)
            if _room_of(importer) != room and _room_of(importer) not in self.compositors
        ]


class DjangoPlacesContract(_ListContract):
    """Django is imported only where the furniture says so."""

    root = fields.StringField()
    furniture = fields.SetField(subfield=fields.StringField())
    places = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        frameworks = [name for name in ("django", "allauth", "ninja") if name in graph.modules]
        importers = {i for name in frameworks for i in graph.find_modules_that_directly_import(name)}
        return self._verdict(
            [
                f"{module} imports Django; only {', '.join(sorted(self.furniture))} may"
                for module in sorted(importers)
                if module.startswith(f"{self.root}.") and not self._allowed(module)
            ]
        )

    def _allowed(self, module: str) -> bool:
        if any(module == place or module.startswith(place + ".") for place in self.places):
            return True
        return bool(set(module.split(".")[2:]) & set(self.furniture))


class StandardLibraryContract(_ListContract):
    """A package imports itself and the standard library, and besides only what is `allowed` (`module -> package`)."""

    root = fields.StringField()
    allowed = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        modules = sorted(graph.find_descendants(self.root) | {self.root})
        pairs = [
            f"{module} -> {imported.partition('.')[0]}"
            for module in modules
            for imported in sorted(graph.find_modules_directly_imported_by(module))
            if imported.partition(".")[0] not in {self.root, *sys.stdlib_module_names}
        ]
        return self._verdict(
            [f"{pair}: neither standard library nor allowed" for pair in pairs if pair not in self.allowed]
        )


class PureContract(_ListContract):
    """Decision modules import nothing that touches the world; every module of a room is furniture, decision or edge."""

    root = fields.StringField()
    rooms = fields.SetField(subfield=fields.StringField())
    furniture = fields.SetField(subfield=fields.StringField())
    decisions = fields.SetField(subfield=fields.StringField())
    edges = fields.SetField(subfield=fields.StringField())
    forbidden = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        return self._verdict(self._strangers(graph) + self._stale(graph) + self._impure(graph))

    def _strangers(self, graph: ImportGraph) -> list[str]:
        known = {f"{self.root}.{name}" for name in self.decisions | self.edges}
        return [
            f"{module} is neither furniture nor listed as a decision or an edge (pyproject, contract 'Decisions are pure')"
            for room in sorted(self.rooms)
            for module in sorted(graph.find_descendants(f"{self.root}.{room}"))
            if not set(module.split(".")[2:]) & set(self.furniture)
            and not any(module == name or module.startswith(name + ".") for name in known)
            and not graph.find_children(module)
        ]

    def _stale(self, graph: ImportGraph) -> list[str]:
        listed = sorted(f"{self.root}.{name}" for name in self.decisions | self.edges)
        return [
            f"{module} is listed in pyproject but does not exist"
            for module in listed
            if module not in graph.modules
        ]

    def _impure(self, graph: ImportGraph) -> list[str]:
        listed = {f"{self.root}.{name}" for name in self.decisions} & graph.modules
        names = sorted(listed.union(*(graph.find_descendants(name) for name in listed)))
        return [
            f"{module} is a decision and imports {imported}"
            for module in names
            if module in graph.modules
            for imported in sorted(graph.find_modules_directly_imported_by(module))
            if any(imported == bad or imported.startswith(bad + ".") for bad in self.forbidden)
        ]
