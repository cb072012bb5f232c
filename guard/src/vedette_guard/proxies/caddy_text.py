"""Values as a Caddyfile reads them. Environment variables stand above any quotes; placeholders stand in most values."""

from __future__ import annotations

from vedette_guard.proxies.site import ProxyError


def value(text: str) -> str:
    """Return a word that means exactly a text where Caddy looks for placeholders. Raise ProxyError when there is none."""
    # Caddy sees an escaped `}` only where it looks for placeholders at all: where there is a `{`.
    return word(text.replace("{", "\\{").replace("}", "\\}") if "{" in text else text)


def word(text: str) -> str:
    """Return a word in quotes. Raise ProxyError for one that a Caddyfile has no quotes for."""
    if "{$" in text or "{%" in text or "\0" in text:
        raise ProxyError(f"{text!r}: a Caddyfile would read a variable of the environment")
    if text == "}":
        raise ProxyError(f"{text!r}: a Caddyfile would end a block, even in quotes")
    if not ('"' in text or "\\" in text):
        return f'"{text}"'
    if "`" not in text:
        return f"`{text}`"
    if '\\"' in text or text.endswith("\\") or "\\\\" in text:
        raise ProxyError(f"{text!r}: a Caddyfile has no quotes for it")
    return '"' + text.replace('"', '\\"') + '"'


def indented(lines: list[str], depth: int = 1) -> list[str]:
    """Return lines further in, as `caddy fmt` does."""
    return ["\t" * depth + line for line in lines]


def block(name: str, inner: list[str]) -> list[str]:
    """Return a block; nothing for an empty one."""
    return [f"{name} {{".lstrip(), *indented(inner), "}"] if inner else []
