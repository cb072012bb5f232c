"""May whoever an OpenID provider tells of sign in? (OpenID Connect Core 1.0, section 3.1.3.7.)"""

import msgspec

SKEW = 60.0


class Claims(msgspec.Struct, frozen=True):
    """What an ID token says. Instants are seconds since 1970."""

    iss: str
    sub: str
    aud: str | tuple[str, ...]
    exp: float
    iat: float
    nbf: float = 0.0
    nonce: str = ""
    azp: str = ""
    email: str = ""
    email_verified: bool | str = False
    name: str = ""


class Expected(msgspec.Struct, frozen=True):
    """What the token must say: who issued it, for whom, in answer to what; and which e-mail domains may come."""

    issuer: str
    client_id: str
    nonce: str
    domains: frozenset[str]


class Verdict(msgspec.Struct, frozen=True):
    """Whether the token is taken, and why not."""

    accepted: bool
    reason: str


def judge(claims: Claims, expected: Expected, now: float) -> Verdict:
    """Decide about an ID token whose signature is right. The clocks may differ by 60 s."""
    wrong = _token_problem(claims, expected, now) or _person_problem(claims, expected.domains)
    return Verdict(not wrong, wrong or "The provider vouches for the person.")


def domains(text: str) -> frozenset[str]:
    """Return the e-mail domains of a setting: separated by commas or spaces."""
    return frozenset(part.strip("@").lower() for part in text.replace(",", " ").split())


def _token_problem(claims: Claims, expected: Expected, now: float) -> str:
    audience = (claims.aud,) if isinstance(claims.aud, str) else claims.aud
    if claims.iss != expected.issuer:
        return "The answer comes from another issuer than the configured one."
    if expected.client_id not in audience or (len(audience) > 1 and claims.azp != expected.client_id):
        return "The answer is meant for another application."
    if not expected.nonce or claims.nonce != expected.nonce:
        return "The answer belongs to another sign-in; begin again."
    if now >= claims.exp + SKEW:
        return "The answer has expired; try again, and check the clocks of both servers."
    if max(claims.iat, claims.nbf) > now + SKEW:
        return "The answer is from the future; check the clocks of both servers."
    return "" if 0 < len(claims.sub) <= 255 else "The answer names nobody."


def _person_problem(claims: Claims, allowed: frozenset[str]) -> str:
    if not claims.email:
        return "The provider told no e-mail address; its administrator can add it to the ID token."
    if claims.email_verified not in {True, "true"}:
        return "The provider has not verified your e-mail address, so Vedette cannot tell who you are."
    if allowed and claims.email.rpartition("@")[2].lower() not in allowed:
        return "E-mail addresses of this domain may not come here; ask an administrator."
    return ""
