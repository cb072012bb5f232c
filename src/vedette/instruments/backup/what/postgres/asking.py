"""What a plan asks of databases that were brought back, as somebody who may read all and nothing else.

Questions come from whoever writes plans, a server far away perhaps: a superuser could run programs of the host by them.
"""

from collections.abc import Iterator

import msgspec

from vedette.core.clock import monotonic
from vedette.instruments.backup import asserting, psql
from vedette.instruments.backup.psql import Reach
from vedette.instruments.backup.types import Bench, Failed
from vedette.wire.backup import Assertion, Check

_READER = "vedette_reader"
_MAKE = f"CREATE ROLE {_READER} LOGIN NOSUPERUSER BYPASSRLS IN ROLE pg_read_all_data;\n"
_LET_IN = f"SELECT format('GRANT CONNECT ON DATABASE %I TO {_READER}', datname) FROM pg_database WHERE datallowconn \\gexec\n"  # noqa: S608
_MAJOR, _OLDEST = 10_000, 14  # which has pg_read_all_data first


def asked(reach: Reach, names: tuple[str, ...], bench: Bench) -> Iterator[Check]:
    """Yield what the plan asserts of our databases; without a name it means the only one."""
    ours = [one for one in bench.asserts if one.sql and (not one.database or one.database in names)]
    if not ours:
        return
    if int(bench.part.facts["version"]) // _MAJOR < _OLDEST:
        yield from (
            asserting.refused(one, "PostgreSQL before 14 has no role that may only read.") for one in ours
        )
        return
    psql.script(reach, "template1", _MAKE + _LET_IN, bench.tools)
    reader = msgspec.structs.replace(reach, role=_READER)
    for one in ours:
        yield _answered(reader, names, one, bench)


def _answered(reach: Reach, names: tuple[str, ...], one: Assertion, bench: Bench) -> Check:
    if not one.database and len(names) > 1:
        return asserting.refused(one, f"It names none of the databases {', '.join(names)}.")
    began = monotonic()
    try:
        value = psql.answer(reach, one.database or names[0], one.sql, bench.tools)
    except Failed as error:
        return asserting.refused(one, str(error))
    return msgspec.structs.replace(asserting.judge(one, value), seconds=monotonic() - began)
