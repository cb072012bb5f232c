"""Words that importers share: lengths of time as Go and others write them, statuses, assertions from texts and patterns. Pure."""

import re

_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w|y)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0, "y": 31_536_000.0}  # fmt: skip
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
_ESCAPED = re.compile(r"\\([^A-Za-z0-9])")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG]?)(i?)B?")


def seconds(text: str) -> float | None:
    """Return the seconds of a length of time (`1h30m`, `500ms`, `0`); None for what is none."""
    if text.strip() in {"0", ""}:
        return 0.0 if text.strip() else None
    found = _PART.findall(text.strip())
    if not found or "".join(n + unit for n, unit in found) != text.strip():
        return None
    return sum(float(n) * _UNITS[unit] for n, unit in found)


def size(text: str) -> int | None:
    """Return the bytes of a size (`10MB`, `1MiB`); None for what is none."""
    found = _SIZE.fullmatch(text.strip().upper().replace("IB", "iB"))
    if found is None:
        return None
    base = 1024 if found[3] else 1000
    return int(float(found[1]) * base ** ("KMG".find(found[2]) + 1 if found[2] else 0))


def quoted(text: str) -> str:
    """Return a text in quotes, as assertions read it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def literal(pattern: str) -> str | None:
    """Return the text that a regular expression looks for anywhere, None when it looks for more than one."""
    inner = pattern.removeprefix(".*").removesuffix(".*")
    plain = _ESCAPED.sub(r"\1", inner)
    bare = _ESCAPED.sub("", inner)
    return plain if plain and not _SPECIAL.search(bare) else None


def contains(subject: str, pattern: str, *, wanted: bool = True) -> str | None:
    """Return the assertion that a subject matches a regular expression, or does not; None where there is none for it."""
    text = literal(pattern)
    return None if text is None else f"{subject} {'contains' if wanted else '!contains'} {quoted(text)}"


def tag(text: str) -> str:
    """Return a text as a tag: lower case, a dash for whatever cannot be in one; empty when nothing is left."""
    return re.sub(r"[^a-z0-9_.:/-]+", "-", text.lower()).strip("-_.:/")[:30].rstrip("-")


def host(name: str, port: int = 0) -> str:
    """Return host and port as a URL has them."""
    shown = f"[{name}]" if ":" in name and not name.startswith("[") else name
    return f"{shown}:{port}" if port else shown
