"""What is kept of certificates in the data folder: mode 0600, keys sealed, each file replaced by one rename."""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from vedette.certificates.redirecting import TOKEN
from vedette.certificates.types import Account, Certificate, Installed, Standing, Wanted
from vedette.core.errors import ConfigError, Invalid
from vedette.plumbing.seal.port import Seal

T = TypeVar("T")
_KEY, _ACCOUNT = "certificates.key", "certificates.account"


class Folder:
    """`data/certificates`: the one that is installed, how trying goes, accounts, and proofs while they are asked for."""

    def __init__(self, data: Path) -> None:
        self._path = data / "certificates"

    def installed(self) -> Installed | None:
        """Return what is installed, None when nothing is. Raises `ConfigError` when it cannot be read."""
        return _read(self._path / "installed.json", Installed)

    def certificate(self) -> Certificate | None:
        """Return the certificate that is installed."""
        found = self.installed()
        return found.certificate if found else None

    def install(self, certificate: Certificate, chain: str, key: str, seal: Seal) -> None:
        """Install a certificate with its chain and its private key, both PEM."""
        self._write("installed.json", Installed(certificate, chain, seal.seal(key, _KEY)))

    def loaded(self, serial: str) -> None:
        """Note which certificate a worker that starts has read (`Certificate.serial`)."""
        self._replace("loaded", serial.encode())

    def shows(self) -> None:
        """Note that the worker that read one last shows it now."""
        with contextlib.suppress(FileNotFoundError):
            (self._path / "loaded").replace(self._path / "shown")

    def shown(self) -> str:
        """Return the serial of the certificate that is shown, empty before the first."""
        with contextlib.suppress(FileNotFoundError):
            return (self._path / "shown").read_text()
        return ""

    def standing(self, wanted: Wanted) -> Standing:
        """Return how trying goes; from the beginning when something else is wanted than was."""
        found = _read(self._path / "standing.json", Standing)
        return found if found is not None and found.wanted == wanted else Standing(wanted=wanted)

    def keep(self, standing: Standing) -> None:
        """Keep how trying goes."""
        self._write("standing.json", standing)

    def account(self, directory: str, seal: Seal) -> Account | None:
        """Return our account at an authority. Raises `Invalid` when it was sealed with another key file."""
        path = self._path / self._account(directory)
        if not path.exists():
            return None
        return msgspec.json.decode(seal.open(path.read_text(), _ACCOUNT), type=Account)

    def keep_account(self, directory: str, account: Account, seal: Seal) -> None:
        """Keep our account at an authority."""
        text = seal.seal(msgspec.json.encode(account).decode(), _ACCOUNT)
        self._replace(self._account(directory), text.encode())

    def proof(self, token: str) -> str:
        """Return what is shown for a token now, empty when nobody asks for it."""
        if not TOKEN.fullmatch(token):
            return ""
        with contextlib.suppress(FileNotFoundError):
            return (self._path / "proofs" / token).read_text()
        return ""

    @contextlib.contextmanager
    def proofs(self, shown: dict[str, str]) -> Iterator[None]:
        """Show proofs by token until the block ends."""
        for token, text in shown.items():
            if not TOKEN.fullmatch(token):
                raise ConfigError(f"The authority names a proof {token!r}, which no ACME server may.")
            self._replace(f"proofs/{token}", text.encode())
        try:
            yield
        finally:
            for token in shown:
                (self._path / "proofs" / token).unlink(missing_ok=True)

    def _account(self, directory: str) -> str:
        return f"account-{hashlib.sha256(directory.encode()).hexdigest()[:16]}.sealed"

    def _write(self, name: str, value: msgspec.Struct) -> None:
        self._replace(name, msgspec.json.encode(value))

    def _replace(self, name: str, content: bytes) -> None:
        path = self._path / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)


def load(data: Path, seal: Seal) -> tuple[str, str]:
    """Return the chain and the private key (PEM) that are installed, and note that they were read.

    Raises `ConfigError` when they cannot be.
    """
    folder = Folder(data)
    found = folder.installed()
    if found is None:
        raise ConfigError(f"{data}/certificates holds no certificate; restart Vedette, and one is obtained.")
    try:
        opened = found.chain, seal.open(found.key, _KEY)
    except Invalid as error:
        raise ConfigError(
            f"{data}/certificates was written with another key file; restore secret.key from your backup, or "
            "remove the folder, and a certificate is obtained anew."
        ) from error
    folder.loaded(found.certificate.serial)
    return opened


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise ConfigError(f"{path}: cannot be read ({error}); remove it, and it is made anew.") from error
