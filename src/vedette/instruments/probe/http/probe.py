"""A web address: one request, redirects followed one by one, each checked and pinned anew."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from vedette.instruments.probe import resolving
from vedette.instruments.probe.assertions.speaking import speaks_of
from vedette.instruments.probe.assertions.tree import Name
from vedette.instruments.probe.http import options as opts
from vedette.instruments.probe.http.options import SCHEMES, HttpOptions, Version
from vedette.instruments.probe.http.redirecting import STATUSES, Ask, following
from vedette.instruments.probe.masking import cut, masked_url
from vedette.instruments.probe.optioning import decoded
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import redirected, targeted, where
from vedette.instruments.probe.types import EVIDENCE_BYTES, Cause, Failed, Phase, Request, Standpoint, Target

if TYPE_CHECKING:
    from vedette.instruments.probe.http.handles import Way

_KEPT = 2 * EVIDENCE_BYTES  # a secret across the end of the evidence is still found
_WANTED = {Version.TWO: "HTTP/2", Version.THREE: "HTTP/3"}


class HttpProbe:
    """Implements `probe.types.Probe` by libcurl, which is loaded on first use."""

    kind = "http"
    label = "Web address"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = HttpOptions
    secrets = ("headers", "body", "password", "token", "client_key", "proxy_password")

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        from vedette.instruments.probe.http import transfer  # noqa: F401 - loads what a check needs, before its time counts
        from vedette.instruments.probe.http.multi import features

        targeted(request.url, SCHEMES)
        opts.check(decoded(HttpOptions, request.options), features())

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Ask, follow redirects, and judge the status."""
        from vedette.instruments.probe.http.handles import Errand
        from vedette.instruments.probe.http.transfer import Transfer

        options = decoded(HttpOptions, request.options)
        keep = options.max_bytes if speaks_of(request.expect, Name.BODY) else _KEPT
        transfer = Transfer(options, standpoint, tape, keep)
        target = targeted(request.url, SCHEMES)
        ask = Ask(method=options.method, headers=options.headers, body=options.body)
        for _ in range(options.most_redirects + 1):
            way = await _way(target, options, request, standpoint, tape)
            left = request.deadline - tape.elapsed() / 1000
            received = await transfer.run(Errand(ask, target, way, []), left)
            location = received.first("location")
            if not (options.follow and tape.status in STATUSES and location):
                return _judged(target, options, tape)
            after = redirected(target.url, location, SCHEMES, tape.secrets)
            ask, target = following(ask, tape.status, target, after), after
        raise Failed(
            Cause.TOO_MANY_REDIRECTS,
            f"{where(target)} redirects more than {options.most_redirects} times, last to {cut(masked_url(target.url, tape.secrets), (), 200)}.",
        )


async def _way(
    target: Target, options: HttpOptions, request: Request, standpoint: Standpoint, tape: Tape
) -> "Way":
    """Resolve what is connected to, and refuse what may not be reached."""
    from vedette.instruments.probe.http.handles import Way, proxy_of

    tape.host = target.host
    if len(tape.hops) > 0:  # pins are those of the first host
        request = msgspec.structs.replace(request, pins=())
    seconds = request.deadline - tape.elapsed() / 1000
    proxy = proxy_of(options)
    with tape.timed(Phase.DNS):
        if proxy is None:
            return Way(await resolving.addresses_of(target.host, request, standpoint, seconds))
        unpinned = msgspec.structs.replace(request, pins=())
        through = await resolving.addresses_of(proxy.host, unpinned, standpoint, seconds)
        if standpoint.policy.allow_private and not request.pins:
            return Way(through, (), proxy)  # the proxy resolves: it may go anywhere
        return Way(through, await resolving.addresses_of(target.host, request, standpoint, seconds), proxy)


def _judged(target: Target, options: HttpOptions, tape: Tape) -> str:
    host = where(target)
    wanted = _WANTED.get(options.version)
    if wanted is not None and tape.protocol != wanted:
        raise Failed(Cause.BAD_ANSWER, f"{host} speaks {tape.protocol or 'no HTTP'} and not {wanted}.")
    if not any(tape.status in span for span in opts.accepted(options.status)):
        raise Failed(
            Cause.BAD_STATUS, f"{host} answered {tape.status}, which is not one of {options.status}."
        )
    return f"{host} answered {tape.status}"


PROBE = HttpProbe()
