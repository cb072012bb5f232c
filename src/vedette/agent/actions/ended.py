"""How an action ended."""

import msgspec


class Ended(msgspec.Struct, frozen=True):
    """How a run ended: its exit status, None where it did not end by itself; the end of what it said; a sentence."""

    code: int | None
    output: str = ""
    why: str = ""
