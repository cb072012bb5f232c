"""A day of ordinary traffic of a small company's server, as its logs would have it. Knows nothing of any rule.

Two thousand people with their own habits: some share the address of an office or of a mobile provider, some mistype, some have
old bookmarks or sessions that ended; crawlers and monitors come and go; one page that many link to is gone; at noon a release
breaks a path and takes its scripts away for a while; every morning sessions have ended. Some people sign in over ssh and read
mail. Lines come in the order of time, as bytes, by the name of their file.
"""

import datetime as dt
import random
from collections.abc import Callable, Mapping
from typing import NamedTuple

DAY = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
PEOPLE = 2_000
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{v}.3 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{v} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0",
    "Mozilla/5.0 (Linux; Android 14; Pixel {v}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
)
CRAWLERS = (
    ("66.249.66.1", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    ("157.55.39.9", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"),
    (
        "17.58.98.3",
        "Mozilla/5.0 (Macintosh) AppleWebKit/600.2.5 (Applebot/0.1; +http://www.apple.com/go/applebot)",
    ),
)
MONITORS = (
    ("159.89.1.1", "UptimeRobot/2.0"),
    ("159.89.1.2", "Better Uptime Bot"),
    ("159.89.1.3", "kube-probe/1.29"),
)
SEARCHES = (
    "red shoes", "having friends over", "select specialty hospital", "union of workers select committee", "O'Brien", "a < b",
    "drop table linen", "1 or 2 rooms", '"rock and roll"', "javascript alert", "50% off", "C++ primer", "lamps and sons; large",
    "order by phone", "and so on", "sleep (deep)", "etc/", "select a union rep", "cats & dogs", "../", "<3",
)  # fmt: skip


class Person(NamedTuple):
    """Somebody: an address (perhaps shared), a browser, and a name."""

    name: str
    address: str
    agent: str


class Day:
    """Collects lines with their instants."""

    def __init__(self, seed: int, people: int = PEOPLE) -> None:
        self.chance = random.Random(seed)
        self.busy = min(1.0, people / PEOPLE)  # fewer people have fewer crawlers
        self.lines: list[tuple[float, str, str]] = []
        self.people = [self._person(n) for n in range(people)]

    def _person(self, n: int) -> Person:
        chance = self.chance
        agent = chance.choice(BROWSERS).format(v=chance.randrange(3, 130))
        if n % 10 < 3:  # six offices of a hundred people each
            return Person(f"user{n}", f"81.2.69.{n % 6 + 1}", agent)
        if n % 10 < 5:  # a mobile provider's few addresses
            return Person(f"user{n}", f"90.160.0.{n % 20 + 1}", agent)
        if n % 10 == 5:
            return Person(f"user{n}", f"2a02:810:{n:x}:1::{chance.randrange(1, 65535):x}", agent)
        return Person(f"user{n}", f"93.{n % 200 + 20}.{n // 256}.{n % 250 + 1}", agent)

    def web(
        self, at: float, who: Person, target: str, status: int = 200, *, method: str = "GET", referer: str = "-"
    ) -> None:  # fmt: skip
        """Add a request."""
        stamp = dt.datetime.fromtimestamp(at, dt.UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        size = 0 if status in (301, 302, 304) else self.chance.randrange(100, 60_000)
        line = f'{who.address} - - [{stamp}] "{method} {target} HTTP/1.1" {status} {size} "{referer}" "{who.agent}"'
        self.lines.append((at, "access.log", line))

    def syslog(self, at: float, file: str, program: str, text: str) -> None:
        """Add a line of syslog."""
        stamp = dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
        self.lines.append((at, file, f"{stamp} web1 {program}[{self.chance.randrange(300, 90_000)}]: {text}"))

    def files(self) -> Mapping[str, bytes]:
        """Return the lines of each file in the order of time."""
        found: dict[str, list[str]] = {}
        for _, name, line in sorted(self.lines, key=lambda each: each[0]):
            found.setdefault(name, []).append(line)
        return {name: "\n".join(lines).encode() + b"\n" for name, lines in found.items()}


def ordinary_day(seed: int, people: int = PEOPLE) -> Day:
    """Return the lines of a day."""
    day = Day(seed, people)
    midnight = DAY.timestamp()
    for person in day.people:
        for _ in range(day.chance.randrange(1, 4)):
            _visit(day, person, midnight + _hour_of_day(day.chance) * 3600)
    parts: tuple[Callable[[Day, float], None], ...] = (
        _crawlers,
        _monitors,
        _release,
        _sessions_end,
        _ssh,
        _mail,
        _drops,
    )
    for part in parts:
        part(day, midnight)
    return day


def _hour_of_day(chance: random.Random) -> float:
    return min(23.5, max(0.0, chance.gauss(13, 4)))


def _visit(day: Day, who: Person, at: float) -> None:
    chance, site = day.chance, "https://shop.example.com"
    day.web(at, who, "/", chance.choice((200, 200, 304)))
    for asset in ("/static/app.4f2a.js", "/static/main.77b1.css", "/img/logo.svg", "/favicon.ico"):
        day.web(at + chance.random(), who, asset, chance.choice((200, 304)), referer=f"{site}/")
    if chance.random() < 0.05:  # an old telephone that looks for icons which are not there
        for size in ("", "-120x120", "-152x152", "-precomposed"):
            day.web(at + 1, who, f"/apple-touch-icon{size}.png", 404)
    if chance.random() < 0.5:
        at = _sign_in(day, who, at + chance.uniform(2, 30))
    for _ in range(chance.randrange(2, 20)):
        at += chance.expovariate(1 / 15)
        _page(day, who, at, site)


def _sign_in(day: Day, who: Person, at: float) -> float:
    chance = day.chance
    for _ in range(chance.choices((0, 1, 2, 3), (80, 13, 5, 2))[0]):  # typos
        day.web(at, who, "/login", 401, method="POST", referer="https://shop.example.com/login")
        at += chance.uniform(3, 20)
    day.web(at, who, "/login", 302, method="POST", referer="https://shop.example.com/login")
    return at + 1


def _page(day: Day, who: Person, at: float, site: str) -> None:
    chance = day.chance
    kind = chance.random()
    if kind < 0.15:
        words = (
            chance.choice(SEARCHES)
            .replace("%", "%25")
            .replace(" ", chance.choice(("+", "%20")))
            .replace('"', "%22")
        )
        day.web(at, who, f"/search?q={words.replace('<', '%3C')}&sort=asc", referer=f"{site}/")
    elif kind < 0.20:  # a popular page that is gone, and links that others wrote wrongly
        day.web(
            at,
            who,
            chance.choice(("/spring-sale", "/spring-sale", f"/old/article-{chance.randrange(40)}")),
            404,
        )
    elif kind < 0.22:
        day.web(at, who, f"/orders/{chance.randrange(9999)}", 403, referer=f"{site}/orders")
    elif kind < 0.23:
        day.web(at, who, "/api/v1/items", 500)
    elif kind < 0.5:
        day.web(at, who, f"/api/v1/items?page={chance.randrange(1, 99)}", referer=f"{site}/items")
    else:
        day.web(
            at,
            who,
            f"/items/{chance.randrange(1, 5000)}",
            chance.choice((200, 200, 200, 304)),
            referer=f"{site}/items",
        )


def _crawlers(day: Day, midnight: float) -> None:
    chance = day.chance
    for address, agent in CRAWLERS:
        who, at = Person("crawler", address, agent), midnight
        while at < midnight + 86_000:
            at += chance.expovariate(1 / 20 * day.busy)
            gone = chance.random() < 0.12  # pages that moved since it came last
            target = (
                f"/old/article-{chance.randrange(4000)}" if gone else f"/items/{chance.randrange(1, 5000)}"
            )
            day.web(at, who, chance.choice(("/robots.txt", *[target] * 20)), 404 if gone else 200)


def _monitors(day: Day, midnight: float) -> None:
    for address, agent in MONITORS:
        who = Person("monitor", address, agent)
        for minute in range(int(24 * 60 * day.busy)):
            day.web(midnight + minute * 60 + 7, who, "/healthz", 200 if minute % 720 else 503)
            if address.endswith("2"):
                day.syslog(
                    midnight + minute * 60 + 9, "auth.log", "sshd",
                    f"Did not receive identification string from {address} port {40_000 + minute}",
                )  # fmt: skip


def _release(day: Day, midnight: float) -> None:
    """For twenty minutes at noon a path that every page asks for is gone, and the chunks of the old scripts are."""
    chance, noon = day.chance, midnight + 12 * 3600
    for who in chance.sample(day.people, len(day.people) // 5):
        at = noon + chance.uniform(0, 1200)
        for _ in range(chance.randrange(1, 12)):
            at += chance.uniform(0.1, 8)
            day.web(at, who, "/api/v2/basket", 404, referer="https://shop.example.com/")
            if chance.random() < 0.3:
                day.web(at + 0.1, who, f"/static/chunk-{chance.randrange(30)}.4f2a.js", 404)


def _sessions_end(day: Day, midnight: float) -> None:
    """In the morning all sessions have ended: pages left open ask on, and each gets 401 until its person signs in."""
    chance, morning = day.chance, midnight + 8 * 3600
    for who in chance.sample(day.people, len(day.people) // 4):
        at = morning + chance.uniform(0, 1800)
        for target in ("/api/v1/me", "/api/v1/events", "/api/v1/basket"):
            day.web(at + chance.random(), who, target, 401, referer="https://shop.example.com/")
        _sign_in(day, who, at + chance.uniform(5, 60))


def _ssh(day: Day, midnight: float) -> None:
    chance = day.chance
    for who in day.people[:40]:
        for _ in range(chance.randrange(1, 6)):
            at = midnight + _hour_of_day(chance) * 3600
            port = chance.randrange(1024, 65_000)
            for _ in range(chance.choices((0, 1, 2, 3), (70, 20, 8, 2))[0]):
                day.syslog(at, "auth.log", "sshd", f"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={who.address}  user={who.name}")  # fmt: skip
                day.syslog(
                    at,
                    "auth.log",
                    "sshd",
                    f"Failed password for {who.name} from {who.address} port {port} ssh2",
                )
                at += chance.uniform(2, 9)
            if chance.random() < 0.03:  # another name by mistake
                day.syslog(
                    at, "auth.log", "sshd", f"Invalid user {who.name[1:]} from {who.address} port {port}"
                )
                day.syslog(at + 3, "auth.log", "sshd", f"Connection closed by invalid user {who.name[1:]} {who.address} port {port} [preauth]")  # fmt: skip
            day.syslog(
                at + 4,
                "auth.log",
                "sshd",
                f"Accepted password for {who.name} from {who.address} port {port} ssh2",
            )
    for hour in range(24):  # a backup by key
        for n in range(4):
            at = midnight + hour * 3600 + n * 60
            day.syslog(at, "auth.log", "sshd", f"Accepted publickey for backup from 93.184.1.9 port {5000 + hour} ssh2: ED25519 SHA256:abc")  # fmt: skip


def _mail(day: Day, midnight: float) -> None:
    chance = day.chance
    for who in day.people[:200]:
        address, session = who.address, f"session=<{who.name}>"
        at = midnight + 6 * 3600
        old_password = chance.random() < 0.02  # a telephone whose owner changed the password elsewhere
        while at < midnight + 22 * 3600:
            at += chance.uniform(900, 3_600)
            user = f"user=<{who.name}@example.com>, method=PLAIN, rip={address}, lip=10.0.0.1"
            if old_password and at < midnight + 9 * 3600:
                day.syslog(at, "mail.log", "dovecot", f"imap-login: Disconnected (auth failed, 1 attempts in 2 secs): {user}, TLS, {session}")  # fmt: skip
            else:
                day.syslog(at, "mail.log", "dovecot", f"imap-login: Login: {user}, mpid=1234, TLS, {session}")


def _drops(day: Day, midnight: float) -> None:
    """What the internet sends to closed ports: many addresses, few packets each."""
    chance = day.chance
    for _ in range(int(3_000 * day.busy)):
        at = midnight + chance.uniform(0, 86_000)
        address = f"{chance.choice((45, 61, 80, 141, 185))}.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
        port = chance.choice((23, 445, 3389, 5900, 8080, 22222))
        day.syslog(
            at, "kern.log", "kernel",
            f"[1234.5] [UFW BLOCK] IN=eth0 OUT= MAC=00:11 SRC={address} DST=10.0.0.2 LEN=40 TOS=0x00 PREC=0x00 TTL=244 "
            f"ID=54321 PROTO=TCP SPT=40000 DPT={port} WINDOW=1024 RES=0x00 SYN URGP=0",
        )  # fmt: skip


def attack(day: Day, address: str) -> None:
    """Let somebody attack: passwords over ssh and a scan of the site, at night."""
    at = DAY.timestamp() + 3 * 3600
    who = Person(
        "attacker",
        address,
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/100.0.0.0 Safari/537.36",
    )
    for n in range(300):
        day.syslog(
            at + n * 2, "auth.log", "sshd", f"Failed password for root from {address} port {20_000 + n} ssh2"
        )
    for n, path in enumerate(
        ("/.env", "/.git/config", "/wp-login.php", "/phpmyadmin/", "/backup.zip", "/admin.php") * 5
    ):
        day.web(at + 700 + n, who, path, 404)
