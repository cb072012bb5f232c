"""PostgreSQL as something that is saved."""

from vedette.instruments.backup.types import Source
from vedette.instruments.backup.what.postgres.gathering import gather
from vedette.instruments.backup.what.postgres.proposing import propose
from vedette.instruments.backup.what.postgres.proving import prove
from vedette.instruments.backup.what.postgres.putting import put_back
from vedette.instruments.backup.what.postgres.settings import Settings

SOURCE = Source(
    kind="postgres",
    label="PostgreSQL",
    about="Databases as dumps inside one snapshot, or the whole cluster with its WAL for point-in-time recovery.",
    settings=Settings,
    gather=gather,
    prove=prove,
    put_back=put_back,
    propose=propose,
)
