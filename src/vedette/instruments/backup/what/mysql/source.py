"""MySQL and MariaDB as something that is saved."""

from vedette.instruments.backup.types import Source
from vedette.instruments.backup.what.mysql.client import Settings
from vedette.instruments.backup.what.mysql.gathering import gather
from vedette.instruments.backup.what.mysql.proposing import propose
from vedette.instruments.backup.what.mysql.proving import prove
from vedette.instruments.backup.what.mysql.putting import put_back

SOURCE = Source(
    kind="mysql",
    label="MySQL and MariaDB",
    about="Databases as one dump in a single transaction, counted at the same moment.",
    settings=Settings,
    gather=gather,
    prove=prove,
    put_back=put_back,
    propose=propose,
)
