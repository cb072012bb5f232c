"""Reads rules in gitleaks' TOML form: ours, which are shipped, and a user's own. What is not understood is refused by name."""

import functools
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.scan.secrets.types import HeldAgainst, LetPass, Pattern, SecretRule, SecretRules

OURS = Path(__file__).parent / "rules"
LARGEST = 4 * 1024 * 1024
_DEEPEST = 2  # `extend.path`, as gitleaks has it
_LONGEST = 20_000
_MEMORY = 64 * 1024 * 1024


class _Allowed(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    description: str = ""
    condition: str = "OR"
    paths: tuple[str, ...] = ()
    regexes: tuple[str, ...] = ()
    regex_target: str = "secret"
    stopwords: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    target_rules: tuple[str, ...] = ()


class _Written(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    id: str
    description: str = ""
    regex: str = ""
    path: str = ""
    secret_group: int = 0
    entropy: float = 0.0
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    report: bool = True
    skip_report: bool = False
    allowlist: _Allowed | None = None
    allowlists: tuple[_Allowed, ...] = ()
    opens: str = ""
    revoke: str = ""
    risk: float = 7.5


class _Extend(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    use_default: bool = False
    path: str = ""
    url: str = ""
    disabled_rules: tuple[str, ...] = ()


class _File(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    title: str = ""
    description: str = ""
    min_version: str = ""
    extend: _Extend = _Extend()
    allowlist: _Allowed | None = None
    allowlists: tuple[_Allowed, ...] = ()
    rules: tuple[_Written, ...] = ()


@functools.cache
def ours() -> SecretRules:
    """Return the rules that are shipped."""
    read = [
        load(path)
        for path in sorted(OURS.glob("*.toml"), key=lambda path: (path.stem == "generic", path.stem))
    ]
    return _together(read)


def load(path: Path, deep: int = 0) -> SecretRules:
    """Return the rules of a file in gitleaks' form; raises `Invalid` with file, line and rule."""
    text = _text(path)
    try:
        read = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Invalid(f"{path}: {error or 'nested too deeply'}") from error
    except msgspec.ValidationError as error:
        raise Invalid(f"{path}: {_where(text, str(error))}") from error
    own = SecretRules(
        rules=tuple(_rule(path, text, one) for one in read.rules), allow=_allows(path, text, read)
    )
    return _together([own, *_extended(path, read.extend, deep)], frozenset(read.extend.disabled_rules))


def compiled(source: str) -> Pattern:
    """Return a pattern over bytes; raises ValueError with RE2's own words."""
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        made: Pattern = re2.compile(source.encode("latin-1"), options)
    except (re2.error, UnicodeEncodeError) as error:
        raise ValueError(str(error)[:200]) from error
    return made


def _together(read: Iterable[SecretRules], without: frozenset[str] = frozenset()) -> SecretRules:
    rules: dict[str, SecretRule] = {}
    allow: list[LetPass] = []
    for one in read:
        allow += one.allow
        for rule in one.rules:
            rules.setdefault(rule.id, rule)  # a file's own rule comes before the one it extends
    return SecretRules(
        rules=tuple(rule for rule in rules.values() if rule.id not in without), allow=tuple(allow)
    )


def _extended(path: Path, extend: _Extend, deep: int) -> list[SecretRules]:
    if extend.url:
        raise Invalid(
            f"{path}: extend.url is not fetched; save that file beside it and name it as extend.path."
        )
    if extend.path and deep >= _DEEPEST:
        raise Invalid(f"{path}: extend.path leads through more than {_DEEPEST} files.")
    found = [ours()] if extend.use_default else []
    return [*found, load(path.parent / extend.path, deep + 1)] if extend.path else found


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise Invalid(f"{path} has more than {LARGEST} bytes: that is no file of rules.")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read as rules for secrets: {error}") from error


def _rule(path: Path, text: str, written: _Written) -> SecretRule:
    where = f"{path}, line {_line(text, written.id)}, rule {written.id!r}"
    if not written.regex and not written.path:
        raise Invalid(f"{where} has neither a regex nor a path.")
    lists = [*([written.allowlist] if written.allowlist else []), *written.allowlists]
    return SecretRule(
        id=written.id, about=written.description or written.id, group=_group(where, written), entropy=written.entropy,
        pattern=_pattern(where, written.regex) if written.regex else None,
        path=_pattern(where, written.path) if written.path else None,
        keywords=tuple(sorted({word.lower().encode() for word in written.keywords})),
        allow=tuple(_allow(where, one) for one in lists), opens=written.opens, revoke=written.revoke, risk=written.risk,
    )  # fmt: skip


def _group(where: str, written: _Written) -> int:
    import re2

    if not 0 <= written.secret_group <= 100:
        raise Invalid(f"{where}: secretGroup {written.secret_group} is no group.")
    if (
        written.secret_group
        and re2.compile(written.regex.encode("latin-1", "replace")).groups < written.secret_group
    ):
        raise Invalid(
            f"{where}: secretGroup {written.secret_group} names a group that the regex does not have."
        )
    return written.secret_group


def _allows(path: Path, text: str, read: _File) -> tuple[LetPass, ...]:
    lists = [*([read.allowlist] if read.allowlist else []), *read.allowlists]
    return tuple(_allow(f"{path}, line {_line(text, 'allowlist')}, allowlist", one) for one in lists)


def _allow(where: str, written: _Allowed) -> LetPass:
    condition, target = written.condition.upper(), written.regex_target or "secret"
    if condition not in {"OR", "||", "AND", "&&"}:
        raise Invalid(f"{where}: condition is OR or AND, not {written.condition!r}.")
    if target not in set(HeldAgainst):
        raise Invalid(f"{where}: regexTarget is secret, match or line, not {target!r}.")
    return LetPass(
        every=condition in {"AND", "&&"}, target=HeldAgainst(target), commits=frozenset(written.commits),
        paths=tuple(_pattern(where, one) for one in written.paths),
        regexes=tuple(_pattern(where, one) for one in written.regexes),
        stopwords=tuple(word.lower().encode() for word in written.stopwords), rules=frozenset(written.target_rules),
    )  # fmt: skip


def _pattern(where: str, source: str) -> Pattern:
    if len(source) > _LONGEST:
        raise Invalid(f"{where}: a regex of more than {_LONGEST} characters.")
    try:
        return compiled(source)
    except ValueError as error:
        raise Invalid(f"{where}: the regex {source[:80]!r} is none of RE2: {error}") from error


def _line(text: str, word: str) -> int:
    lines = text.splitlines()
    quoted = (f'"{word}"', f"'{word}'", f"[{word}", f"[[{word}")
    return next((i for i, line in enumerate(lines, 1) if any(one in line for one in quoted)), 1)


def _where(text: str, said: str) -> str:
    """Return an error of shape with the line where its rule begins (`$.rules[3].entropy` is the fourth)."""
    _, _, after = said.partition("$.rules[")
    number = after.partition("]")[0]
    if not number.isdigit():
        return said
    begins = [i for i, line in enumerate(text.splitlines(), 1) if line.strip().startswith("[[rules]]")]
    return f"line {begins[int(number)]}: {said}" if int(number) < len(begins) else said


def shipped() -> Mapping[str, str]:
    """Return what each shipped rule finds, by id."""
    return {rule.id: rule.about for rule in ours().rules}
