"""Clean names and texts of what differs from one occurrence to the next, so that equal problems look equal.

Tables of rules, one set for each version of grouping. **A table that a release has used is never changed**: the hashes
of known issues were made with it. A mend goes into the newest tables while no release has them, else into new ones.
"""

import functools
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import re2

_CACHED = 8_192
_LONGEST_TEXT = 1_000
_LONGEST_NAME = 400
_Rules = tuple[tuple[re.Pattern[str], str], ...]
_UNKNOWN = frozenset({
    "", "?", "<anonymous>", "(anonymous)", "anonymous", "<unknown>", "[unknown]", "{closure}", "object.<anonymous>", "<lambda>",
    "lambda", "eval", "null", "undefined", "<redacted>", "???", "(anonymous function)", "anonymous function", "unnamed",
})  # fmt: skip

# What is cut from a function's name, by the language that writes it so.
_FUNCTION = (
    (re2.compile(r"^(?:block(?: \([^)]*\))? in|rescue in|ensure in) "), ""),  # Ruby
    (re2.compile(r"^__(?:\d+)?([-+]\[.*\])_block_invoke.*$"), r"\1"),  # Objective-C
    (re2.compile(r"^(.*)_block_invoke(?:_?\d+)*$"), r"\1"),
    (re2.compile(r"^(?:async )?(?:Object\.|Module\.|exports\.|module\.exports\.)?"), ""),  # JavaScript
    (re2.compile(r"(?:^|/)<$"), ""),  # Firefox
    (re2.compile(r"^.*\{closure.*$"), "{closure}"),  # PHP
    (re2.compile(r"class@anonymous.*?(::|->|$)"), r"class@anonymous\1"),
    (re2.compile(r"^lambda\$(?:([^$]+)\$)?\d+$"), r"\1"),  # Java
    (re2.compile(r"\$\$(?:Lambda|EnhancerBy\w+|FastClassBy\w+)\$?.*"), ""),
    (re2.compile(r"^access\$\d+$"), "access"),
    (re2.compile(r"^<(\w+)>[bdg]__[\w|]+(?:\.MoveNext)?$"), r"\1"),  # C#
    (re2.compile(r"::h[0-9a-f]{16}$"), ""),  # Rust
    (re2.compile(r"\.func\d+(?:\.\d+)*$"), ".func"),  # Go
    (re2.compile(r"^(?:\?)?0x[0-9a-f]+$"), ""),  # native without symbols
)  # fmt: skip
_PARAMETERS = re2.compile(r"^([\w:~<>,*& ]+)\(.*\)(?: const)?$")

_MODULE = (
    (re2.compile(r"\$\$(?:Lambda|EnhancerBy\w+|FastClassBy\w+)\$?.*"), ""),
    (re2.compile(r"\$Proxy\d+"), "$Proxy"),
    (re2.compile(r"\$\d+\b"), "$"),
    (re2.compile(r"GeneratedMethodAccessor\d+"), "GeneratedMethodAccessor"),
    (re2.compile(r"\b[0-9a-f]{16,}\b"), "<hash>"),
)  # fmt: skip

_PATH = (
    (re2.compile(r"^(?:webpack(?:-internal)?|app|file|capacitor|http|https|chrome-extension|moz-extension)://[^/]*/"), "/"),
    (re2.compile(r"[?#].*$"), ""),
    (re2.compile(r"\\"), "/"),
    (re2.compile(r"^/?(?:\(\w+\)/)?(?:\./)+"), "/"),
    (re2.compile(r"^.*/(?:site-packages|dist-packages|node_modules|gems)/"), "/"),
    (re2.compile(r"([/.~-])(?:[0-9a-f]{8,64}|[0-9]+(?:\.[0-9]+)+)([/.~-]|$)"), r"\1<v>\2"),
    (re2.compile(r"^/(?:home|Users)/[^/]+/"), "/~/"),
)  # fmt: skip

# The kinds of values that differ between occurrences of one message; at each place the first that fits wins.
_PARAMETERS_OF_TEXT = (
    ("email", r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+"),
    ("url", r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,15}://[^\s\"'<>)]{1,500}"),
    ("traceparent", r"\b00-[0-9a-fA-F]{32}-[0-9a-fA-F]{16}-0[01]\b"),
    ("uuid", r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"),
    ("sha1", r"\b[0-9a-fA-F]{40}\b"),
    ("md5", r"\b[0-9a-fA-F]{32}\b"),
    ("date", (r"\b\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?"
             r"|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? \d{1,2} [A-Z][a-z]{2} \d{4}(?: \d{1,2}:\d{2}:\d{2})?"
             r"|\b\d{1,2}/\d{1,2}/\d{2,4}\b|\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?\b")),
    ("duration", r"\b\d+(?:\.\d+)? ?(?:ms|us|µs|ns|s|sec|secs|seconds?|min|mins|minutes?|h|hours?|days?)\b"),
    ("ip", (r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b|\b(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}\b"
           r"|\b(?:[0-9a-fA-F]{1,4}:){1,6}:(?:[0-9a-fA-F]{1,4}:){0,5}[0-9a-fA-F]{0,4}")),
    ("hostname", r"\b(?:[a-zA-Z0-9-]{1,63}\.){1,10}(?:com|net|org|edu|gov|io|dev|app|co|de|uk|eu|fr|nl|ch|at|internal|local|cloud)\b"),
    ("hex", r"\b0[xX][0-9a-fA-F]+\b"),
    ("git_sha", r"\b(?:[0-9]+[a-f][0-9a-f]*|[a-f]+[0-9][0-9a-f]*)\b"),
    ("float", r"[+-]?\b\d+\.\d+(?:[eE][+-]?\d+)?\b"),
    ("int", r"[+-]?\b\d+\b"),
    ("quoted_str", r"'[^'\n]{1,200}'|\"[^\"\n]{1,200}\""),
    ("bool", r"\b(?:[Tt]rue|[Ff]alse|TRUE|FALSE)\b"),
)  # fmt: skip
_SPACES = re.compile(r"\s+")

# Version 2. What it cuts before the rules above, and for single languages after them.
_FUNCTION_2 = (
    (re2.compile(r"(?:\.(?:cold|isra|constprop|part|lto_priv|llvm|clone)(?:\.\d+)*)+$"), ""),  # GCC, LLVM
    (re2.compile(r" \[clone [^\]]*\]"), ""),
    (re2.compile(r"\(anonymous namespace\)|`anonymous namespace'|`anonymous-namespace'"), "<anonymous namespace>"),
    (re2.compile(r"^\(\d+\) (?:await resume|suspend resume) partial function for "), ""),  # Swift
    (re2.compile(r"(?:::\{\{closure\}\})+"), ""),  # Rust: an async function is a closure too
    (re2.compile(r"(?:\.gowrap|\.deferwrap)\d+$"), ""),  # Go
    (re2.compile(r"\[\.\.\.\]"), ""),
    (re2.compile(r"^(\w+)\$lambda(?:\$\d+)+$"), r"\1"),  # Kotlin
    (re2.compile(r"\$(?:suspendImpl|default)$"), ""),
    (re2.compile(r"^\$?anonfun\$(\w+)\$\d+(?:\$adapted)?$"), r"\1"),  # Scala
    (re2.compile(r"\.<(?:anonymous closure|fn)>$"), ""),  # Dart
    (re2.compile(r"^anonymous fn/\d+ in "), ""),  # Elixir
)  # fmt: skip
_SCRIPT = (
    (re2.compile(r" \[as [^\]]*\]$"), ""),  # Chromium
    (re2.compile(r"^new "), ""),
    (re2.compile(r"^.*\*"), ""),  # Firefox: `async*pay`, `setTimeout handler*pay`
    (re2.compile(r"(?:/<)+$"), ""),
    (re2.compile(r"^.*[./#](.)"), r"\1"),  # engines disagree about what stands before the last name
    (re2.compile(r"^\d+$|^_callee\d*\$?$"), ""),  # modules of a bundle, functions of a transpiler
)  # fmt: skip
_FUNCTION_OF = {
    "javascript": _SCRIPT,
    "node": _SCRIPT,
    "ruby": ((re2.compile(r"^(?:[A-Z]\w*(?:::[A-Z]\w*)*)[#.](.+)$"), r"\1"),),  # from Ruby 3.4 on
    "python": ((re2.compile(r"^.*\.<locals>\."), ""),),
}
_MODULE_2 = (
    (re2.compile(r"\$\$(?:SpringCGLIB|ExternalSyntheticLambda\d+|InternalSyntheticLambda)\$?.*"), ""),
    (re2.compile(r"_?\$(?:HibernateProxy|ByteBuddy|MockitoMock|\$_jvst\w*)\$?.*"), ""),
    (re2.compile(r"class@anonymous.*"), "class@anonymous"),
    (re2.compile(r"\+<>c(?:__DisplayClass\d+_\d+)?"), ""),  # C#
    (re2.compile(r"\+<(\w+)>d__\d+"), r"+\1"),
)  # fmt: skip
_PATH_2 = (
    (re2.compile(r"\\"), "/"),
    (re2.compile(r" line \d+ > (?:eval|Function).*$"), ""),
    (re2.compile(r"<ipython-input-[^>]*>"), "<ipython-input>"),
    (re2.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"), "<v>"),
    (re2.compile(r"@v?\d+(?:\.\d+)*(?:[-+][\w.]+)?/"), "/"),
    (re2.compile(r"([/ (~-])\d+(?:\.\d+)+(?:[.-]?(?:rc|beta|alpha|pre|dev|a|b)\.?\d*)?([/ )]|$)"), r"\1<v>\2"),
    (re2.compile(r"/_next/static/[\w-]{21}/"), "/_next/static/<v>/"),
    (re2.compile(r"/tmp[a-z0-9_]{8}/"), "/<tmp>/"),  # noqa: S108 - a pattern
)  # fmt: skip
_PATH_AFTER = (
    (re2.compile(r"/\d+((?:\.<v>)?(?:\.chunk)?\.m?js)$"), r"/<v>\1"),
    (re2.compile(r"^[A-Za-z]:/Users/[^/]+/"), "/~/"),
    (re2.compile(r"^.*/(?:pkg/mod|vendor|python\d(?:\.\d+)?)/"), "/"),
    (re2.compile(r"^.*/(?:releases/<v>|current)/"), "/"),
)  # fmt: skip
_UNKNOWN_2 = _UNKNOWN | {"eval code", "native code", "anonymous closure", "<fn>"}
_NUMBER = r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:['’\x{a0}\x{202f}]\d{3})+"
_TEXT_2: dict[str, str] = {
    "date": (r"\b\d{1,2}\.\d{1,2}\.\d{4}(?:,? \d{1,2}:\d{2}(?::\d{2})?)?\b|\b\d{1,2}:\d{2}(?::\d{2})? ?[AaPp][Mm]\b"
             r"|\b[A-Z][a-z]{2,8} \d{1,2},? \d{4}\b|\b\d{1,2}\.? [A-Z][a-zéûä]{2,8}\.? \d{4}\b"),
    "duration": r"\b(?:\d+(?:\.\d+)?(?:h|ms|m|s|µs|us|ns)){2,4}\b",
    "float": r"[+-]?\b\d+,\d{1,2}\b",
    "quoted_str": r"“[^”\n]+”|„[^“”\n]+[“”]|«[^»\n]+»|‘[^’\n]+’|`[^`\n]+`",
}  # fmt: skip
# `1,234.50`, `1.234,50` and `1'234` as the world's locales group digits; one group after a point is a fraction.
_GROUPED = (
    ("float", rf"[+-]?\b(?:{_NUMBER}|\d{{1,3}}(?:\.\d{{3}})+)[.,]\d{{1,2}}\b"),
    ("int", rf"[+-]?\b(?:{_NUMBER})\b"),
)
_NEW_KINDS = (
    ("jwt", r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"),
    ("ulid", r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b"),
    ("sha256", r"\b[0-9a-fA-F]{64}\b"),
    ("id", r"\b[a-z]+_[A-Za-z0-9]+\b"),
    ("size", r"\b\d+(?:[.,]\d+)? ?(?:[KMGT]i?B|kB|[Bb]ytes?)\b"),
)
# An apostrophe within a word opens no quotation (`can't … won't`); a text is short, so nothing need bound what is inside.
_QUOTED_2 = r"\B'[^'\n]+'\B|\"[^\"\n]+\""


def _kinds_2() -> tuple[tuple[str, str], ...]:
    """Return the kinds of version 2: the new ones first (they are the longer ones), the others with their new forms."""
    kinds = [*_NEW_KINDS]
    for name, pattern in _PARAMETERS_OF_TEXT:
        if name == "float":
            kinds += _GROUPED
        old = _QUOTED_2 if name == "quoted_str" else pattern
        kinds.append((name, f"{_TEXT_2[name]}|{old}" if name in _TEXT_2 else old))
    return tuple(kinds)


class Tables(NamedTuple):
    """The rules of one version: what is cut from names, by what they name, and the kinds of values in texts."""

    function: _Rules
    function_of: Mapping[str, _Rules]
    module: _Rules
    path: _Rules
    kinds: tuple[tuple[str, str], ...]
    unknown: frozenset[str]
    is_hash: Callable[[str], bool] | None


class Cleaner:
    """Cleans with the tables of one version; what was cleaned lately is remembered."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._names = tuple(name for name, _ in tables.kinds)
        self._text = re2.compile("|".join(f"({pattern})" for _, pattern in tables.kinds))
        self.function = functools.lru_cache(maxsize=_CACHED)(self._function)
        self.module = functools.lru_cache(maxsize=_CACHED)(self._module)
        self.path = functools.lru_cache(maxsize=_CACHED)(self._path)
        self.text = functools.lru_cache(maxsize=1_024)(self._cleaned_text)

    def _function(self, name: str, platform: str = "") -> str:
        """Return a function's name without what compilers and run-times add; empty when it has none."""
        cleaned = _cut(name[:_LONGEST_NAME].strip(), self._tables.function)
        if "operator" not in cleaned:
            cleaned = _PARAMETERS.sub(r"\1", cleaned).strip()
        if cleaned.lower() not in self._tables.unknown:
            cleaned = _cut(cleaned, self._tables.function_of.get(platform, ()))
        return "" if cleaned.lower() in self._tables.unknown else cleaned

    def _module(self, name: str) -> str:
        """Return a module's name without generated parts."""
        cleaned = _cut(name[:_LONGEST_NAME].strip(), self._tables.module)
        return "" if cleaned in {"?", "<unknown module>"} else cleaned

    def _path(self, name: str) -> str:
        """Return a file's path without origin, query, build hashes, versions, and where packages or homes lie."""
        cleaned = name[:_LONGEST_NAME].strip()
        if self._tables.is_hash is not None:
            cleaned = _without_hash(cleaned, self._tables.is_hash)
        cleaned = _cut(cleaned, self._tables.path)
        unknown = cleaned.strip("/").lower() in self._tables.unknown or cleaned in {"[native code]", "native"}
        return "" if unknown else cleaned

    def _cleaned_text(self, value: str) -> str:
        """Return a text with its changing values named: `order 17 of anna@example.org` is `order <int> of <email>`."""
        return _SPACES.sub(" ", self._text.sub(self._named, value[:_LONGEST_TEXT])).strip()

    def _named(self, found: re.Match[str]) -> str:
        place = next(i for i, group in enumerate(found.groups()) if group is not None)
        name = self._names[place]
        if name == "git_sha" and not 7 <= len(found[0]) <= 40:
            return found[0]
        if name == "id" and not _is_id(found[0]):
            return found[0]
        return f"<{name}>"


def _is_id(text: str) -> bool:
    """Tell an id with its prefix (`ch_3NabcXYZ0123456789`) from a name in snake case."""
    return len(text.rpartition("_")[2]) >= 14 and any(map(str.isdigit, text))


def _cut(name: str, rules: _Rules) -> str:
    for pattern, instead in rules:
        name = pattern.sub(instead, name)
    return name


_BUILT = re2.compile(r"([.-])([A-Za-z0-9_-]{8})((?:\.chunk|\.min|\.bundle)?\.(?:m?js|css|map))(\?.*)?$")
_FLIP = re.compile(r"[a-z][A-Z]")


def _without_hash(path: str, is_hash: Callable[[str], bool]) -> str:
    """Return a script's path without the hash of its build (`index-BkH3_x9a.js`)."""
    found = _BUILT.search(path)
    return f"{path[: found.start()]}{found[1]}<v>{found[3]}" if found and is_hash(found[2]) else path


def _is_build_hash(text: str) -> bool:
    """Tell a bundler's hash in base64 (8 signs) from a word: words have no digits and few changes of case."""
    return any(map(str.isdigit, text)) or len(_FLIP.findall(text)) >= 2


V1 = Cleaner(Tables(_FUNCTION, {}, _MODULE, _PATH, _PARAMETERS_OF_TEXT, _UNKNOWN, None))
V2 = Cleaner(Tables(
    (*_FUNCTION_2, *_FUNCTION), _FUNCTION_OF, (*_MODULE_2, *_MODULE), (*_PATH_2, *_PATH, *_PATH_AFTER), _kinds_2(),
    _UNKNOWN_2, _is_build_hash,
))  # fmt: skip
NEWEST = V2
