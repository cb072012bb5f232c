"""The policy's headers in a Caddyfile: `?` sets one that the application did not; the others wait for its answer."""

from __future__ import annotations

from vedette_guard.policy import Cookies, Policy
from vedette_guard.proxies.caddy_text import block, value, word
from vedette_guard.proxies.headers import Beside, Wanted, spelled, wanted
from vedette_guard.proxies.places import Place, origin, re2
from vedette_guard.proxies.site import ProxyError

ORIGIN = "{http.request.header.Origin}"


class Headers:
    """The headers of all places; `missing` are sentences about those that a Caddyfile cannot say."""

    def __init__(self, where: tuple[Place, ...]) -> None:
        self._wanted = wanted(where)
        self.missing: list[str] = []

    def of(self, place: Place, scheme: str) -> list[str]:
        """Return the directives of a place over a scheme."""
        given = self._written(place, scheme)
        policy = place.plan.policy
        late = [f"{spelled(h.name)} {text}" for h, text in given if h.beside is Beside.REPLACE]
        late += [f"-{name}" for name in dict.fromkeys(n.lower() for n in policy.headers.remove)]
        late += ["-Strict-Transport-Security"] if scheme == "http" else []
        late += _cookies(policy.cookies, scheme)
        lines = [f"header ?{spelled(h.name)} {text}" for h, text in given if h.beside is Beside.KEEP]
        added = [f"+{spelled(h.name)} {text}" for h, text in given if h.beside is Beside.JOIN]
        return [*lines, *block("header", [*added, *late, "defer"]), *_cors(place)]

    def of_errors(self, place: Place, scheme: str) -> list[str]:
        """Return the directives of Caddy's own errors, which no application's answer stands behind."""
        return [f"header {spelled(header.name)} {text}" for header, text in self._written(place, scheme)]

    def _written(self, place: Place, scheme: str) -> list[tuple[Wanted, str]]:
        found = []
        for header in self._wanted:
            text = header.of(place, scheme)
            try:
                found += [(header, value(text))] if text else []
            except ProxyError:
                self._miss(f"headers: {header.name} of {text!r}, for which a Caddyfile has no quotes")
        return found

    def _miss(self, sentence: str) -> None:
        if sentence not in self.missing:
            self.missing.append(sentence)

    @property
    def framed(self) -> bool:
        """Tell whether an X-Frame-Options of the application would change a value."""
        return any(header.framed for header in self._wanted)


def _cookies(cookies: Cookies, scheme: str) -> list[str]:
    """Return what is added to every cookie; said twice, an attribute is what it is said once."""
    flags = ["Secure"] if scheme == "https" and cookies.secure else []
    flags += ["HttpOnly"] if cookies.http_only == "all" and not cookies.readable else []
    if cookies.untouched or not flags:
        return []
    return [f'Set-Cookie {word("^(.*)$")} "$1; {"; ".join(flags)}"']


def missing_cookies(policy: Policy) -> list[str]:
    """Return sentences about what is not added to cookies."""
    cookies = policy.cookies
    if cookies.untouched:
        return ["cookies: Caddy would change those of `untouched` too, so it changes none"]
    hidden = cookies.http_only == "sessions" or (cookies.http_only == "all" and cookies.readable)
    told = ["cookies.http_only: Caddy cannot tell cookies apart by their names"] if hidden else []
    return [
        *told,
        *(
            ["cookies.same_site: Caddy would overwrite what the application says"]
            if cookies.same_site
            else []
        ),
    ]


def _cors(place: Place) -> list[str]:
    plan = place.plan
    if plan.policy.cors.credentials or not plan.origins:
        return []
    name = f"@readers{place.name}"
    shapes = "|".join(origin(text, re2) for text in sorted(plan.origins) if text and text != "*")
    shape = word("." if "*" in plan.origins else f"(?i)^({shapes})\\z")
    shown = "*" if "*" in plan.origins else ORIGIN
    return [f"{name} header_regexp Origin {shape}", f"header {name} ?Access-Control-Allow-Origin {shown}"]
