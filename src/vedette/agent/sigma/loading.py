"""Rules in Sigma's format from files: read by pySigma (`tools/setup sigma`), evaluated by us."""

import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vedette.agent.sigma.compiling import compiled
from vedette.agent.sigma.correlating import MOST_EVENTS, MOST_VALUES
from vedette.agent.sigma.types import Correlation, CorrelationType, LogSource, SigmaRule
from vedette.core.errors import ConfigError

if TYPE_CHECKING:
    from sigma.rule.base import SigmaRuleBase

LARGEST = 1 << 20  # bytes of a file of rules
MOST = 10_000  # files
_MISSING = "Rules in Sigma's format are read by pySigma, which is not installed: run `tools/setup sigma`."
# By what pySigma tells a wrong rule: its own errors are ValueErrors, and what is not where it looks raises others.
_WRONG = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
_SIGNS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">=", "EQ": "==", "NEQ": "!="}


class Refused(msgspec.Struct, frozen=True):
    """A file, or a rule of it, that is not evaluated, and why."""

    where: str
    why: str


class Loaded(msgspec.Struct, frozen=True):
    """What came of loading: rules, correlations, and what was refused."""

    rules: tuple[SigmaRule, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    refused: tuple[Refused, ...] = ()


def load(paths: Iterable[Path]) -> Loaded:
    """Load all rules of files and folders (`*.yml`, `*.yaml`, at any depth).

    Raise `ConfigError` where pySigma is missing or a path cannot be read; a wrong rule is refused with a sentence, and the
    others stand.
    """
    texts: list[tuple[str, str]] = []
    refused: list[Refused] = []
    for path in _files(paths):
        try:
            data = path.read_bytes() if path.stat().st_size <= LARGEST else None
            if data is None:
                refused.append(Refused(str(path), f"It is larger than {LARGEST >> 20} MiB."))
            else:
                texts.append((str(path), data.decode()))
        except UnicodeDecodeError:
            refused.append(Refused(str(path), "It is not UTF-8."))
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read ({error.strerror}).") from error
    found = read(texts)
    return Loaded(found.rules, found.correlations, (*refused, *found.refused))


def read(texts: Iterable[tuple[str, str]]) -> Loaded:
    """Load rules from texts, each with where it is from. Raise `ConfigError` where pySigma is missing."""
    if importlib.util.find_spec("sigma") is None or importlib.util.find_spec("sigma.rule") is None:
        raise ConfigError(_MISSING)
    import yaml

    rules: dict[str, SigmaRule] = {}
    correlations: dict[str, Correlation] = {}
    refused: list[Refused] = []
    for where, text in texts:
        try:
            documents = list(yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
        except (yaml.YAMLError, RecursionError) as error:
            refused.append(Refused(where, f"It is not YAML: {_short(error)}"))
            continue
        for document in documents:
            if document is None:
                continue
            try:
                one = _one(document, where)
            except _WRONG as error:
                refused.append(Refused(where, _short(error)))
                continue
            if one.id in rules or one.id in correlations:
                refused.append(Refused(where, f"There is a rule with the id {one.id} already."))
            elif isinstance(one, SigmaRule):
                rules[one.id] = one
            else:
                correlations[one.id] = one
    return _resolved(rules, correlations, refused)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    count = 0
    for path in paths:
        if not path.exists():
            raise ConfigError(f"{path}: there is no such file or folder of Sigma rules.")
        found = [path] if path.is_file() else sorted(p for p in path.rglob("*.y*ml") if p.is_file())
        for file in found:
            count += 1
            if count > MOST:
                raise ConfigError(f"{path}: these are more than {MOST} files of Sigma rules.")
            yield file


def _one(document: object, where: str) -> SigmaRule | Correlation:
    if not isinstance(document, dict):
        raise ValueError("It is no mapping of names to values.")  # noqa: TRY004 - every refusal is a ValueError
    if "correlation" in document:
        return _correlation(document, where)
    if "filter" in document or document.get("action"):
        raise ValueError("Filters and `action` of collections are not evaluated.")
    from sigma.rule import SigmaRule as Parser

    from vedette.agent.sigma.translating import tested

    parsed = Parser.from_dict(document)
    test = tested(parsed)
    compiled(test)  # what RE2 does not know is refused now
    source = parsed.logsource
    return SigmaRule(
        id=_id(parsed, where), title=_line(parsed.title), test=test, name=_line(parsed.name or ""),
        source=LogSource(source.product or "", source.category or "", source.service or ""), level=_level(parsed),
        author=_line(parsed.author or ""), references=tuple(map(_line, parsed.references)), tags=tuple(map(str, parsed.tags)),
    )  # fmt: skip


def _correlation(document: dict[str, object], where: str) -> Correlation:
    from sigma.correlations import SigmaCorrelationCondition, SigmaCorrelationRule

    parsed = SigmaCorrelationRule.from_dict(document)
    kind = parsed.type.name.lower()
    if kind not in list(CorrelationType):
        raise ValueError(f"Correlations of the type {kind} are not evaluated.")
    condition = parsed.condition
    if not isinstance(condition, SigmaCorrelationCondition):
        raise ValueError("A condition of a correlation in words (`a and b`) is not evaluated.")  # noqa: TRY004
    rules = tuple(rule.reference for rule in parsed.rules or ())
    if not rules:
        raise ValueError("The correlation names no rules.")
    fields = condition.fieldref or ()
    default = condition.count
    if kind.startswith("temporal") and not _has_condition(document):
        default = len(rules) if kind == CorrelationType.TEMPORAL_ORDERED else len(set(rules))
    _check_count(kind, condition.op.name, default, len(rules))
    return Correlation(
        id=_id(parsed, where), title=_line(parsed.title), type=CorrelationType(kind), rules=rules, seconds=float(parsed.timespan.seconds),
        group_by=tuple(parsed.group_by or ()), operator=_SIGNS[condition.op.name], count=default,
        fields=(fields,) if isinstance(fields, str) else tuple(fields), name=_line(parsed.name or ""),
        aliases={alias.alias: {ref.reference: name for ref, name in alias.mapping.items()} for alias in parsed.aliases},
        level=_level(parsed), author=_line(parsed.author or ""), references=tuple(map(_line, parsed.references)),
        tags=tuple(map(str, parsed.tags)), generate=bool(parsed.generate),
    )  # fmt: skip


def _check_count(kind: str, sign: str, count: float, rules: int) -> None:
    if sign not in ("GT", "GTE", "EQ"):
        raise ValueError(
            "A correlation that waits for fewer than so many is not evaluated: nothing would set it off."
        )
    most = MOST_VALUES if kind == CorrelationType.VALUE_COUNT else MOST_EVENTS
    if not 0 < count <= most:
        raise ValueError(f"The correlation's number is not from 1 to {most}.")
    if kind == CorrelationType.TEMPORAL_ORDERED and count != rules:
        raise ValueError("An ordered correlation is evaluated for all of its rules only.")


def _has_condition(document: dict[str, object]) -> bool:
    inner = document.get("correlation")
    return isinstance(inner, dict) and "condition" in inner


def _resolved(
    rules: dict[str, SigmaRule], correlations: dict[str, Correlation], refused: list[Refused]
) -> Loaded:
    """Name by their ids what correlations refer to, refuse those that refer to nothing, and say who is told alone."""
    ids = {one.name: one.id for one in rules.values() if one.name}
    ids |= {one.name: one.id for one in correlations.values() if one.name}
    left = dict(correlations)
    quiet: dict[str, bool] = {}
    while True:
        known = rules.keys() | left.keys()
        lost = [one for one in left.values() if any(ids.get(name, name) not in known for name in one.rules)]
        if not lost:
            break
        for one in lost:
            name = next(name for name in one.rules if ids.get(name, name) not in known)
            refused.append(
                Refused(
                    f"sigma:{one.id}", f"The correlation refers to a rule that is not there: {_line(name)}."
                )
            )
            del left[one.id]
    order = _ordered({one.id: [ids.get(name, name) for name in one.rules] for one in left.values()})
    refused += [
        Refused(f"sigma:{key}", "The correlation refers to itself.") for key in left if key not in order
    ]
    for key in order:
        for name in left[key].rules:
            rule = ids.get(name, name)
            quiet[rule] = quiet.get(rule, True) and not left[key].generate
    replaced = msgspec.structs.replace
    return Loaded(
        tuple(replaced(one, told=not quiet.get(one.id, False)) for one in rules.values()),
        tuple(
            replaced(
                one, told=not quiet.get(key, False), rules=tuple(ids.get(name, name) for name in one.rules),
                aliases={alias: {ids.get(name, name): field for name, field in names.items()} for alias, names in one.aliases.items()},
            )
            for key in order for one in (left[key],)
        ),
        tuple(refused),
    )  # fmt: skip


def _ordered(refers: dict[str, list[str]]) -> list[str]:
    """Return correlations so that each stands behind those that it refers to; those in a circle are left out."""
    order: list[str] = []
    while ready := [
        key
        for key, names in refers.items()
        if key not in order and all(n in order or n not in refers for n in names)
    ]:
        order += ready
    return order


def _id(parsed: "SigmaRuleBase", where: str) -> str:
    if parsed.id is not None:
        return str(parsed.id)
    name = parsed.name or Path(where).stem
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in name)[:100]


def _level(parsed: "SigmaRuleBase") -> str:
    return "medium" if parsed.level is None else parsed.level.name.lower()


def _line(text: str) -> str:
    return " ".join(str(text).split())[:500]


def _short(error: BaseException) -> str:
    return _line(str(error)) or type(error).__name__
