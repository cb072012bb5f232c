"""pgBackRest as an engine: PostgreSQL by its files and WAL. Its licence is MIT; it is run, never linked."""

from vedette.instruments.backup import program
from vedette.instruments.backup.pgbackrest.store import PgBackRest
from vedette.instruments.backup.types import Engine, Tools


def version(tools: Tools) -> str:
    """Return the version that is installed; raises `Failed(NO_TOOL)`."""
    return (
        program.run(["pgbackrest", "version"], tools=tools, seconds=20.0)
        .out.strip()
        .removeprefix("pgBackRest ")
    )


ENGINE = Engine(
    kind="pgbackrest",
    label="pgBackRest",
    about="PostgreSQL with every transaction since the oldest backup: back to any second, or to before a mistake.",
    schemes=("", "s3"),
    open=PgBackRest,
    version=version,
    cluster=True,
    settings={
        "stanza": "The name of the cluster in the repository; the plan's when empty.",
        "user": "Who runs PostgreSQL and so owns the repository; the owner of the repository's folder, or postgres, when empty.",
        "config": "The file that the archive command reads, made by us; /etc/pgbackrest/conf.d/vedette-STANZA.conf when empty.",
        "lock_path": "Where pgBackRest keeps its locks on this host.",
        "full_days": "After how many days a backup is whole again; those between hold what changed.",
        "processes": "How many processes read and compress.",
        "archive_timeout": "Seconds to wait until PostgreSQL has archived the WAL of a backup.",
        "endpoint": "The host of the bucket, with its port if it has one.",
        "region": "The region of the bucket.",
        "path_style": "Whether the bucket stands in the path and not in the name of the host.",
        "verify_tls": "Whether the endpoint's certificate has to be good.",
        "ca_file": "A file with authorities of certificates, for an endpoint of one's own.",
    },
    secrets={"access_key": "The key's name of the bucket.", "secret_key": "The key of the bucket."},
)
