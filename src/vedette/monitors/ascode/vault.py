"""Opens what `{ env = "NAME" }` and `{ file = "/path" }` in files name, and the scripts that lie beside them."""

import os
from pathlib import Path

from vedette.core.errors import Invalid
from vedette.instruments.probe.journey.options import MOST_SCRIPT
from vedette.monitors.ascode.secreting import SCRIPT
from vedette.monitors.drafting import LONGEST_SECRET


def opened(kind: str, name: str) -> str:
    """Return a secret, a variable of this process or a file without the end of its last line, or a script; raises `Invalid`."""
    if kind == SCRIPT:
        return _file(Path(name), MOST_SCRIPT)
    return _variable(name) if kind == "env" else _file(Path(name)).removesuffix("\n").removesuffix("\r")


def _variable(name: str) -> str:
    found = os.environ.get(name)
    if found is None:
        raise Invalid(f"The variable {name} is not set; set it for `vedette apply`.")
    return found


def _file(path: Path, most: int = LONGEST_SECRET) -> str:
    if not path.is_absolute():
        raise Invalid(f"{path} is no whole path; write it from / on.")
    try:
        with path.open(encoding="utf-8") as file:
            found = file.read(most + 1)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise Invalid(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}."
        ) from None
    if len(found) > most:
        raise Invalid(f"{path} is longer than {most:,} characters.")
    return found
