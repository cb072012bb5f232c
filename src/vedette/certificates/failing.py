"""What an authority's refusal means, and what to do about it. Pure. The codes are those of RFC 8555, section 6.7."""

from vedette.certificates.types import Failure, Outcome

_LONGEST = 300
_KINDS = {
    "dns": Failure.NAME,
    "connection": Failure.NAME,
    "unauthorized": Failure.NAME,
    "incorrectResponse": Failure.NAME,
    "tls": Failure.NAME,
    "rateLimited": Failure.LIMIT,
    "serverInternal": Failure.AWAY,
}
_MEANINGS = {
    "dns": "It finds no address for {name}: make an A record that points to this machine.",
    "connection": "It cannot connect to {name} at port 80: let it in through firewall and router, and look whether the A and AAAA records point to this machine.",
    "unauthorized": "Something else than Vedette answers at http://{name}/: look where its A and AAAA records point, and what listens at port 80 there.",
    "incorrectResponse": "Something else than Vedette answers at http://{name}/: look where its A and AAAA records point, and what listens at port 80 there.",
    "rateLimited": "It was asked too often.",
    "caa": "The CAA record of {name} does not name this authority.",
    "rejectedIdentifier": "It gives no certificates for {name}.",
    "externalAccountRequired": "It wants an account that is bound from outside, which Vedette does not make; put Caddy in front instead.",
}


def outcome(code: str, name: str, detail: str, retry_after: float | None = None) -> Outcome:
    """Return what became of a try that an authority ended with an error code, about a name, in its own words."""
    meaning = _MEANINGS.get(code, "It refused.").format(name=name or "the name")
    said = plain(detail)
    error = f"{meaning} It says: {said}" if said else meaning
    return Outcome(error, _KINDS.get(code, Failure.REFUSED), retry_after)


def away(detail: str, retry_after: float | None = None) -> Outcome:
    """Return what became of a try in which the authority could not be reached, or did not speak ACME."""
    return Outcome(f"The authority does not answer as it should: {plain(detail)}", Failure.AWAY, retry_after)


def ours(detail: str) -> Outcome:
    """Return what became of a try that failed here."""
    return Outcome(plain(detail), Failure.OURS)


def plain(text: str) -> str:
    """Return what somebody else said in one line of printable characters, at most 300 of them."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
