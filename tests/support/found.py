"""What scans of the last days found. Runs within `tests.support.past`, or by `findings.FILL` beside a server."""

from tests.support.findings import finding

from vedette.accounts.permissions import SYSTEM
from vedette.scans import service
from vedette.scans.models import TargetRow
from vedette.scans.service import Sent
from vedette.scans.types import Target
from vedette.wire.finding import Finding
from vedette.wire.scan import Component, ScanReport, Unknown

DAY = 86_400.0


def fill(now: float) -> int:
    """Let two targets be scanned, one of them by a scanner that is blind; return the number of a finding."""
    shop = int(TargetRow.objects.create(scanner="deps", target="/srv/shop", body={"name": "shop"}).id)
    site = int(
        TargetRow.objects.create(
            scanner="site", target="https://shop.example", body={"name": "shop.example"}
        ).id
    )
    old = finding("GHSA-6hrg-qmvc-2xh8", title="joblib 1.2.0 runs code that a cache holds", subject="joblib", risk=7.5, reachable=True,
                  why="Whoever can write the cache runs code as your application.", fix="Upgrade joblib to 1.4.2.")  # fmt: skip
    used = finding("CVE-2024-3094", title="xz 5.6.1 has a backdoor", subject="xz", exploited=True, exposed=True, likelihood=0.84,
                   why="Whoever holds the key gets in by ssh.", evidence="liblzma.so.5.6.1", references=("https://nvd.nist.gov/vuln/detail/CVE-2024-3094",))  # fmt: skip
    quiet = finding(
        "GHSA-pad",
        title="leftpad 1.0.0 takes long for long text",
        subject="leftpad",
        risk=5.0,
        reachable=False,
    )
    _take(shop, now - 4 * DAY, old, quiet)
    _take(shop, now - 3_600, old, used)
    header = finding("csp-missing", title="https://shop.example sends no Content-Security-Policy", subject="", risk=5.3, exposed=True,
                     place="https://shop.example/", fix="Send default-src 'self' and what the page needs beside.")  # fmt: skip
    unknown = Unknown(
        subject="https://shop.example/admin", why="It did not answer within 10 s.", fix="Scan again."
    )
    service.take(
        site,
        ScanReport(
            scanner="site", target="https://shop.example", at=now, findings=(header,), unknown=(unknown,)
        ),
        now,
    )
    _send(now)
    service.add(
        SYSTEM, Target(scanner="tls", target="shop.example:443", name="shop's TLS", enabled=False), now - DAY
    )
    return service.week(now).findings[0].id


def _send(now: float) -> None:
    """Let a pipeline send two releases."""
    for release, version, at in (("shop 1.4.0", "1.2.0", now - 3 * DAY), ("shop 1.5.0", "1.4.2", now - 60)):
        parts = [Component(ecosystem="PyPI", name="joblib", version=version, place="uv.lock:40")]
        parts += [
            Component(ecosystem="PyPI", name=f"part-{n}", version="1.0", place=f"uv.lock:{n}")
            for n in range(30)
        ]
        if release.endswith("4.0"):
            parts.append(Component(ecosystem="PyPI", name="leftpad", version="1.0.0", place="uv.lock:7"))
        report = ScanReport(scanner="deps", target=".", at=at, seconds=1.2, components=tuple(parts))
        service.take_sent(SYSTEM, Sent(report=report, target="shop in CI", release=release), at)


def _take(target: int, at: float, *found: Finding) -> None:
    service.take(target, ScanReport(scanner="deps", target="/srv/shop", at=at, findings=found), at)
