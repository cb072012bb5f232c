"""What a line of /etc/shadow says but the hash (shadow(5), crypt(5)). The hash is looked at here and nowhere kept."""

from vedette.instruments.live.types import PasswordState

_SCHEMES = {"y": "yescrypt", "gy": "gost-yescrypt", "7": "scrypt", "6": "sha512", "5": "sha256", "1": "md5", "sha1": "sha1", "3": "nt", "md5": "sun-md5"}  # fmt: skip
SECRET = frozenset({"/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-"})  # never read as text
WEAK = frozenset({"des", "bsdi-des", "md5", "sun-md5", "sha1", "nt", "unknown"})


def states(text: str) -> tuple[PasswordState, ...]:
    """Return what each line says; lines that are none are left out."""
    rows = [line.split(":") for line in text.splitlines()]
    return tuple(_state(row) for row in rows if len(row) >= 2 and row[0])


def _state(row: list[str]) -> PasswordState:
    state, scheme = _told(row[1])
    numbers = [_number(cell) for cell in (row + [""] * 9)[2:9]]
    changed, longest, inactive, expires = numbers[0], numbers[2], numbers[4], numbers[5]
    return PasswordState(
        user=row[0], state=state, scheme=scheme, changed=changed, longest=longest, inactive=inactive, expires=expires
    )  # fmt: skip


def _told(field: str) -> tuple[str, str]:
    if not field:
        return "empty", ""
    bare = field.lstrip("!*")
    if not bare:
        return "none", ""
    return ("locked" if bare != field else "set"), _scheme(bare)


def _scheme(field: str) -> str:
    if field.startswith("$"):
        name = field.split("$")[1]
        return "bcrypt" if name.startswith("2") else _SCHEMES.get(name, "unknown")
    return "bsdi-des" if field.startswith("_") else "des"


def _number(cell: str) -> int | None:
    return int(cell) if cell.isascii() and cell.isdigit() else None
