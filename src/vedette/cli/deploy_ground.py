"""What `vedette deploy …` stands on: Hetzner's API with its token, the files, and the folder that remembers what was begun."""

import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from cyclopts import Parameter

from vedette.core.errors import Invalid
from vedette.deploy import offline
from vedette.deploy.types import Desired
from vedette.instruments.backup.types import Secret
from vedette.instruments.hetzner.cloud import Cloud
from vedette.instruments.hetzner.types import API
from vedette.plumbing.net.adapter import NetAdapter
from vedette.plumbing.net.client import NetClient

TOKEN, ENDPOINT = "HCLOUD_TOKEN", "HCLOUD_ENDPOINT"
FAULT = 1
_LARGEST_ANSWER = 16 << 20
_DEADLINE = 30.0  # seconds
_LONGEST_TOKEN = 512


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class At:
    """Which project, and how it is reached.

    Parameters
    ----------
    token_file
        A file whose first line is the project's API token; else $HCLOUD_TOKEN. Only `apply` and `destroy` need one that may write.
    endpoint
        Another address of the API; else $HCLOUD_ENDPOINT, or Hetzner's own.
    state
        The folder that remembers what an apply has begun; else ~/.local/state/vedette/deploy.
    poll
        Seconds between two looks at what Hetzner is doing.
    json
        Print JSON.
    """

    token_file: Path | None = None
    endpoint: str = ""
    state: Path | None = None
    poll: float = 1.0
    json: bool = False


NOWHERE = At()


def cloud_of(at: At) -> Cloud:
    """Return the API; raises `Invalid` where no token is told."""
    endpoint = at.endpoint or os.environ.get(ENDPOINT, "") or API
    net = NetClient(allow_private=endpoint != API)  # another one is where its owner says it is
    way = NetAdapter(net, lambda _: None, deadline=_DEADLINE, max_bytes=_LARGEST_ANSWER)
    return Cloud(
        _token(at), wait=lambda seconds: threading.Event().wait(seconds * at.poll), way=way, endpoint=endpoint
    )


def desired_of(folder: Path, cloud: Cloud) -> Desired:
    """Return what the files say; tells everything that is wrong with them, a line each, and exits 1."""
    found = offline.opened(folder, cloud)
    if found.desired is None:
        fail(*(str(each) for each in found.faults))
    return found.desired


def state_of(at: At) -> Path:
    """Return the folder of journals."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return at.state or (Path(base) if base else Path.home() / ".local/state") / "vedette/deploy"


def fail(*lines: str) -> NoReturn:
    """Say what is wrong, a line each, and exit 1."""
    for line in lines:
        print(" ".join(line.split()), file=sys.stderr)
    sys.exit(FAULT)


def _token(at: At) -> Secret:
    if at.token_file is None:
        text = os.environ.get(TOKEN, "")
        where = f"${TOKEN}"
    else:
        where = str(at.token_file)
        try:
            text = at.token_file.read_text("utf-8").partition("\n")[0]
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(
                f"The token cannot be read from {where}: {getattr(error, 'strerror', None) or 'it is no text'}."
            ) from None
    text = text.strip()
    if not text:
        raise Invalid(
            f"No API token is told: put it into a file and say --token-file, or into ${TOKEN}. It is made in the project's Security, API tokens; reading alone is enough for a plan."
        )
    if not (text.isascii() and text.isprintable() and " " not in text and len(text) <= _LONGEST_TOKEN):
        raise Invalid(f"What {where} holds is no API token.")
    return Secret(text)
