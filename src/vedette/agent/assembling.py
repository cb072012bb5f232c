"""Which parts an agent is made of: the one place that picks who reads, detects, decides and reports.

Detection and reading load their engines (hyperscan, RE2) when they are made, and the link its TLS on threads of its own.
"""

import functools
import socket
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from vedette.agent import looking, ordered, verbs
from vedette.agent.acting import Acting, Tells
from vedette.agent.actions.actions import Actions
from vedette.agent.attacking import Attack
from vedette.agent.backing.backups import Attached, Backups
from vedette.agent.bans import Bans
from vedette.agent.book import Book
from vedette.agent.config import STATE, Config, Source
from vedette.agent.desk import Answer, Asked, Desk
from vedette.agent.detect.engine import Detector
from vedette.agent.detect.types import Mode, Rule
from vedette.agent.discovering import discovered
from vedette.agent.drifted import Drifted
from vedette.agent.following import followers, readers
from vedette.agent.infra.hardening import Hardening
from vedette.agent.infra.witnessing import Witnessing
from vedette.agent.loop import Parts, own_folder
from vedette.agent.nowhere import Nowhere
from vedette.agent.pipeline import Engine, Pipeline
from vedette.agent.ports import Follows, Reports, Say
from vedette.agent.reading import reader_of, rules_of
from vedette.agent.replays.replays import Replays
from vedette.agent.rounds import Round, Voices
from vedette.core.clock import Clock
from vedette.core.errors import ConfigError, Invalid
from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.live.types import Live
from vedette.instruments.logs.wanting import both
from vedette.instruments.packets import people
from vedette.instruments.packets import registry as enforcers
from vedette.instruments.packets.port import EnforceError, Enforcer
from vedette.wire.agent.deciding import sparing
from vedette.wire.agent.types import Orders

if TYPE_CHECKING:
    from vedette.agent.link.service import Hears, Link
    from vedette.agent.sigma.engine import SigmaDetector
    from vedette.plumbing.net.port import Net

SERVER = "server.json"  # what enrolment leaves in the state folder
_CAP_NET_ADMIN = 12
SIGMA = "sigma"  # the set of rules in that format
KERNEL = "nft"  # what enforces where the configuration names nothing
Hearing = Callable[[Orders], None]


class Assembling:
    """Prepares parts for a configuration. `read_anew` is called when the server ordered how to detect otherwise.

    `state` is the folder of what is kept where the configuration leaves the usual one.
    """

    def __init__(self, clock: Clock, say: Say, state: Path | None = None) -> None:
        self.clock, self.say, self._state = clock, say, state
        self.read_anew: Callable[[], None] = lambda: None
        self._counts: Detector | None = None
        self.backups = Backups(clock)

    def net(self) -> "Net | None":
        """Return the way to a server that is beside: it is asked by number, for which no certificate is; None for the usual way.

        Nobody is believed for that: both sides sign what they say.
        """
        if self._state is None:
            return None
        import ssl

        from vedette.plumbing.net.client import NetClient

        unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
        return NetClient(allow_private=True, tls=unchecked)

    def prepare(self, config: Config) -> "Prepared":
        """Look at everything that may be wrong and compile it; raises `ConfigError`."""
        if self._state is not None and config.state == STATE:
            config = msgspec.structs.replace(config, state=self._state)
        own_folder(config.state)
        told = ordered.read(config.state)
        found = rules_of(config, told, self.say)
        modes = {name: Mode(mode) for name, mode in {**told.sets, **config.sets}.items()}
        detector = Detector(found, modes)
        sources = discovered() if config.sources is None else config.sources
        if not sources:
            self.say("No log was found on this host; name some as [[sources]] in the configuration.")
        witnesses = Witnesses()
        beside = self._sigma(config, modes)
        heard = looking.Heard(detector, witnesses, *beside)
        wanted = functools.reduce(both, [heard.WANTED, detector.wanted, *(one.wanted for one in beside)])
        engine = Engine(readers(sources, reader_of(config, told, wanted, self.say)), heard)
        proxies = (*config.trusted_proxies, *told.trusted_proxies)
        return Prepared(self, config, engine, Found(found, sources, proxies, detector, heard, witnesses))

    def counts(self, detector: Detector) -> None:
        """Let a detector count from now on; what the one before it counted is kept where rules are the same."""
        if self._counts is not None:
            detector.adopt(self._counts.counted())
        self._counts = detector

    def answer(self, bans: Bans, asked: Asked) -> Answer:
        """Do what somebody on this host asks; raises `Invalid`."""
        if asked.verb.startswith("backup "):
            return self.backups.answer(asked)
        return verbs.answer(bans, asked, self.clock.now())

    def _sigma(self, config: Config, modes: Mapping[str, Mode]) -> "Sequence[SigmaDetector]":
        """Return who evaluates rules in Sigma's format, where a folder of them is named; what is refused is said."""
        if config.sigma is None:
            return ()
        from vedette.agent.sigma.engine import SigmaDetector
        from vedette.agent.sigma.loading import load

        loaded = load([config.sigma])
        for one in loaded.refused:
            self.say(f"{one.where} is not evaluated: {one.why}")
        return (SigmaDetector(loaded.rules, loaded.correlations, modes.get(SIGMA, Mode.SIMULATE)),)

    def ordering(self, config: Config, bans: Bans, *beside: Hearing) -> "Hears":
        """Return what applies orders: bans at once, replays, actions and infrastructure beside, and how to detect by reading everything anew."""

        def order(orders: Orders) -> None:
            bans.order(orders, self.clock.now())
            for order_one in beside:
                order_one(orders)
            self.backups.order(orders.backups)
            before = ordered.read(config.state)
            after = ordered.after(before, orders)
            if after != before:
                ordered.keep(config.state, after)
                self.read_anew()

        return order


def _host(now: float) -> Live:
    from vedette.instruments.live.host import HostLive  # an agent that is not asked starts without it

    return HostLive(now)


class Found(NamedTuple):
    """What was found out of a configuration: rules, sources, proxies that are never banned, who counts, hears and remembers."""

    rules: Sequence[Rule]
    sources: Sequence[Source]
    proxies: Sequence[str]
    detector: Detector
    heard: looking.Heard
    witnesses: Witnesses


class Prepared:
    """Implements `loop.Prepared`. `engine` is who reads and counts."""

    def __init__(self, by: Assembling, config: Config, engine: Engine, found: Found) -> None:
        self._by, self._config, self.engine, self._found = by, config, engine, found

    def parts(self) -> Parts:
        """Return the parts; raises `VedetteError` where one cannot work here."""
        by, found = self._by, self._found
        link, config = self._link()
        reports: Reports = link or Nowhere(by.say)
        bans = Bans(
            Book(config.state), self._enforcers(), origin=config.name, tell=Tells(reports.report, found.heard.forget), people=people.present,
            allow=config.allow, never=sparing.addresses(found.proxies, "a trusted proxy"),
        )  # fmt: skip
        replays = Replays(
            config, reports, by.clock, lambda: [text for text, *_ in (*bans.welcome(), *bans.spared())]
        )
        attack = Attack(config.attack, config.state, by.clock, lambda: _host(by.clock.now()))
        actions = Actions(config, reports, by.clock, attack)
        hardening = Hardening(config, Voices(reports, by.clock, by.say), found.witnesses)
        witnessing = Witnessing(config, Voices(reports, by.clock, by.say))
        if link is not None:
            link.on_orders = by.ordering(
                config,
                bans,
                lambda orders: replays.order(orders.replays),
                lambda orders: actions.order(orders.actions),
                lambda orders: hardening.order(orders.infra),
                lambda orders: witnessing.order(orders.infra),
            )
        by.counts(found.detector)
        desk = Desk(config.state, lambda asked: by.answer(bans, asked))
        acting = Acting(bans, desk, {one.id: one for one in found.rules}, found.detector.shut_out)
        pipeline = Pipeline(self.engine, acting, reports, by.clock, by.say)
        follow = followers(config, found.sources, pipeline, by.clock)
        return Parts(
            config,
            [
                *follow,
                *self._rounds(reports, pipeline),
                ("replays", replays),
                ("actions", actions),
                ("attack", attack),
                ("hardening", hardening),
                ("witness", witnessing),
                ("backups", Attached(by.backups, config, reports)),
            ],
            pipeline,
            acting,
            reports,
        )

    def _rounds(self, reports: Reports, pipeline: Pipeline) -> Sequence[tuple[str, Follows]]:
        by = self._by
        heard = {"drift": Drifted(reports, pipeline.take, by.clock)}
        return [
            (name, Round(name, make, every, Voices(heard.get(name, reports), by.clock, by.say)))
            for name, make, every in looking.rounds(self._config, self._found.witnesses, version("vedette"))
        ]

    def _link(self) -> "tuple[Link | None, Config]":
        """Return the link to the server, where this host is enrolled with one, and the configuration with both their names."""
        config = self._config
        if not (config.state / SERVER).exists():
            return None, msgspec.structs.replace(config, name=config.name or socket.gethostname())
        from vedette.agent.link import identity
        from vedette.agent.link.service import Link, Settings

        server = identity.read_server(config.state)
        settings = Settings(state=config.state, spool=config.state, version=version("vedette"))
        made = Link(settings, self._by.clock, on_orders=lambda _: None, say=self._by.say, net=self._by.net())
        return made, msgspec.structs.replace(config, server=server.url, name=server.name)

    def _enforcers(self) -> Sequence[Enforcer]:
        """Return what enforces; where the kernel's cannot work and nobody asked for it, that is said and decisions are told."""
        if not self._config.enforce and not _may_change_packets():
            self._by.say("Nobody is shut out on this host: changing nftables takes root or CAP_NET_ADMIN.")
            return []
        made = []
        for kind, options in (self._config.enforce or {KERNEL: {}}).items():
            try:
                made.append(enforcers.made(kind, options))
            except Invalid as error:
                raise ConfigError(f"{self._config.file}: [enforce.{kind}]: {error}") from None
            except EnforceError as error:
                if self._config.enforce:
                    raise
                self._by.say(f"Nobody is shut out on this host: {error}")
        return made


def _may_change_packets(status: Path = Path("/proc/self/status")) -> bool:
    """Tell whether this process has CAP_NET_ADMIN (capabilities(7))."""
    try:
        lines = status.read_text().splitlines()
    except OSError:
        return True  # trying tells
    told = next((line for line in lines if line.startswith("CapEff:")), "CapEff: 0")
    return bool(int(told.split()[1], 16) >> _CAP_NET_ADMIN & 1)
