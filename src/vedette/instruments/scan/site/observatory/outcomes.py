"""Which outcome each test of MDN's HTTP Observatory has for a site, by the names it publishes. Decisions only.

Source: as in `table.json`. The policy and the cookies have rules enough to stand apart.
"""

from collections.abc import Iterator, Set

from vedette.instruments.scan.fetching import Page
from vedette.instruments.scan.site import csp
from vedette.instruments.scan.site.html import Tag
from vedette.instruments.scan.site.observatory import cookie, policy
from vedette.instruments.scan.site.passive import headers
from vedette.instruments.scan.site.types import Site, joined, origin

_CORP = frozenset({"same-origin", "same-site", "cross-origin"})
_SCRIPTS = (  # from the best to the worst
    "sri-implemented-and-external-scripts-loaded-securely",
    "sri-implemented-but-external-scripts-not-loaded-securely",
    "sri-not-implemented-but-external-scripts-loaded-securely",
    "sri-not-implemented-and-external-scripts-not-loaded-securely",
)


def of(site: Site, failed: Set[str]) -> Iterator[str]:
    """Return the outcomes; on this machine without TLS, redirects and HSTS are not judged."""
    page = site.start
    yield policy.outcome(site)
    yield cookie.outcome(site)
    yield _shared(page, failed)
    if not site.trusted:
        yield _redirected(site)
        yield _strict(page) if site.secure else "hsts-not-implemented-no-https"
    yield _referrer(site)
    yield _scripts(site)
    yield _sniffed(page)
    yield _framed(page)
    corp = page.first("cross-origin-resource-policy").strip().lower()
    yield (
        f"corp-implemented-with-{corp}"
        if corp in _CORP
        else f"corp-{'header-invalid' if corp else 'not-implemented'}"
    )


def _shared(page: Page, failed: Set[str]) -> str:
    allowed = page.first("access-control-allow-origin").strip()
    if "cors-any-origin" in failed:
        how = "implemented-with-universal-access"
    elif allowed == "*":
        how = "implemented-with-public-access"
    else:
        how = "implemented-with-restricted-access" if allowed else "not-implemented"
    return f"cross-origin-resource-sharing-{how}"


def _redirected(site: Site) -> str:
    """Return how plain HTTP leads to HTTPS; the last hop's `Location` counts though it was not followed."""
    hops = site.plain or (site.chain if site.chain and site.chain[0].url.startswith("http:") else ())
    if not hops:
        return "redirection-not-needed-no-http" if site.secure else "redirection-missing"
    to = hops[-1].first("location")
    route = [*(hop.url for hop in hops), *([joined(hops[-1].url, to)] if to else [])]
    if len(route) == 1:
        return "redirection-missing"
    if not route[-1].startswith("https:"):
        return "redirection-not-to-https"
    if route[1].startswith("http:"):
        return "redirection-not-to-https-on-initial-redirection"
    same = origin(route[0])[1] == origin(route[1])[1]
    return "redirection-to-https" if same else "redirection-off-host-from-http"


def _strict(page: Page) -> str:
    if not page.first("strict-transport-security").strip():
        return "hsts-not-implemented"
    age = headers.max_age(page)
    if age is None:
        return "hsts-header-invalid"
    enough = age >= headers.HALF_A_YEAR
    return f"hsts-implemented-max-age-{'at-least' if enough else 'less-than'}-six-months"


def _referrer(site: Site) -> str:
    texts = [*site.start.all("referrer-policy"), *site.documents[0].meta("http-equiv", "referrer-policy")]
    text = ",".join(texts)
    if not text.strip():
        return "referrer-policy-not-implemented"
    if not headers.is_known(text):
        return "referrer-policy-header-invalid"
    return f"referrer-policy-{'unsafe' if headers.is_leaky(text) else 'private'}"


def _scripts(site: Site) -> str:
    if not site.start.is_html:
        return "sri-not-implemented-response-not-html"
    tags = site.documents[0].named("script")
    if not tags:
        return "sri-not-implemented-but-no-scripts-loaded"
    named = [tag for tag in tags if tag.attributes.get("src", "").strip()]
    foreign = [tag for tag in named if not _is_ours(tag, site.start.url)]
    if foreign:
        return max((_loaded(tag) for tag in foreign), key=_SCRIPTS.index)
    if site.secure and any(tag.attributes.get("integrity") for tag in named):
        return "sri-implemented-and-all-scripts-loaded-securely"
    return "sri-not-implemented-but-all-scripts-loaded-from-secure-origin"


def _is_ours(tag: Tag, url: str) -> bool:
    """Tell whether a script is of this site or of a name beside or below it; `//host/` never is, as published."""
    source = tag.attributes["src"].strip()
    if source.startswith("//"):
        return False
    ours, theirs = (_bare(origin(each)[1]) for each in (url, joined(url, source)))
    return ours == theirs or theirs.endswith(f".{ours}") or ours.endswith(f".{theirs}")


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")


def _loaded(tag: Tag) -> str:
    whole, secure = tag.attributes.get("integrity"), tag.attributes["src"].strip().startswith("https:")
    if whole:
        return _SCRIPTS[0 if secure else 1]
    return _SCRIPTS[2 if secure else 3]


def _sniffed(page: Page) -> str:
    text = page.first("x-content-type-options").strip().lower()
    if text == "nosniff":
        return "x-content-type-options-nosniff"
    return f"x-content-type-options-{'header-invalid' if text else 'not-implemented'}"


def _framed(page: Page) -> str:
    if any("frame-ancestors" in csp.read(text) for text in page.all("content-security-policy")):
        return "x-frame-options-implemented-via-csp"
    text = page.first("x-frame-options").strip().lower()
    if text in {"deny", "sameorigin"}:
        return "x-frame-options-sameorigin-or-deny"
    if text.startswith("allow-from"):
        return "x-frame-options-allow-from-origin"
    return f"x-frame-options-{'header-invalid' if text else 'not-implemented'}"
