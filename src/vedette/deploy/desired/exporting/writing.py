"""A project that is there as the file that would make it: reading that file changes nothing. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from vedette.deploy.desired.catalogue import SHIPPED, Catalogue
from vedette.deploy.desired.collecting import KINDS
from vedette.deploy.desired.exporting.tables import WRITERS, Left, Place, Table, Writer, labels
from vedette.deploy.desired.making import balancers
from vedette.deploy.desired.written import HealthText, ServiceText
from vedette.wire import jsons
from vedette.wire.ascode import writing
from vedette.wire.infra import Live, Ref, Thing

_HOME = "fsn1"
_HEALTH = tuple(f"health.{each}" for each in HealthText.__struct_encode_fields__)
_SPARE = (
    *(each for each in ServiceText.__struct_encode_fields__ if each not in {"listen", "to", "health"}),
    *reversed(_HEALTH),
)
_PROTECTABLE = (
    "network",
    "primary_ip",
    "floating_ip",
    "volume",
    "server",
    "load_balancer",
    "zone",
    "snapshot",
)
_HEAD = """# What is at Hetzner, as `vedette deploy import` found it. Keys and cloud-init of servers are told by nobody: add them.
# Say what must be true, and let `vedette deploy plan` and `verify` watch over it:
# assert = ["internet cannot reach db:*", "web reaches db:5432"]
"""


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a file, and what could not be said in it, each with why."""

    text: str
    left: Mapping[Ref, str]


def exported(
    live: Live,
    project: str,
    groups: Mapping[str, tuple[str, ...]] = {},
    catalogue: Catalogue = SHIPPED,
) -> Exported:
    """Return what is there as a file of a project; `groups` are names for networks outside, which rules then use."""
    home = _home(live.things)
    place = Place(location=home, zone=catalogue.locations.get(home, ""), groups=groups)
    sections, left = list[str](), dict[Ref, str]()
    for one in sorted(
        live.things,
        key=lambda each: (list(WRITERS).index(each.kind) if each.kind in WRITERS else 99, each.name),
    ):
        try:
            sections.append(section(one, place))
        except Left as error:
            left[one.ref] = str(error)
    left |= {Ref(kind, "*"): f"could not be read: {why}" for kind, why in live.unread.items()}
    head = f"{_HEAD}project = {writing.value(project)}\nlocation = {writing.value(home)}\n"
    told = "".join(f"# Left out: {ref}: {why}.\n" for ref, why in left.items())
    named = [_table("groups", {name: sorted(each) for name, each in groups.items()})] if groups else []
    return Exported(text="\n".join([head + told, *named, *sections]), left=left)


def _home(things: Iterable[Thing]) -> str:
    """Return the location where most is."""
    found = Counter(
        jsons.text(one.fields, "location") for one in things if jsons.text(one.fields, "location")
    )
    return min(found, key=lambda name: (-found[name], name)) if found else _HOME


def section(one: Thing, place: Place, above: str = "") -> str:
    """Return a thing as a table of a file, below another one (`infra.`) where that is named; raises `Left` for what no file can say."""
    name, _ = _writer(one)
    return _table(f"{above}{name}.{writing.key(one.name)}", slim(one, place))


def slim(one: Thing, place: Place) -> Table:
    """Return what the table of a thing must say; raises `Left` for what no file can say."""
    name, writer = _writer(one)
    table = writer(one, place)
    if "services" in table:
        table["services"] = [_short(each) for each in _tables(table["services"])]
    table["labels"] = labels(one)
    if one.kind in _PROTECTABLE:
        table["protect"] = bool(one.fields.get("protect", one.protected))
    return _slim(table, KINDS[name])


def _writer(one: Thing) -> tuple[str, Writer]:
    if one.kind not in WRITERS:
        raise Left("no file can say it")
    return WRITERS[one.kind]


def _short(service: Table) -> Table:
    """Return a service without each key that the others already imply."""
    whole = balancers.service(msgspec.convert(service, ServiceText))
    for path in _SPARE:
        less = _without(service, path)
        if balancers.service(msgspec.convert(less, ServiceText)) == whole:
            service = less
    return {name: each for name, each in service.items() if each not in ({}, [], "")}


def _without(service: Table, path: str) -> Table:
    inner, _, name = path.rpartition(".")
    if not inner:
        return {key: each for key, each in service.items() if key != name}
    health = service.get(inner)
    table = health if isinstance(health, Mapping) else {}
    return {**service, inner: {key: each for key, each in table.items() if key != name}}


def _slim(table: Table, kind: type[msgspec.Struct]) -> Table:
    """Return a table without what means the same when it is left out; what a file must say stays."""
    found: Table = {}
    for each in msgspec.structs.fields(kind):
        value = table.get(each.encode_name)
        default = each.default if each.default is not msgspec.NODEFAULT else msgspec.UNSET
        if value is not None and (each.required or not _same(value, default)):
            found[each.encode_name] = value
    return found


def _same(value: object, default: object) -> bool:
    if isinstance(value, bool) or isinstance(default, bool):
        return value is default
    if not value and (default is msgspec.UNSET or not default):
        return True
    return (tuple(value) if isinstance(value, list) else value) == default


def _tables(value: object) -> Sequence[Table]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _table(header: str, table: Mapping[str, object]) -> str:
    return "\n".join([f"[{header}]", *_lines(table)]) + "\n"


def _lines(table: Mapping[str, object]) -> Iterator[str]:
    for name, value in table.items():
        if (
            isinstance(value, list)
            and len(value) > 1
            and (name in {"allow", "allow_out", "records"} or isinstance(value[0], dict))
        ):
            yield f"{writing.key(name)} = ["
            yield from (f"    {writing.value(each)}," for each in value)
            yield "]"
        else:
            yield f"{writing.key(name)} = {writing.value(value)}"
