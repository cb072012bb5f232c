"""The parsers that there are: a file each in `parsers/`, and those of a folder of the host's own."""

from collections.abc import Mapping
from pathlib import Path

from vedette.instruments.logs import compiling
from vedette.instruments.logs.compiling import Parser, ParserError

SHIPPED = Path(__file__).parent / "parsers"


def parsers(*folders: Path) -> Mapping[str, Parser]:
    """Return every parser by its name: those shipped, and those of more folders, which replace one of the same name.

    Raise ParserError for a file that is wrong: which, where and what to do; OSError for a folder that cannot be read.
    """
    found: dict[str, Parser] = {}
    for folder in (SHIPPED, *folders):
        for path in sorted(folder.glob("*.toml")):
            made = _read(path, check=folder is not SHIPPED)
            found[made.name] = made
    return found


def _read(path: Path, *, check: bool) -> Parser:
    made = compiling.parser(path.read_text("utf-8"), str(path))
    if made.name != path.stem:
        raise ParserError(f"{path}: its name is {made.name!r}; a parser is named as its file is")
    if check:
        compiling.check(made, str(path))
    return made
