"""What the child process is asked and what it answers, as JSON (`apart/asking.py` writes it)."""

from collections.abc import Mapping
from typing import Literal

import msgspec


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One server to ask: the name it is asked for, where it is, how TLS begins there, whom to trust instead of the public.

    `at_once` are connections side by side, `patience` the seconds each may take.
    """

    name: str
    address: str
    port: int
    starttls: str = ""
    authority: str = ""
    at_once: int = 5
    patience: int = 5


class Cipher(msgspec.Struct, frozen=True, kw_only=True):
    """A suite the server takes: its name at IANA and at OpenSSL, its strength, and what agrees on the key (`ECDH`, `DH` or nothing)."""

    name: str
    openssl: str
    bits: int
    anonymous: bool
    exchange: str = ""
    exchange_bits: int = 0
    curve: str = ""


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """A chain as it is sent (PEM, the server's own first), and what OpenSSL says of it. `timestamps` are SCTs within the certificate."""

    chain: tuple[str, ...]
    trusted: bool
    problem: str = ""
    ordered: bool = True
    anchor_sent: bool = False
    symantec: bool = False
    must_staple: bool = False
    timestamps: int | None = None
    stapled: bool = False
    stapled_status: str = ""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """Strict-Transport-Security as an answer to HTTP carries it."""

    present: bool
    seconds: int = 0
    subdomains: bool = False
    preload: bool = False


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of one server. None stands for what could not be told, with its reason in `failed` by command.

    `error` says why nothing was seen at all. `protocols` are all that were asked for, with the suites taken in each.
    """

    error: str = ""
    client_certificate: Literal["DISABLED", "OPTIONAL", "REQUIRED"] = "DISABLED"
    protocols: Mapping[str, tuple[Cipher, ...]] = {}
    curves: tuple[str, ...] = ()
    certificates: tuple[Deployment, ...] = ()
    compression: bool | None = None
    early_data: bool | None = None
    ccs: bool | None = None
    fallback: bool | None = None
    heartbleed: bool | None = None
    secure_renegotiation: bool | None = None
    client_renegotiation: bool | None = None
    master_secret: bool | None = None
    robot: str | None = None
    sessions: str | None = None
    tickets: str | None = None
    header: Header | None = None
    failed: Mapping[str, str] = {}

    @property
    def spoken(self) -> tuple[str, ...]:
        """Return the protocols in which a suite is taken, oldest first."""
        return tuple(name for name, suites in self.protocols.items() if suites)
