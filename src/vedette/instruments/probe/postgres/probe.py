"""PostgreSQL by its own protocol: sign in, run one query that may only read, look at the rows."""

import asyncio
from collections.abc import Mapping

import msgspec

from vedette.instruments.probe import conversing, querying
from vedette.instruments.probe.conversing import Opening
from vedette.instruments.probe.optioning import decoded
from vedette.instruments.probe.postgres.session import Session
from vedette.instruments.probe.querying import QueryOptions
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.tls import starttls
from vedette.instruments.probe.types import Phase, Request, Standpoint

SCHEMES = {"postgres": 5432, "postgresql": 5432}


class PostgresProbe:
    """Implements `probe.types.Probe`."""

    kind = "postgres"
    label = "PostgreSQL"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = QueryOptions
    secrets = ("password", "client_key")

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        querying.check(decoded(QueryOptions, request.options), targeted(request.url, SCHEMES))

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Sign in and ask; the body is the rows, the headers are what the server says of itself."""
        options = decoded(QueryOptions, request.options)
        target = targeted(request.url, SCHEMES)
        trust = conversing.trust_of(options) if options.tls else None

        async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await starttls.postgres(starttls.Talk(reader, writer, where(target)))

        async with conversing.opened(Opening(target, trust, begin), request, standpoint, tape) as talk:
            session = Session(talk, options)
            with tape.timed(Phase.FIRST_BYTE):
                await session.sign_in(querying.database_of(target))
            tape.headers = list(session.parameters.items())
            version = talk.quoted(session.parameters.get("server_version", "").split(" ")[0])
            with tape.timed(Phase.TRANSFER):
                columns, rows = await session.ask(request.deadline - tape.elapsed() / 1000)
            tape.body = querying.as_body(columns, rows)
            await session.leave()
        return f"{where(target)} is PostgreSQL {version} and answered the query with {querying.counted(rows)}"


PROBE = PostgresProbe()
