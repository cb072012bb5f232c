"""`pat()`: a text with `*` for any number of characters, matched in one pass."""


def matches(pattern: str, text: str) -> bool:
    """Tell whether a pattern covers a whole text.

    Only `*` means something. Each part between stars is searched for once, leftmost first, which is right because
    nothing but stars stands between them: there is no going back, whatever text and pattern are.
    """
    first, *parts = pattern.split("*")
    if not parts:
        return first == text
    *middle, last = parts
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
