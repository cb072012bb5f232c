"""The policy that browsers' reports justify, source by source with the reason. Pure.

It begins with the newest policy that several browsers named, for reports tell only what that one refuses; where none is
known, with the page's own origin alone. A source is added to its directive when several browsers reported it, it cannot be
changed on its way, and it does not undo what the policy is for (https://www.w3.org/TR/CSP3/#directives-fetch).
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence

from vedette.errors.reported.types import CSP, KnownPolicy, Proposal, ProposedSource, ReportLine
from vedette.wire.url import host_of

Directives = dict[str, tuple[str, ...]]
NONE, SELF = "'none'", "'self'"
START: Mapping[str, tuple[str, ...]] = {"default-src": (SELF,), "object-src": (NONE,), "base-uri": (SELF,)}
# From whom a directive that is not set takes its sources (https://www.w3.org/TR/CSP3/#directive-fallback-list).
_FALLBACKS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("connect-src", "font-src", "img-src", "manifest-src", "media-src", "script-src", "style-src", "child-src"),
        ("default-src",),
    ),
    "frame-src": ("child-src", "default-src"),
    "worker-src": ("child-src", "script-src", "default-src"),
    "form-action": (),
}  # fmt: skip
_DATA = frozenset({"img-src", "font-src", "media-src"})
_BLOB = frozenset({"img-src", "media-src", "worker-src"})
# What the guard writes by itself, or does not know: it stays in the header, and out of the TOML.
_ELSEWHERE = frozenset(
    {"report-uri", "report-to", "frame-ancestors", "plugin-types", "prefetch-src", "referrer"}
)
_NONCE = re.compile(r"'nonce-[^']*'")
_TOKEN = re.compile(r"[!-+\--:<-~]+")
_ORIGIN = re.compile(r"(?:https|wss)://[a-z0-9.\-\[\]:]+")  # no wildcards: reports are sent by anybody
_ALONE = 2  # a source needs so many browsers
_KEYWORDS = {
    "inline": "what is inline is what an attacker injects: give the element a nonce, or move it into a file",
    "eval": "eval runs any text as script: take a build of the library that does without",
    "wasm-eval": "WebAssembly from bytes: add 'wasm-unsafe-eval' by hand if the page needs it",
    "trusted-types-sink": "a plain text was given to a sink: mend the code, or make a policy of Trusted Types",
    "trusted-types-policy": "name the policy in trusted-types by hand if it is yours",
}
_BY_HAND = {
    "frame-ancestors": "who may frame the page is decided by hand (guard: headers.frames)",
    "base-uri": "a foreign <base> leads every relative address astray",
    "object-src": "plugins are not needed any more",
    "require-trusted-types-for": "mend the code that gives plain texts to sinks",
    "trusted-types": "name the policy by hand if it is yours",
}


def propose(lines: Sequence[ReportLine], known: KnownPolicy | None, days: int) -> Proposal:
    """Return the policy that the lines of some days justify."""
    base = parsed(known.text) if known else {}
    growing = {name: dict.fromkeys(sources) for name, sources in (base or START).items()}
    judged = [_judged(line) for line in lines if line.kind == CSP]
    for one in sorted(judged, key=lambda one: (one.directive, one.source)):
        if one.added:
            _allow(growing, one.directive, one.source)
    directives = {name: tuple(sources) for name, sources in growing.items()}
    told = (
        "It begins with the policy that the newest reports name: reports tell only what that one refuses."
        if base
        else "No policy is named by several browsers: it begins with the page's own origin alone."
    )
    return Proposal(
        days=days, directives=directives, sources=tuple(sorted(judged, key=lambda one: not one.added)), base=told,
        header=header(directives), toml=toml(directives, judged),
    )  # fmt: skip


def parsed(text: str) -> Directives:
    """Return a policy's directives, the first of a name; nonces become `'nonce'`, what is no source is left out."""
    found: Directives = {}
    for part in text.split(";"):
        name, *sources = part.split() or [""]
        if re.fullmatch(r"[a-z-]{1,40}", name.lower()):
            kept = dict.fromkeys(_NONCE.sub("'nonce'", one) for one in sources if _TOKEN.fullmatch(one))
            found.setdefault(name.lower(), tuple(kept))
    return found


def _judged(line: ReportLine) -> ProposedSource:
    reason = _refused(line)
    source = SELF if line.source == "self" else line.source
    told = f"{_times(line.n)} from {_browsers(line.browsers)}"
    return ProposedSource(
        directive=line.what, source=source, added=not reason, line=line,
        reason=reason or f"reported {told}, last on {line.page or 'an unknown page'}",
    )  # fmt: skip


def _refused(line: ReportLine) -> str:
    """Return why a source is not added; empty when it is."""
    if line.what in _BY_HAND:
        return _BY_HAND[line.what]
    keyword = line.source.partition(" ")[0]
    if keyword in _KEYWORDS:
        return _KEYWORDS[keyword]
    if line.what not in _FALLBACKS:
        return (
            f"{line.what or 'a report without a directive'} is no list of sources that reports could extend"
        )
    unfit = _unfit(line)
    if unfit:
        return unfit
    if line.browsers < _ALONE:
        return "seen by one browser alone: that may be its extension, or somebody who tries things out"
    return ""


def _unfit(line: ReportLine) -> str:
    """Return what is wrong with a source itself."""
    source = line.source
    if source == "self":
        return ""
    if source == "data:":
        return (
            ""
            if line.what in _DATA
            else f"data: in {line.what} lets whoever can inject text inject what it becomes"
        )
    if source == "blob:":
        return "" if line.what in _BLOB else f"blob: in {line.what} runs what scripts make up"
    scheme = source.partition("://")[0]
    if scheme in {"http", "ws"}:
        return f"{scheme}: can be changed by anybody on the way; use {scheme}s:"
    if not _ORIGIN.fullmatch(source):
        return "no origin that a policy can name; extensions and the browser itself report such"
    return "an address of the visitor's own network or machine" if _is_near(host_of(source)) else ""


def _is_near(host: str) -> bool:
    """Tell whether a host is no public name: an address, `localhost`, a name of a local network."""
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal", ".lan", ".home"))


def _allow(growing: dict[str, dict[str, None]], directive: str, source: str) -> None:
    """Add a source to a directive; one that is not set yet begins with what it falls back to."""
    if directive not in growing:
        elder = next((name for name in _FALLBACKS[directive] if name in growing), "")
        growing[directive] = dict(growing[elder]) if elder else {SELF: None}
    for name in (directive, f"{directive}-elem"):  # that decides alone about elements where a policy has it
        if name in growing:
            for nothing in [one for one in growing[name] if one.lower() == NONE]:
                del growing[name][nothing]
            growing[name][source] = None


def header(directives: Mapping[str, tuple[str, ...]]) -> str:
    """Return the text of Content-Security-Policy; a nonce stands as `'nonce-…'`, to be made for each answer."""
    text = "; ".join(" ".join((name, *sources)) for name, sources in directives.items())
    return text.replace("'nonce'", "'nonce-…'")


def toml(directives: Mapping[str, tuple[str, ...]], judged: Sequence[ProposedSource]) -> str:
    """Return the policy as `[guard.headers.csp]` of the guard, with the evidence as comments."""
    added = {(one.directive, one.source): one.reason for one in judged if one.added}
    lines = ["[guard.headers.csp]"]
    for name, sources in directives.items():
        if name in _ELSEWHERE:
            continue
        lines += [
            f"# {_plain(source)}: {_plain(added[name, source])}"
            for source in sources
            if (name, source) in added
        ]
        lines.append(f"{name} = [{', '.join(_quoted(source) for source in sources)}]")
    lines += [
        _plain(f"# left out: {one.directive} {one.source}: {one.reason}") for one in judged if not one.added
    ]
    return "\n".join(lines) + "\n"


def _quoted(source: str) -> str:
    return '"' + source.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(text: str) -> str:
    """Return a text that stays within its line of comment."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n:,} times"


def _browsers(n: int) -> str:
    return "one browser" if n == 1 else f"{'about ' if n > 20 else ''}{n:,} browsers"
