"""Which names and texts are secrets: the built-in rules, those of a project, and how a text loses its secrets.

All patterns run on RE2, for they meet what clients send: time grows with the length of the text and nothing else.
"""

import bisect
import itertools
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
import re2

from vedette.projects.types import ScrubRules

FILTERED = "[Filtered"
MOST_NAMES = 10_000
_SEP = "[-_. ]?"


class Rule(msgspec.Struct, frozen=True):
    """A rule by name: names that contain `part`, or are `whole`, hold a secret; numbers too when `numbers`."""

    name: str
    part: str
    whole: str = ""
    numbers: bool = True


BUILT_IN = (
    Rule("password", r"passw|pass[-_. ]?phrase|pwd|pass[-_. ]word", "pass|user[-_. ]?pass|pin"),
    Rule("secret", r"secret|private[-_. ]?key|credential|signing[-_. ]?key|encryption[-_. ]?key"),
    Rule("api key", r"api[-_. ]?key|access[-_. ]?key|auth[-_. ]?key|app[-_. ]?key|subscription[-_. ]?key"),
    Rule("authorization", r"authorization|basic[-_. ]?auth", "auth|x[-_. ]auth[-_. ]?[a-z]*|bearer"),
    Rule("csrf", r"csrf|xsrf"),
    Rule("cookie", r"cookie"),
    Rule("session", r"session[-_. ]?(?:id|key)|sessid|connect[.]sid", "sid|session"),
    Rule("card", r"credit[-_. ]?card|card[-_. ]?number|card[-_. ]?no", "cc|cc[-_. ]?num(?:ber)?|cvv2?|cvc2?"),
    Rule("token", r"token", numbers=False),
)  # fmt: skip
ADDRESSES = Rule(
    "address", r"ip[-_. ]?address|x[-_. ]forwarded[-_. ]for|x[-_. ]real[-_. ]ip|client[-_. ]?ip|connecting[-_. ]?ip",
    "remote[-_. ]?addr|forwarded|x[-_. ]client[-_. ]ip",
)  # fmt: skip
_NOT_TOKENS = re2.compile(
    r"(?i)token(?:iz|s?[-_. ]?(?:type|count|usage|limit|expir|url|uri|endpoint))|max[-_. ]?tokens|public[-_. ]?key[-_. ]?token"
)


class Match(Protocol):
    """The part of RE2's match that is used here."""

    def group(self, group: int) -> str | None:
        """Return what a group matched."""
        ...


class Names(dict[str, Rule | None]):
    """The rule that takes each name, or None; decided once a name, and forgotten when there are too many.

    `safe` are the names decided so far that nothing takes.
    """

    def __init__(self, rules: ScrubRules) -> None:
        super().__init__()
        self.safe: set[str] = set()
        self.rules = rules_of(rules)
        self._safe = frozenset(_squashed(name) for name in rules.safe_keys)
        self._compiled = [(rule, re2.compile(_of_name(rule))) for rule in self.rules]
        self._any = _any_of([_of_name(rule) for rule in self.rules])

    def __missing__(self, name: str) -> Rule | None:
        if len(self) >= MOST_NAMES:
            self.clear()
            self.safe.clear()
        found = self._decided(name) if len(name) <= 200 else None
        self[name] = found
        if found is None:
            self.safe.add(name)
        return found

    def _decided(self, name: str) -> Rule | None:
        if self._any is None or self._any.search(name) is None or _squashed(name) in self._safe:
            return None
        for rule, pattern in self._compiled:
            if pattern.search(name) and not (rule.name == "token" and _NOT_TOKENS.search(name)):
                return rule
        return None


def rules_of(rules: ScrubRules) -> tuple[Rule, ...]:
    """Return the rules of a project: the built-in ones, its own names, and addresses when they are masked."""
    own = tuple(Rule(name.strip(), part) for name in rules.extra_keys if (part := _loose(name)))
    return (*own, *(BUILT_IN if rules.defaults else ()), *((ADDRESSES,) if rules.mask_addresses else ()))


def _loose(name: str) -> str:
    """Return a pattern for a name in any of its spellings: `customer_no`, `customerNo`, `customer-no`."""
    letters = [letter for letter in name.strip().lower() if letter.isalnum()]
    return _SEP.join(re2.escape(letter) for letter in letters)


def _squashed(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _of_name(rule: Rule) -> str:
    whole = f"|^(?:{rule.whole})$" if rule.whole else ""
    return f"(?i)(?:{rule.part}){whole}"


class Suspicion:
    """Tells from an event's raw JSON whether anything in it may be a secret: one pass over the bytes.

    It errs on the side of suspicion: what `Names` or `Texts` would hide is always found.
    """

    def __init__(self, rules: ScrubRules) -> None:
        kept = rules_of(rules)
        names, texts = (_name_patterns(kept), _text_patterns(kept, rules)) if kept else ([], [])
        self._any = _any_of([*names, *texts])
        self._texts = _any_of(texts)

    def any(self, payload: bytes) -> bool:
        """Tell whether a name or a text may hold a secret."""
        return self._any is not None and self._any.search(payload) is not None

    def in_texts(self, payload: bytes) -> bool:
        """Tell whether a text may: of an event that `any` was true for."""
        return self._texts is not None and self._texts.search(payload) is not None


def _any_of(patterns: Sequence[str]) -> "re2._Regexp | None":
    options = re2.Options()
    options.never_capture = True
    return re2.compile(f"(?i)(?:{'|'.join(patterns)})", options) if patterns else None


def _name_patterns(rules: Sequence[Rule]) -> list[str]:
    part = "|".join(rule.part for rule in rules)
    whole = "|".join(rule.whole for rule in rules if rule.whole) or "a^"
    holds = rf'(?:"(?:[^"\[]|\[[^F])|[\[0-9-]|{_OBJECT})'
    name = rf'(?:[^"\\]*(?:{part})[^"\\]*|(?:{whole}))'
    return [
        rf'"{name}"\s*:\s*{holds}',
        rf'\[\s*"{name}"\s*,\s*{holds}',
        rf'"--?{name}"\s*,\s*"',
        rf'"(?:key|name)"\s*:\s*"{name}"',
        _ESCAPED,
    ]


def _text_patterns(rules: Sequence[Rule], project: ScrubRules) -> list[str]:
    word = rf"(?:{'|'.join(rule.part for rule in rules)})[\w-]{{0,20}}"
    patterns = [
        rf"""{word}(?:\\*["'])?\s{{0,2}}(?:=|%3d)\s{{0,2}}(?:\\*["'])?[^\s"'\\&,;)\[{{(=]""",
        rf"""{word}(?:\\+["']|')\s?:\s?u?\\*["'](?:[^"'\\\[]|\[[^F])+\\*["']""",
        rf"""{word}(?:\\+["']|')\s?:\s?[^\s"'\\\[{{(]""",
        _ESCAPED,
    ]
    if project.defaults:
        patterns += [
            r"eyj[\w-]{8}", "private key-----", r"\b(?:bearer|basic|token) +[\w+/.~=-]{8}", r":[\\/]+[^\s/@\"]{0,80}:[^\s/@\"]{1,80}@",
            r"[2-6](?:[ -]?[0-9]){12}", _KNOWN, r"(?:authorization|cookie|x-api-key)\s?:\s?[^\s\"\[]",
            rf"[?&](?:{_QUERY_WORDS})=[^&\s\"\[]",
        ]  # fmt: skip
    return patterns


_ESCAPED = r"\\u00[2-7]"  # a letter written as an escape could hide a name
# An object, but not the `{"": {"rem": …}}` in which an SDK tells what it hid itself.
_OBJECT = r'\{(?:[^"]|"(?:[^"]|":(?:[^{]|\{(?:[^"]|"[^relc]))))'
_BETWEEN = "\n\n\n"  # three, for no pattern but _PEM spans more than two blanks
_PEM = r"(?s)-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\z)"
_PEM_HEAD = "-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----"
_QUERY_WORDS = "key|sig|signature|auth|pass|sid|session"
_KNOWN = r"\b(?:gh[pousr]_\w{20}|github_pat_\w{20}|glpat-[\w-]{16}|sk_live_\w{10}|rk_live_\w{10}|AKIA[0-9A-Z]{12}|xox[abprs]-[\w-]{10})"


class Texts:
    """How a text loses its secrets: what stands behind a secret's name, and what looks like one by itself."""

    def __init__(self, rules: ScrubRules, names: Names) -> None:
        self._names = names
        part = "|".join(rule.part for rule in names.rules)
        word = rf"[\w.-]*(?:{part})[\w-]{{0,20}}"
        value = r"""(?:"([^"]+)"|'([^']+)'|([^\s"'&;,)}\]\[{(=][^\s"'&;,)}\]]*))"""
        self._patterns: list[tuple[re2._Regexp, Callable[[Match], str]]] = []
        if rules.defaults:
            self._patterns += [(re2.compile(pattern), act) for pattern, act in _SHAPES]
        if part:
            equals = re2.compile(rf"""(?i)(({word})["']?\s{{0,2}}(?:=|%3d)\s{{0,2}}){value}""")
            colon = re2.compile(rf"""(?i)(({word})\\*["']\s?:\s?u?){value}""")
            escaped = re2.compile(rf"""(?i)(({word})\\+["']\s?:\s?\\+["'])()()([^"'\\]+)""")
            self._patterns += [(equals, self._assigned), (colon, self._assigned), (escaped, self._assigned)]
        if rules.defaults:
            self._patterns.append(
                (re2.compile(rf"""(?i)([?&](?:{_QUERY_WORDS})=)([^&\s"'#\[]+)"""), _kept_first("token"))
            )
        shown = [_PEM_HEAD if pattern.pattern == _PEM else pattern.pattern for pattern, _ in self._patterns]
        self._any = _any_of([f"(?-i:{pattern})" for pattern in shown])
        self._each = re2.Set.SearchSet()
        for pattern in shown:
            self._each.Add(pattern)
        self._each.Compile()

    def suspects(self, texts: list[str]) -> list[int]:
        """Return the places of the texts that hold a secret; one pass over all of them."""
        if self._any is None or not texts:
            return []
        starts = [found.start() for found in self._any.finditer(_BETWEEN.join(texts))]
        if not starts:
            return []
        ends = list(itertools.accumulate(len(text) + len(_BETWEEN) for text in texts))
        return sorted({bisect.bisect_right(ends, start) for start in starts})

    def scrubbed(self, text: str, *, source: bool = False) -> str:
        """Return a text without its secrets; in `source` code only what is quoted counts as assigned."""
        for place in sorted(self._each.Match(text)):
            pattern, act = self._patterns[place]
            if act == self._assigned and source:
                text = pattern.sub(self._assigned_in_source, text)
            else:
                text = pattern.sub(act, text)
        return text

    def _assigned(self, found: Match) -> str:
        rule = self._names[found.group(2) or ""]
        value = found.group(3) or found.group(4) or found.group(5) or ""
        if rule is None or value.startswith(FILTERED) or (value.isdigit() and not rule.numbers):
            return found.group(0) or ""
        quote = '"' if found.group(3) else "'" if found.group(4) else ""
        return f"{found.group(1)}{quote}{mark(rule.name)}{quote}"

    def _assigned_in_source(self, found: Match) -> str:
        quoted = found.group(3) or found.group(4)
        return self._assigned(found) if quoted and len(quoted) > 2 else found.group(0) or ""


def mark(rule: str) -> str:
    """Return what stands in the place of a secret; pages read the rule's name from it."""
    return f"{FILTERED}: {rule}]"


def _kept_first(rule: str) -> Callable[[Match], str]:
    """Return a replacement that keeps the first group and hides the rest."""
    return lambda found: f"{found.group(1)}{mark(rule)}"


def _bearer(found: Match) -> str:
    """Hide what follows `Bearer` when it looks like no word."""
    value = found.group(2) or ""
    return (
        f"{found.group(1)}{mark('authorization')}"
        if not value.isalpha() or len(value) > 24
        else found.group(0) or ""
    )


def _card(found: Match) -> str:
    return mark("card") if is_card(found.group(0) or "") else found.group(0) or ""


def is_card(text: str) -> bool:
    """Tell whether digits (spaces and dashes aside) are the number of a payment card: 13 to 19, Luhn's sum right."""
    digits = [int(letter) for letter in text if letter.isdigit()]
    if not 13 <= len(digits) <= 19 or digits[0] not in {2, 3, 4, 5, 6} or len(set(digits)) < 2:
        return False
    doubled = [
        d if place % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for place, d in enumerate(reversed(digits))
    ]
    return sum(doubled) % 10 == 0


_SHAPES: tuple[tuple[str, Callable[[Match], str]], ...] = (
    (_PEM, lambda _: mark("private key")),
    (r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?", lambda _: mark("token")),
    (r"(?i)((?:^|[\s\"'])(?:proxy-)?authorization\s?:\s?)([^\s\[\"'][^\r\n\"']*)", _kept_first("authorization")),
    (r"(?i)((?:^|[\s\"'])(?:set-)?cookie\s?:\s?)([^\s\[\"'][^\r\n\"']*)", _kept_first("cookie")),
    (r"(?i)((?:^|[\s\"'])x-api-key\s?:\s?)([^\s\[\"'][^\r\n\"']*)", _kept_first("api key")),
    (r"(?i)(\b(?:bearer|basic|token) +)([\w+/.~=-]{8,})", _bearer),
    (r"(:[\\/]{2,4}[^\s/@\"':]{0,80}:)[^\s/@\"']{1,80}(@)", lambda found: f"{found.group(1)}{mark('password')}{found.group(2)}"),
    (rf"{_KNOWN}[\w-]*", lambda _: mark("token")),
    (r"\b[2-6](?:[ -]?[0-9]){12,18}\b", _card),
)  # fmt: skip
