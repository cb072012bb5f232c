"""What was meant by a name that stands for nothing. Pure."""

import difflib
from collections.abc import Collection


def no_such(given: str, known: Collection[str], of: str) -> str:
    """Return that there is none of a name, and what was meant or what there is."""
    near = difflib.get_close_matches(given, sorted(known), 1)
    few = ", ".join(sorted(known)[:30])
    hint = f"did you mean `{near[0]}`?" if near else f"it takes {few}." if few else "there is none yet."
    return f"{of} has no `{given}`; {hint}"
