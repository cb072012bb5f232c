"""nftables by its library, or by the program `nft` where the library is missing. Both take the same text.

The library is asked through ctypes (libnftables(3)): one transaction costs a fifth of a millisecond, starting the program four.
"""

import contextlib
import ctypes
import ctypes.util
import shutil
import subprocess
from typing import Protocol

from vedette.instruments.packets.port import EnforceError

_JSON = 1 << 4  # NFT_CTX_OUTPUT_JSON of nftables/libnftables.h
_PROGRAM_TIMEOUT = 60  # seconds; the program takes half of one for 50,000 elements
_NAMES = ("libnftables.so.1", "libnftables.so.2")


class Nftables(Protocol):
    """Runs text in the language of nft: all of a text is one transaction."""

    def run(self, text: str) -> None:
        """Run commands; raises `EnforceError` with what nft says, and then nothing of them is done."""
        ...

    def listed(self, text: str) -> bytes:
        """Return what a command that lists prints, as JSON."""
        ...

    def close(self) -> None:
        """Give back what is held open."""
        ...


def opened() -> Nftables:
    """Return nftables by its library, else by its program; raises `EnforceError` when neither is installed."""
    library = _library()
    if library is not None:
        return Library(library)
    program = shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin")
    if program is None:
        raise EnforceError(
            "nftables is not installed: install the package nftables (libnftables1 is enough)."
        )
    return Program(program)


def _library() -> ctypes.CDLL | None:
    for name in _NAMES:
        with contextlib.suppress(OSError):
            return ctypes.CDLL(name)
    return None


class Library:
    """libnftables. One context belongs to one caller at a time: callers hold a lock of theirs."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._lib = _typed(library)
        self._context = self._lib.nft_ctx_new(0)
        if not self._context:
            raise EnforceError("libnftables makes no context: is the kernel's nf_tables missing?")
        self._lib.nft_ctx_buffer_output(self._context)
        self._lib.nft_ctx_buffer_error(self._context)

    def run(self, text: str) -> None:
        """Run commands in one transaction."""
        self._run(text)

    def listed(self, text: str) -> bytes:
        """Return what a command that lists prints, as JSON."""
        return self._run(text, _JSON)

    def close(self) -> None:
        """Free the context."""
        if self._context:
            self._lib.nft_ctx_free(self._context)
            self._context = None

    def _run(self, text: str, flags: int = 0) -> bytes:
        if not self._context:  # the library would follow the null pointer
            raise EnforceError("nftables was closed: the agent is ending.")
        self._lib.nft_ctx_output_set_flags(self._context, flags)
        status = self._lib.nft_run_cmd_from_buffer(self._context, text.encode("ascii"))
        # Reading a buffer empties it: both are read, whatever came of it.
        output: bytes = self._lib.nft_ctx_get_output_buffer(self._context) or b""
        error: bytes = self._lib.nft_ctx_get_error_buffer(self._context) or b""
        if status:
            raise EnforceError(refusal(error))
        return output


class Program:
    """The program `nft`, which reads commands from its standard input."""

    def __init__(self, path: str) -> None:
        self._path = path

    def run(self, text: str) -> None:
        """Run commands in one transaction."""
        self._run(["-f", "-"], text)

    def listed(self, text: str) -> bytes:
        """Return what a command that lists prints, as JSON."""
        return self._run(["-j", *text.split()], "")

    def close(self) -> None:
        """Nothing is held open."""

    def _run(self, words: list[str], text: str) -> bytes:
        command = [self._path, *words]
        try:
            done = subprocess.run(
                command,
                input=text.encode("ascii"),
                capture_output=True,
                timeout=_PROGRAM_TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EnforceError(f"{self._path} did not do it: {error}") from None
        if done.returncode:
            raise EnforceError(refusal(done.stderr))
        return done.stdout


def refusal(error: bytes) -> str:
    """Return what nft said in one line, with what to do when rights are missing."""
    line = next(
        (one for one in error.decode("utf-8", "replace").splitlines() if one.strip()), "no reason given"
    )
    text = "".join(char if char.isprintable() else "?" for char in line)[:300]
    if "Operation not permitted" in text:
        return f"nftables refuses: {text}. The agent needs CAP_NET_ADMIN (its systemd unit gives it)."
    return f"nftables refuses: {text}."


def _typed(library: ctypes.CDLL) -> ctypes.CDLL:
    """Declare the few functions that are used; a pointer taken for an int is cut on 64 bits."""
    context, text = ctypes.c_void_p, ctypes.c_char_p
    for name, result, arguments in (
        ("nft_ctx_new", context, [ctypes.c_uint32]),
        ("nft_ctx_free", None, [context]),
        ("nft_ctx_buffer_output", ctypes.c_int, [context]),
        ("nft_ctx_buffer_error", ctypes.c_int, [context]),
        ("nft_ctx_get_output_buffer", text, [context]),
        ("nft_ctx_get_error_buffer", text, [context]),
        ("nft_ctx_output_set_flags", None, [context, ctypes.c_uint]),
        ("nft_run_cmd_from_buffer", ctypes.c_int, [context, text]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
