"""`python -m vedette_guard.sealed FILE`: make a key file, or put a new key first in one that is there."""

import sys

from vedette_guard.sealed import SealError, add_key


def main(arguments: list[str]) -> int:
    """Add a key to the file that is named; return the exit status."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m vedette_guard.sealed FILE\n")
        return 2
    try:
        made = add_key(arguments[0])
    except (SealError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(
        f"{arguments[0]}: {made} seals from now on; restart, then seal anew what older keys sealed\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
