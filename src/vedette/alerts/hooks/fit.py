"""Is a hook fit to be kept? Pure: what is wrong, by field."""

import re

from vedette.alerts.hooks.types import AlertHookDraft
from vedette.core.errors import Invalid
from vedette.wire.hooks import mapping

MOST_HOOKS = 100
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_TAKEN = "new"  # the page that makes one
_NAMING = (
    "A name has up to 60 small letters, digits and dashes, for it stands in the address; “new” is taken."
)


def wrong(draft: AlertHookDraft) -> dict[str, str]:
    """Return what is wrong with each field of a hook; empty when it is fit."""
    found = {} if NAME.fullmatch(draft.name) and draft.name != _TAKEN else {"name": _NAMING}
    try:
        mapping.shape(draft.mapping)
    except Invalid as error:
        return found | error.fields
    return found
