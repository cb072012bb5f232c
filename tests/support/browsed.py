"""What browsers told of the shop in the past days: reports, and how fast its pages felt."""

HOUR, DAY = 3_600.0, 86_400.0
_POLICY = "default-src 'self'; img-src 'self'; report-uri /r"
_TOLD = (
    ("network-error", "dns.name_not_resolved", "cdn.tidemark.example", "/app.js", 41),
    ("network-error", "http.error 502", "shop.tidemark.example", "/pay", 7),
    ("csp-violation", "img-src", "https://images.tidemark.example", "/tea/*", 120),
    ("csp-violation", "script-src", "inline", "/checkout", 33),
    ("csp-violation", "connect-src", "https://localhost:3000", "/", 1),
    ("crash", "oom", "", "/map", 3),
)
_PAGES = (
    ("/", 1_900.0, 1_900.0), ("/tea/*", 2_100.0, 3_300.0), ("/checkout", 4_600.0, 4_500.0),
)  # fmt: skip


def fill(now: float) -> None:
    """Let browsers tell, in one transaction."""
    from vedette.plumbing.db import sql
    from vedette.projects import service as projects

    shop = next(project.id for project in projects.projects() if project.name == "shop")
    with sql.transaction():
        _reports(shop, now)
        _vitals(shop, now)


def _reports(shop: int, now: float) -> None:
    from vedette.errors.reported import browsers, store
    from vedette.errors.reported.store import Sum
    from vedette.errors.reported.types import KnownPolicy

    sums = {}
    for kind, what, source, page, n in _TOLD:
        seen = b""
        for one in range(n):
            seen = browsers.union(seen, browsers.of(one))
        weight = n * (10.0 if kind == "network-error" else 1.0)
        sums[kind, what, source] = Sum(page, now - 2 * HOUR, now - HOUR, n, 0, weight, seen)
    store.add(shop, int((now - HOUR) // DAY), sums)
    store.know(shop, KnownPolicy(_POLICY, now - HOUR, browsers.union(browsers.of(1), browsers.of(2))))


def _vitals(shop: int, now: float) -> None:
    from vedette.vitals import store
    from vedette.vitals.types import Vital

    hour = int(now // HOUR)
    for page, before, today in _PAGES:
        for at, lcp in ((hour - 72, before), (hour, today)):
            spread = [lcp * (0.5 + n / 80) for n in range(80)]
            values = {Vital.LCP: spread, Vital.TTFB: [one / 8 for one in spread], Vital.CLS: [0.05] * 80}
            store.add({(shop, page, vital, at): found for vital, found in values.items()})
