"""A `journalctl` that follows a file of entries, as far as the agent asks: started anew for each test, killed, or complaining.

Called as `python journalctl.py FOLDER --follow … [--after-cursor=C | --since=@S | --lines=0]`; entries are lines of
`FOLDER/journal`, what it is called with goes to `FOLDER/calls`. `FOLDER/broken` holds what it complains of before it ends.
"""

import json
import sys
import time
from pathlib import Path


def entries(folder: Path) -> list[str]:
    """Return what was written whole."""
    return [one for one in (folder / "journal").read_text().splitlines(keepends=True) if one.endswith("\n")]


def main(folder: Path, argv: list[str]) -> None:
    there = entries(folder)
    with (folder / "calls").open("a") as calls:
        calls.write(" ".join(argv) + "\n")
    broken = folder / "broken"
    if broken.exists():
        text = broken.read_text()
        broken.unlink()
        sys.exit(text)
    after = next((one.partition("=")[2] for one in argv if one.startswith("--after-cursor=")), "")
    cursors = [json.loads(one)["__CURSOR"] for one in there]
    place = cursors.index(after) + 1 if after in cursors else len(there) if "--lines=0" in argv else 0
    while True:
        there = entries(folder)
        for entry in there[place:]:
            print(entry, end="", flush=True)
        place = max(place, len(there))
        if (folder / "restart").exists():
            (folder / "restart").unlink()
            return
        time.sleep(0.005)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
