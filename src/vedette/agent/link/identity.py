"""Who this host is to which server: files in the agent's state folder that their owner alone may read."""

import contextlib
import os
from pathlib import Path

import msgspec

from vedette.core.errors import ConfigError
from vedette.plumbing.seal.ed25519 import SigningKey, read_key, write_key

KEY, NEXT_KEY, SERVER = "agent.key", "agent.key.next", "server.json"
_ANEW = "run `vedette agent enroll URL TOKEN`"


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """The server a host is enrolled with: its address, its public key (base64), and as which host it knows this one."""

    url: str
    key: str
    host: int
    name: str


class Identity:
    """The key and the server of this host. Raises `ConfigError` where it is not enrolled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.server = read_server(folder)
        key = read_key(folder / KEY)
        if key is None:
            raise ConfigError(f"{folder / KEY}: there is no key; {_ANEW}.")
        self.key = key

    def next_key(self) -> SigningKey:
        """Return the key that is to follow, which is made when there is none."""
        return read_key(self._folder / NEXT_KEY) or write_key(self._folder / NEXT_KEY)

    def turn(self) -> None:
        """Let the next key be the key."""
        try:
            (self._folder / NEXT_KEY).replace(self._folder / KEY)
        except OSError as error:
            raise ConfigError(
                f"{self._folder / KEY}: the key cannot be replaced: {error.strerror}."
            ) from None
        key = read_key(self._folder / KEY)
        if key is not None:
            self.key = key


def read_server(folder: Path) -> Server:
    """Return the server that a host is enrolled with; raises `ConfigError`."""
    path = folder / SERVER
    try:
        return msgspec.json.decode(path.read_bytes(), type=Server)
    except FileNotFoundError:
        raise ConfigError(f"This host is not enrolled ({path} is not there); {_ANEW}.") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ConfigError(f"{path} is damaged; {_ANEW}.") from None


def write_server(folder: Path, server: Server) -> None:
    """Write the server that a host is enrolled with, in one piece."""
    path, fresh = folder / SERVER, folder / f"{SERVER}.new"
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(server)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
