"""The words of the search for secrets: rules, what they let pass, what they hit."""

import enum
from typing import Protocol

import msgspec


class Found(Protocol):
    """A match of a pattern over bytes."""

    def start(self, group: int = 0) -> int:
        """Return where a group begins."""

    def end(self, group: int = 0) -> int:
        """Return where a group ends."""

    def groups(self) -> tuple[bytes | None, ...]:
        """Return what each group holds."""


class Pattern(Protocol):
    """A compiled RE2 pattern over bytes: linear in time, whatever it reads."""

    def search(self, text: bytes, pos: int = 0) -> Found | None:
        """Return the first match from a place on."""


class HeldAgainst(enum.StrEnum):
    """What the patterns of an allowlist are held against."""

    SECRET = "secret"  # noqa: S105 - a word
    MATCH = "match"
    LINE = "line"


class LetPass(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule lets pass. `every` asks that all kinds that are named hold, else one is enough; no `rules` means all."""

    every: bool = False
    paths: tuple[Pattern, ...] = ()
    regexes: tuple[Pattern, ...] = ()
    target: HeldAgainst = HeldAgainst.SECRET
    stopwords: tuple[bytes, ...] = ()
    commits: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()


class SecretRule(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind of secret is known, in the form of gitleaks.

    `keywords` are in lower case: where none is, the pattern is not tried. `group` is the one that holds the secret, 0 for the
    first that holds anything. `entropy` is the least, in bits a character. A rule without a pattern names files (`path`).
    `opens` and `revoke` (an URL) are for a person, `risk` is 0 to 10.
    """

    id: str
    about: str
    pattern: Pattern | None = None
    path: Pattern | None = None
    group: int = 0
    entropy: float = 0.0
    keywords: tuple[bytes, ...] = ()
    allow: tuple[LetPass, ...] = ()
    opens: str = ""
    revoke: str = ""
    risk: float = 7.5


class SecretRules(msgspec.Struct, frozen=True, kw_only=True):
    """Rules by file, and what all of them let pass."""

    rules: tuple[SecretRule, ...]
    allow: tuple[LetPass, ...] = ()


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A secret in a text: the rule, the secret itself (it never leaves the scanner), and the line it stands on."""

    rule: SecretRule
    secret: bytes
    line: int
    encoded: bool = False


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """A hit in a file, or in a commit of the past (`commit`, by its author's date `at`) that is no longer in the tree.

    `commit` is `stray.STAGED` or `stray.UNREACHED` where no commit holds it.

    `certified` is when the last certificate ends that lies beside a private key and is its own, 0 where none does.
    """

    hit: Hit
    path: str
    commit: str = ""
    at: float = 0.0
    certified: float = 0.0
