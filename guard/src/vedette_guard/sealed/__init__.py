"""Sealed text: AES-256-GCM under a key ring, bound to where it belongs. Needs `pip install 'vedette-guard[sealed]'`.

`python -m vedette_guard.sealed FILE` makes a key file, or puts a new key first in one that is there.
"""

from vedette_guard.sealed.keyfile import add_key
from vedette_guard.sealed.keyring import Keyring, SealError

__all__ = ["Keyring", "SealError", "add_key"]
