"""The rules that come with Vedette, one file for each set, and how rules are loaded."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from vedette.agent.detect.types import Rule
from vedette.agent.detect.written import rules_of
from vedette.core.errors import ConfigError
from vedette.wire.ascode.reading import Fault

SHIPPED = Path(__file__).with_suffix("")  # the folder beside this file
MOST = 2_000
LONGEST_LIST = 1_000_000


def load(*folders: Path, texts: Mapping[str, str] | None = None) -> tuple[Rule, ...]:
    """Return the rules of the files `*.toml` of folders (without any, those that come with Vedette) and of `texts` by name.

    What `@name` stands for are the lines of `lists/name.txt` beside them, or of the lists that come with Vedette. Raises
    `ConfigError` with every fault: file, line, key and what was meant.
    """
    rules, faults = read(*folders, texts=texts)
    if faults:
        raise ConfigError("\n".join(str(fault) for fault in faults))
    return rules


def read(
    *folders: Path, texts: Mapping[str, str] | None = None
) -> tuple[tuple[Rule, ...], tuple[Fault, ...]]:
    """Return the rules as `load` does, and what is wrong with the rest."""
    rules: list[Rule] = []
    faults: list[Fault] = []
    for name, text, lists in _files(folders or (SHIPPED,), texts or {}):
        found, wrong = rules_of(name, text, lists)
        rules += found
        faults += wrong
    faults += _doubles(rules)
    if len(rules) > MOST:
        faults.append(Fault(rules[MOST].file, rules[MOST].line, f"There are more than {MOST} rules."))
    return tuple(rules), tuple(faults)


def _files(
    folders: Iterable[Path], texts: Mapping[str, str]
) -> Iterable[tuple[str, str, Mapping[str, tuple[str, ...]]]]:
    shipped = _lists(SHIPPED)
    for folder in folders:
        if not folder.is_dir():
            raise ConfigError(f"{folder}: there is no such folder of rules.")
        lists = shipped if folder == SHIPPED else {**shipped, **_lists(folder)}
        for path in sorted(folder.glob("*.toml")):
            yield str(path), _text(path), lists
    for name, text in texts.items():
        yield name, text, shipped


def _lists(folder: Path) -> dict[str, tuple[str, ...]]:
    return {path.stem: _lines(path) for path in sorted((folder / "lists").glob("*.txt"))}


def _lines(path: Path) -> tuple[str, ...]:
    text = _text(path)
    if len(text) > LONGEST_LIST:
        raise ConfigError(f"{path}: a list may have {LONGEST_LIST:,} characters.")
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}).") from error


def _doubles(rules: Iterable[Rule]) -> list[Fault]:
    first: dict[str, Rule] = {}
    return [
        Fault(
            rule.file,
            rule.line,
            f"Rule {rule.id} stands in {first[rule.id].file}:{first[rule.id].line}, too.",
        )
        for rule in rules
        if first.setdefault(rule.id, rule) is not rule
    ]
