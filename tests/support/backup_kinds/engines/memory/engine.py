"""The engine of the tests' own, where engines are looked for; its repositories are those of `VAULT`."""

import msgspec
from tests.support.backup_kinds import VAULT

ENGINE = msgspec.structs.replace(
    VAULT.engine(), schemes=("", "mem"), settings={"depth": "how deep"}, secrets={"access_key": "a key"}
)
