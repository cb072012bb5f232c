"""What an act on every issue of a search is asked for."""

import msgspec


class Whole(msgspec.Struct, frozen=True):
    """Every issue of a search: its text, the slug of a project, and the id of the newest issue that may be among them."""

    query: str = ""
    project: str = ""
    newest: int | None = None


class Matching(msgspec.Struct, frozen=True):
    """How many issues meet a search, and the id of the newest issue there is (0 for none)."""

    n: int
    newest: int
