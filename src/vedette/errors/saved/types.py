"""The words of saved searches."""

import msgspec

from vedette.errors.types import Sort


class SearchDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a saved search says; `project` is a slug, empty for all, `shared` shows it to everybody."""

    name: str
    query: str = ""
    sort: Sort = Sort.WORST
    project: str = ""
    shared: bool = False


class SavedSearch(SearchDraft, frozen=True, kw_only=True):
    """A saved search as somebody sees it.

    `starred` says that their issues begin with it, `editable` that they may change it; `href` shows it.
    """

    id: int
    owner: int
    starred: bool
    editable: bool
    href: str
