"""Clean names and texts of what differs from one occurrence to the next, so that equal problems look equal."""

import functools
import re

import re2

_CACHED = 8_192
_LONGEST_TEXT = 1_000
_LONGEST_NAME = 400
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
_NAMES = tuple(name for name, _ in _PARAMETERS_OF_TEXT)
_TEXT = re2.compile("|".join(f"({pattern})" for _, pattern in _PARAMETERS_OF_TEXT))
_SPACES = re.compile(r"\s+")


@functools.lru_cache(maxsize=_CACHED)
def function(name: str) -> str:
    """Return a function's name without what compilers and run-times add; empty when it has none."""
    cleaned = name[:_LONGEST_NAME].strip()
    for pattern, instead in _FUNCTION:
        cleaned = pattern.sub(instead, cleaned)
    if "operator" not in cleaned:
        cleaned = _PARAMETERS.sub(r"\1", cleaned).strip()
    return "" if cleaned.lower() in _UNKNOWN else cleaned


@functools.lru_cache(maxsize=_CACHED)
def module(name: str) -> str:
    """Return a module's name without generated parts."""
    cleaned = name[:_LONGEST_NAME].strip()
    for pattern, instead in _MODULE:
        cleaned = pattern.sub(instead, cleaned)
    return "" if cleaned in {"?", "<unknown module>"} else cleaned


@functools.lru_cache(maxsize=_CACHED)
def path(name: str) -> str:
    """Return a file's path without origin, query, build hashes, versions, and where packages or homes lie."""
    cleaned = name[:_LONGEST_NAME].strip()
    for pattern, instead in _PATH:
        cleaned = pattern.sub(instead, cleaned)
    return "" if cleaned.strip("/").lower() in _UNKNOWN or cleaned in {"[native code]", "native"} else cleaned


@functools.lru_cache(maxsize=1_024)
def text(value: str) -> str:
    """Return a text with its changing values named: `order 17 of anna@example.org` is `order <int> of <email>`."""
    return _SPACES.sub(" ", _TEXT.sub(_named, value[:_LONGEST_TEXT])).strip()


def _named(found: re.Match[str]) -> str:
    place = next(i for i, group in enumerate(found.groups()) if group is not None)
    name = _NAMES[place]
    if name == "git_sha" and not 7 <= len(found[0]) <= 40:
        return found[0]
    return f"<{name}>"
