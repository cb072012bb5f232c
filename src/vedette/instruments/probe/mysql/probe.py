"""MySQL and MariaDB by their own protocol: sign in, run one query that may only read, look at the rows."""

import asyncio
import re
from collections.abc import Mapping

import msgspec

from vedette.instruments.probe import conversing, querying
from vedette.instruments.probe.conversing import Conversation, Opening
from vedette.instruments.probe.handshaking import Streams
from vedette.instruments.probe.mysql.session import Session, begun, greeted
from vedette.instruments.probe.mysql.wire import Greeting
from vedette.instruments.probe.optioning import decoded, wrong
from vedette.instruments.probe.querying import QueryOptions
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.types import Phase, Request, Standpoint

SCHEMES = {"mysql": 3306, "mariadb": 3306}
# A DROP ends a transaction that may only read before it drops (implicit commits), so what begins otherwise is not sent.
_READS = re.compile(r"[\s(]*(?:select|with|show|values|table)\b", re.IGNORECASE)


class MysqlProbe:
    """Implements `probe.types.Probe`."""

    kind = "mysql"
    label = "MySQL and MariaDB"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = QueryOptions
    secrets = ("password", "client_key")

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        options = decoded(QueryOptions, request.options)
        querying.check(options, targeted(request.url, SCHEMES))
        if not _READS.match(options.query):
            raise wrong("query", "it begins with SELECT, WITH, SHOW, VALUES or TABLE")

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Sign in and ask; the body is the rows."""
        options = decoded(QueryOptions, request.options)
        target = targeted(request.url, SCHEMES)
        trust = conversing.trust_of(options) if options.tls else None
        database, heard = querying.database_of(target), list[Greeting]()

        async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.append(
                await begun(Conversation(Streams(reader, writer), where(target), tape.secrets), database)
            )

        async with conversing.opened(Opening(target, trust, begin), request, standpoint, tape) as talk:
            with tape.timed(Phase.FIRST_BYTE):
                greeting = heard[0] if heard else await greeted(talk)
                tape.headers = [("server_version", greeting.version)]
                session = Session(talk, options, greeting)
                await session.sign_in(database)
            with tape.timed(Phase.TRANSFER):
                columns, rows = await session.ask(request.deadline - tape.elapsed() / 1000)
            tape.body = querying.as_body(columns, rows)
            await session.leave()
        name = "MariaDB" if "MariaDB" in greeting.version else "MySQL"
        version = talk.quoted(greeting.version.removeprefix("5.5.5-").split("-")[0])
        return f"{where(target)} is {name} {version} and answered the query with {querying.counted(rows)}"


PROBE = MysqlProbe()
