"""What a plan asks of databases that were brought back, as somebody who may read all and nothing else.

Questions come from whoever writes plans, a server far away perhaps: a superuser could run programs of the host by them.
"""

from collections.abc import Iterator

import msgspec

from vedette.instruments.backup import asserting, psql
from vedette.instruments.backup.psql import Reach
from vedette.instruments.backup.types import Bench
from vedette.instruments.backup.what import asserted
from vedette.wire.backup import Check

_READER = "vedette_reader"
_MAKE = f"CREATE ROLE {_READER} LOGIN NOSUPERUSER BYPASSRLS IN ROLE pg_read_all_data;\n"
_LET_IN = f"SELECT format('GRANT CONNECT ON DATABASE %I TO {_READER}', datname) FROM pg_database WHERE datallowconn \\gexec\n"  # noqa: S608
_MAJOR, _OLDEST = 10_000, 14  # which has pg_read_all_data first


def asked(reach: Reach, names: tuple[str, ...], bench: Bench) -> Iterator[Check]:
    """Yield what the plan asserts of our databases; without a name it means the only one."""
    ours = asserted.of_ours(bench.asserts, names)
    if not ours:
        return
    if int(bench.part.facts["version"]) // _MAJOR < _OLDEST:
        yield from (
            asserting.refused(one, "PostgreSQL before 14 has no role that may only read.") for one in ours
        )
        return
    psql.script(reach, "template1", _MAKE + _LET_IN, bench.tools)
    reader = msgspec.structs.replace(reach, role=_READER)

    def answer(database: str, query: str) -> str:
        return psql.answer(reader, database, query, bench.tools)

    yield from asserted.answered(ours, names, answer)
