"""Monitors with a past: what was found of them for a month, told by `service.record` as if it had just been seen.

The server beside shall not look at what is not there while a page is looked at: their interval is a day, they are more than
the few that are looked at as soon as they are new, and most bear more than one failure.

Runs within `tests.support.past`, beside a server on the same data; the project `checkout` must be there.
"""

import random
from collections.abc import Iterator, Mapping

import msgspec

from vedette.accounts.permissions import SYSTEM
from vedette.instruments.probe.types import Certificate, Evidence, Hop
from vedette.monitors import service
from vedette.monitors.outposts import service as locations
from vedette.monitors.types import (
    HEARTBEAT,
    HERE,
    CheckResult,
    Config,
    Cron,
    Every,
    Monitor,
    MonitorDraft,
    Objective,
    Outcome,
    Reading,
    Rhythm,
    Tolerance,
    Weekly,
)
from vedette.plumbing.db import sql
from vedette.projects import service as projects

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
STEP = 10 * MINUTE
PHASES = {"dns": 0.06, "connect": 0.16, "tls": 0.26, "first_byte": 0.42, "transfer": 0.10}
# name, kind, project, target, tags, usual milliseconds
SITES = (
    ("Checkout", "http", "checkout", "https://shop.tidemark.example/checkout/health", ("shop", "customers"), 190),
    ("Payments API", "http", "checkout", "https://pay.tidemark.example/health", ("shop", "customers"), 240),
    ("Shop", "http", "shop", "https://shop.tidemark.example/", ("shop", "customers"), 138),
    ("Search", "http", "shop", "https://search.tidemark.example/?q=lamp", ("shop",), 44),
    ("Images", "http", "shop", "https://img.tidemark.example/logo.svg", ("cdn",), 33),
    ("Sign-in", "http", "shop", "https://id.tidemark.example/.well-known/openid-configuration", ("customers",), 71),
    ("Mail", "tls", "", "smtp+starttls://smtp.tidemark.example", ("mail",), 251),
    ("Mail exchanger", "dns", "", "dns://tidemark.example?type=MX", ("mail", "names"), 22),
    ("Stock database", "tcp", "stock", "tcp://db-1.tidemark.example:5432", ("databases",), 6),
    ("Warehouse gateway", "icmp", "stock", "icmp://gw.tidemark.example", (), 18),
    ("Stock API with a name that is much longer than a phone is wide, as names grow to be", "http", "stock", "https://stock.tidemark.example/health", ("customers",), 96),
    *((f"Shop from {place}", "http", "shop", f"https://{place.lower()}.tidemark.example/", ("shop",), 150) for place in
      ("Amsterdam", "Dublin", "Frankfurt", "Helsinki", "Lisbon", "London", "Madrid", "Oslo", "Paris", "Vienna", "Warsaw")),
)  # fmt: skip
FAIL = frozenset({"Checkout", "Mail", "Stock database"})
PATIENT = Tolerance(failures=10, retry=3_600)
# Who checks it from where, besides here, and how much farther away that is.
FAR, PLACES = "Search", {"here": 1.0, "frankfurt": 1.6, "helsinki": 2.9}


def make(now: float) -> dict[str, Monitor]:
    """Make the monitors and two heartbeats; return them by name."""
    known = {project.name: project.id for project in projects.projects()}
    made = {}
    for slug in (slug for slug in PLACES if slug != HERE):
        locations.add(SYSTEM, slug.title(), slug, now - 31 * DAY)
    for name, kind, project, url, tags, _ in SITES:
        expect = ("[STATUS] == 200", '[BODY].status == "ok"') if "health" in url else ()
        request = msgspec.Raw(msgspec.json.encode({"url": url, **({"expect": expect} if expect else {})}))
        nightly = Weekly(
            days=(6,), start="02:00", minutes=90, zone="Europe/Berlin", why="updates of the system"
        )
        config = Config(
            interval=DAY, request=request, tags=tags, objective=Objective(target=0.999), slow=600.0 if kind == "http" else None,
            maintenance=(nightly,) if project == "stock" else (), tolerance=None if name in FAIL else PATIENT,
            **({"locations": tuple(PLACES), "agree": 2} if name == FAR else {}),
        )  # fmt: skip
        draft = MonitorDraft(name=name, kind=kind, config=config)
        made[name] = service.create(SYSTEM, known.get(project, 0), draft, now - 31 * DAY)
    for name, rhythm in (
        ("Nightly backup", Rhythm(schedule=Cron(expression="0 4 * * *", zone="Europe/Berlin"), grace=1_800)),
        ("Import of prices", Rhythm(schedule=Every(seconds=900), grace=300)),
    ):
        config = Config(rhythm=rhythm, tags=("jobs",))
        made[name] = service.create(
            SYSTEM, 0, MonitorDraft(name=name, kind=HEARTBEAT, config=config), now - 31 * DAY
        )
    return made


def fill(now: float) -> dict[str, Monitor]:
    """Make monitors and let a month go by: coarse, then a day by ten minutes that ends with an outage."""
    chance = random.Random(7)
    with sql.transaction():
        made = make(now)
        for at in instants(now):
            found = [result(made[site[0]], site, at, now, chance) for site in SITES]
            seen = [one for one in found if one is not None]
            service.record(
                [*seen, *(far for one in seen if one.monitor == made[FAR].id for far in elsewhere(one))], at
            )
        while service.pack(now):
            pass
        service.pause(SYSTEM, made["Images"], now - HOUR, paused=True)
    return made


def instants(now: float) -> Iterator[float]:
    """Yield when checks were: some of the month before, each ten minutes of the last day, each minute of the last quarter."""
    yield from (now - 30 * DAY + k * DAY for k in range(29))
    yield from (now - DAY + k * STEP for k in range(142))
    yield from (now - 19 * MINUTE + k * MINUTE for k in range(20))


def result(monitor: Monitor, site: tuple, at: float, now: float, chance: random.Random) -> CheckResult | None:
    """Return what a check found: Checkout fails since a quarter of an hour, Payments is slow, Mail has failed once."""
    name, kind, _, url, _, usual = site
    ago = now - at
    if (name == "Warehouse gateway" and ago > 3 * HOUR) or (" from " in name and ago % DAY > HOUR):
        return None  # the gateway is watched since three hours, others were looked at now and then
    ms = usual * chance.uniform(0.9, 1.15)
    if name == "Checkout" and ago < 17 * MINUTE:
        return failed(monitor, at, 2_310.0 * chance.uniform(0.9, 1.1), url)
    if name == "Mail" and 9 * HOUR < ago < 9.6 * HOUR:
        return plain(monitor, at, Reading.BAD, "refused", "Nothing listens at smtp.tidemark.example:587: the connection was refused.")  # fmt: skip
    if name == "Stock database" and 11.5 * DAY < ago < 14 * DAY:
        return plain(
            monitor,
            at,
            Reading.BAD,
            "timeout-in-connect",
            "db-1.tidemark.example took no connection within 10 s.",
        )
    slow = name == "Payments API" and ago < 40 * MINUTE
    ms = ms * 3.4 if slow else ms
    phases = split(ms, kind)
    ends = now + (12 if name == "Sign-in" else 61) * DAY if url.startswith(("https", "smtp")) else None
    outcome = Outcome(at=at, reading=Reading.SLOW if slow else Reading.GOOD, ms=ms, expires=ends,
                      sentence=f"It took {ms:.0f} ms; 600 ms are allowed." if slow else "")  # fmt: skip
    return CheckResult(monitor=monitor.id, outcome=outcome, phases=phases)


def elsewhere(found: CheckResult) -> Iterator[CheckResult]:
    """Yield what was found at the same time from other places, which are farther away."""
    for slug, far in PLACES.items():
        if slug != HERE:
            outcome = msgspec.structs.replace(found.outcome, ms=(found.outcome.ms or 0.0) * far)
            phases = {name: ms * far for name, ms in found.phases.items()}
            yield msgspec.structs.replace(found, location=slug, outcome=outcome, phases=phases)


def split(ms: float, kind: str) -> Mapping[str, float]:
    """Return the phases of a check that took so long."""
    shares = PHASES if kind in {"http", "tls"} else {"dns": 0.3, "connect": 0.7}
    total = sum(shares.values())
    return {name: ms * share / total for name, share in shares.items()}


def plain(monitor: Monitor, at: float, reading: Reading, cause: str, sentence: str) -> CheckResult:
    return CheckResult(
        monitor=monitor.id, outcome=Outcome(at=at, reading=reading, cause=cause, sentence=sentence)
    )


def failed(monitor: Monitor, at: float, ms: float, url: str) -> CheckResult:
    """Return a failure with all that can be shown of one."""
    day = at // DAY * DAY
    chain = (
        Certificate(subject="CN=shop.tidemark.example", issuer="CN=R11,O=Let's Encrypt,C=US", names=("shop.tidemark.example", "www.tidemark.example"),
                    starts=day - 29 * DAY, ends=day + 61 * DAY, fingerprint="6f1e" * 16),
        Certificate(subject="CN=R11,O=Let's Encrypt,C=US", issuer="CN=ISRG Root X1,O=Internet Security Research Group,C=US", names=(),
                    starts=day - 400 * DAY, ends=day + 500 * DAY, fingerprint="0d29" * 16),
    )  # fmt: skip
    evidence = Evidence(
        address="203.0.113.20", status=503, protocol="HTTP/2", headers=(("content-type", "application/json"), ("retry-after", "30"), ("set-cookie", "session=••••; Secure; HttpOnly")),
        body='{"status": "degraded", "checks": {"database": "could not connect: too many clients already", "cache": "ok"}}', chain=chain,
        hops=(Hop(url="https://tidemark.example/checkout/health", status=301, address="203.0.113.20"), Hop(url=url, status=503, address="203.0.113.20", certificate_ends=day + 61 * DAY)),
        notes=("The name has two addresses; the first was asked.",),
    )  # fmt: skip
    outcome = Outcome(at=at, reading=Reading.BAD, cause="bad-status", ms=ms, expires=day + 61 * DAY,
                      sentence="shop.tidemark.example answered 503 Service Unavailable; 200-299 is accepted.")  # fmt: skip
    return CheckResult(
        monitor=monitor.id, outcome=outcome, phases=split(ms, "http"), evidence=msgspec.json.encode(evidence)
    )
