"""Docker's engine, by its API: /_ping, the containers, and whether one of them runs and is healthy.

Source: Docker's "Engine API", `SystemPing` and `ContainerList`. Over TCP, or over a socket of this machine where that is allowed.
"""

import contextlib
from collections.abc import AsyncIterator, Mapping

import msgspec

from vedette.instruments.probe import conversing, locality
from vedette.instruments.probe.conversing import Conversation, Opening, Securable
from vedette.instruments.probe.docker.engine import asked
from vedette.instruments.probe.optioning import NO_JSON, decoded, wrong
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint

SCHEMES = {"docker": 2375, "docker+unix": 0}
_UNIX = "docker+unix"


class DockerOptions(Securable, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`container` is the name of one that must run, and be healthy if it says anything of its health."""

    container: str = ""


class Container(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What matters of a container."""

    names: tuple[str, ...] = ()
    image: str = ""
    state: str = ""
    status: str = ""


class DockerProbe:
    """Implements `probe.types.Probe`."""

    kind = "docker"
    label = "Docker"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = DockerOptions
    secrets = ("client_key",)

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        options = decoded(DockerOptions, request.options)
        if not request.url.startswith(f"{_UNIX}:"):
            targeted(request.url, SCHEMES)
            return
        locality.path_of(request.url, _UNIX)
        if options.tls:
            raise wrong("tls", "a socket of this machine has none")

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Ping, list the containers, and look for the one that is named; the body is the list as JSON."""
        options = decoded(DockerOptions, request.options)
        async with _opened(request, options, standpoint, tape) as talk:
            with tape.timed(Phase.FIRST_BYTE):
                ping = await asked(talk, "/_ping")
            tape.status, tape.headers = ping.status, list(ping.headers.items())
            if ping.status != 200 or ping.body.strip() != b"OK":
                raise Failed(Cause.BAD_STATUS, f"{talk.host} answers {ping.status} to a ping, and not OK.")
            with tape.timed(Phase.TRANSFER):
                containers = await _containers(talk, tape)
            return f"{talk.host} {_judged(talk, options.container, containers)}"


@contextlib.asynccontextmanager
async def _opened(
    request: Request, options: DockerOptions, standpoint: Standpoint, tape: Tape
) -> AsyncIterator[Conversation]:
    if request.url.startswith(f"{_UNIX}:"):
        path = locality.path_of(request.url, _UNIX)
        async with conversing.opened_socket(path, standpoint, tape) as talk:
            yield talk
        return
    trust = conversing.trust_of(options) if options.tls else None
    opening = Opening(targeted(request.url, SCHEMES), trust)
    async with conversing.opened(opening, request, standpoint, tape) as talk:
        yield talk


async def _containers(talk: Conversation, tape: Tape) -> list[Container]:
    answer = await asked(talk, "/containers/json?all=1")
    if answer.status != 200:
        raise Failed(Cause.BAD_STATUS, f"{talk.host} answers {answer.status} when asked for its containers.")
    try:
        found = msgspec.json.decode(answer.body, type=list[Container])
    except NO_JSON as error:
        raise talk.failed(Cause.BAD_ANSWER, "its list of containers is none") from error
    shown = [
        {"name": _name(each), "image": each.image, "state": each.state, "status": each.status}
        for each in found
    ]
    tape.body = msgspec.json.encode(shown)
    return found


def _name(container: Container) -> str:
    return container.names[0].lstrip("/") if container.names else ""


def _judged(talk: Conversation, name: str, containers: list[Container]) -> str:
    if not name:
        running = sum(each.state == "running" for each in containers)
        return f"answers; {running} of {len(containers)} containers run"
    found = next((each for each in containers if name in {n.lstrip("/") for n in each.names}), None)
    if found is None:
        raise Failed(Cause.NOT_FOUND, f"{talk.host} has no container {name}.")
    if found.state != "running" or "(unhealthy)" in found.status:
        raise Failed(
            Cause.NOT_SERVING,
            f"The container {name} of {talk.host} is {talk.quoted(found.state)}: {talk.quoted(found.status)}.",
        )
    return f"runs the container {name} ({talk.quoted(found.status)})"


PROBE = DockerProbe()
