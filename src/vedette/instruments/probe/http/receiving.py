"""What comes back from one transfer, as libcurl hands it over piece by piece, within its caps."""


class Receiver:
    """Takes header lines and body; `keep` is how much of the body is kept, `cap` how much may come."""

    def __init__(self, *, keep: int, cap: int) -> None:
        self._keep, self._cap = keep, cap
        self.status_line = ""
        self.headers: list[tuple[str, str]] = []
        self.trailers: list[tuple[str, str]] = []
        self.complete = False
        self.size = 0
        self.body = bytearray()

    def header(self, line: bytes) -> None:
        """Take one line; a new status line begins anew: what came before was informational."""
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text.startswith("HTTP/") and not self.complete:
            self.status_line, self.headers = text, []
        elif not text:
            self.complete = not self.status_line.partition(" ")[2].startswith("1")
        elif text[0] in " \t" and self.headers and not self.complete:
            name, value = self.headers[-1]
            self.headers[-1] = (name, f"{value} {text.strip()}")
        else:  # what follows the body are trailers
            name, _, value = text.partition(":")
            kept = self.trailers if self.complete else self.headers
            kept.append((name.strip(), value.strip()))

    def write(self, data: bytes) -> int:
        """Take a piece of the decoded body; any other number than its length ends the transfer."""
        self.size += len(data)
        if self.size > self._cap:
            return 0
        self.body += data[: max(0, self._keep - len(self.body))]
        return len(data)

    @property
    def too_large(self) -> bool:
        """Whether the transfer was ended because of the cap."""
        return self.size > self._cap

    def first(self, name: str) -> str:
        """Return the first value of a header, empty when there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")
