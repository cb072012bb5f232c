"""From a stream of bytes to whole lines, in bounded memory."""

from vedette.instruments.logs.sources.types import LONGEST_LINE


class Splitter:
    """Gathers whole lines; one that is longer than `longest` bytes is dropped until its end and counted in `skipped`."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest, self._half, self._dropping = longest, b"", False
        self.skipped = 0

    def feed(self, data: bytes) -> bytes:
        """Take what was read; return the whole lines that are there now."""
        if self._dropping:
            end = data.find(b"\n") + 1
            if not end:
                return b""
            self._dropping, data = False, data[end:]
        if not self._half and data.endswith(b"\n"):
            return data
        cut = data.rfind(b"\n") + 1
        whole = self._half + data[:cut] if cut else b""
        self._half = data[cut:] if cut else self._half + data
        if len(self._half) > self._longest:
            self._half, self._dropping, self.skipped = b"", True, self.skipped + 1
        return whole

    def rest(self) -> bytes:
        """Return the half line there is, with an end: nothing comes any more."""
        half, self._half = self._half, b""
        return half + b"\n" if half else b""
