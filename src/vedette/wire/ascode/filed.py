"""What is written in a file is changed there."""

from vedette.core.errors import Conflict


def refuse(what: str, source: str) -> None:
    """Raise `Conflict` for `what` ("The rule Down is") when it is written in a file: the next `vedette apply` would undo the change."""
    if source:
        raise Conflict(f"{what} written in {source}; change it there, then run `vedette apply`.")
