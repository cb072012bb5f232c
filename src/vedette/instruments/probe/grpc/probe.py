"""A server of gRPC by its health service (grpc.health.v1), over HTTP/2 by libcurl, in TLS (`grpcs`) or plain."""

from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from vedette.instruments.probe import resolving
from vedette.instruments.probe.conversing import Trusting
from vedette.instruments.probe.grpc import wire
from vedette.instruments.probe.grpc.wire import Serving
from vedette.instruments.probe.http.options import HttpOptions, Version, check_header
from vedette.instruments.probe.http.redirecting import Ask
from vedette.instruments.probe.masking import cut
from vedette.instruments.probe.optioning import decoded, wrong
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.types import Cause, Failed, Request, Standpoint

SCHEMES = {"grpc": 50051, "grpcs": 443}
_OVER = {"grpc": "http", "grpcs": "https"}
_PATH = "/grpc.health.v1.Health/Check"
_MOST_BYTES = 4096


class GrpcOptions(Trusting, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`service` is asked for, the server as a whole without one; `headers` are metadata that goes along."""

    service: str = ""
    headers: Mapping[str, str] = {}
    token: str = ""


class GrpcProbe:
    """Implements `probe.types.Probe`."""

    kind = "grpc"
    label = "gRPC health"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = GrpcOptions
    secrets = ("headers", "token", "client_key")

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        from vedette.instruments.probe.http import transfer  # noqa: F401 - loads what a check needs, before its time counts

        options = decoded(GrpcOptions, request.options)
        targeted(request.url, SCHEMES)
        if not options.service.isascii() or len(options.service) > wire.MOST_SERVICE:
            raise wrong("service", f"a name in ASCII of {wire.MOST_SERVICE} characters at most")
        for name, value in {**options.headers, "authorization": options.token}.items():
            check_header(name, value)

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Ask for the health and judge the answer; the headers have the trailers too, the body is SERVING or what else was said."""
        from vedette.instruments.probe.http.handles import Errand, Way
        from vedette.instruments.probe.http.transfer import Transfer

        options = decoded(GrpcOptions, request.options)
        target = targeted(request.url, SCHEMES)
        addresses = await resolving.resolved(target, request, standpoint, tape)
        over = msgspec.structs.replace(target, scheme=_OVER[target.scheme], path=_PATH)
        transfer = Transfer(_over_http(options), standpoint, tape, _MOST_BYTES)
        left = request.deadline - tape.elapsed() / 1000
        received = await transfer.run(Errand(_ask(options), over, Way(addresses), []), left)
        tape.hops.clear()  # how it went over HTTP is not for people
        tape.headers = [*received.headers, *received.trailers]
        return _judged(where(target), options.service, tape)


def _ask(options: GrpcOptions) -> Ask:
    headers = {**options.headers, "Content-Type": "application/grpc", "TE": "trailers"}
    return Ask(method="POST", headers=headers, body=wire.asked(options.service))


def _over_http(options: GrpcOptions) -> HttpOptions:
    return HttpOptions(
        version=Version.TWO,
        token=options.token,
        max_bytes=_MOST_BYTES,
        verify=options.verify,
        authority=options.authority,
        client_certificate=options.client_certificate,
        client_key=options.client_key,
    )


def _judged(host: str, service: str, tape: Tape) -> str:
    headers = {name.lower(): value for name, value in tape.headers}
    if tape.protocol != "HTTP/2":
        raise Failed(Cause.BAD_ANSWER, f"{host} speaks {tape.protocol or 'no HTTP'} and not HTTP/2.")
    if tape.status != 200:
        raise Failed(Cause.BAD_STATUS, f"{host} answered {tape.status}, and not as gRPC does.")
    code = headers.get("grpc-status", "")
    if code != "0":
        cause, words = wire.meant(code, unquote(headers.get("grpc-message", "")))
        raise Failed(cause, f"{host} {cut(words, tape.secrets)}.")
    try:
        serving = wire.answered(tape.body)
    except ValueError as error:
        raise Failed(Cause.BAD_ANSWER, f"What {host} answers breaks the rules of gRPC: {error}.") from error
    tape.body = serving.name.encode()
    asked = f"the service {service}" if service else "the server"
    if serving is not Serving.SERVING:
        raise Failed(Cause.NOT_SERVING, f"{host} says of {asked}: {serving.name}.")
    return f"{host} says of {asked}: SERVING"


PROBE = GrpcProbe()
