"""From a sentence to an intent: `internet cannot reach db:*`, `web reaches db:5432`, `db is encrypted at rest`. Pure."""

import re

from vedette.core.errors import Invalid
from vedette.deploy.rules import PROTOCOLS, WITH_PORTS
from vedette.deploy.rules import port as read_port
from vedette.deploy.suggesting import no_such
from vedette.wire.infra import Intent

DIRECTLY = "directly"
ENCRYPTED, PROTECTED = "is encrypted at rest", "is protected"
NOT_PUBLIC, BACKED_UP = "has no public address", "has backups"
PROPERTIES = (ENCRYPTED, PROTECTED, NOT_PUBLIC, BACKED_UP)
INTERNET, EVERYTHING = "internet", "*"
EVERY_PROTOCOL = ""
LONGEST = 500
_REACHES = re.compile(
    r"(?P<who>.+?)\s+(?P<verb>reaches|cannot reach|can reach|can't reach)\s+(?P<whom>.+?)(?P<directly>\s+directly)?"
)
_PROPERTY = re.compile(r"(?P<whom>.+?)\s+(?P<rest>(?:is|has)\s.+)")
_PORT = re.compile(r"(?P<whom>.+):(?P<port>[a-z]+/[0-9*\-]+|[0-9\-]+|\*|[a-z]+)")
_EXAMPLES = '"internet cannot reach db:*", "web reaches db:5432" or "db is encrypted at rest"'


def parse(text: str, place: str = "") -> Intent:
    """Return what a sentence says must be true; raises `Invalid` with what to write."""
    said = " ".join(text.split())
    if len(said) > LONGEST:
        raise Invalid(f"An assertion is {LONGEST} characters at most.")
    if found := _REACHES.fullmatch(said):
        whom, port, protocol = _port(found["whom"])
        _sensible(found["who"], whom)
        return Intent(
            text=said, who=found["who"], whom=whom, port=port, protocol=protocol, may="not" not in found["verb"] and "'" not in found["verb"],
            rest=DIRECTLY if found["directly"] else "", place=place,
        )  # fmt: skip
    if found := _PROPERTY.fullmatch(said):
        if found["rest"] not in PROPERTIES:
            raise Invalid(no_such(found["rest"], PROPERTIES, "An assertion"))
        return Intent(text=said, whom=found["whom"], rest=found["rest"], place=place)
    raise Invalid(f"{text!r} is no assertion; write {_EXAMPLES}.")


def _port(text: str) -> tuple[str, str, str]:
    """Return whom a text names, with port and protocol: `db:5432`, `db:udp/53`, `db:icmp`, `db:*`, `db` (everything)."""
    found = _PORT.fullmatch(text)
    if found is None:
        return text, "*", EVERY_PROTOCOL
    whom, port = found["whom"], found["port"]
    if port == "*":
        return whom, "*", EVERY_PROTOCOL
    protocol, _, number = port.rpartition("/")
    if port.isalpha():
        protocol, number = port, ""
    protocol = protocol or "tcp"
    if protocol not in PROTOCOLS or (protocol in WITH_PORTS) != bool(number):
        raise Invalid(f"{port!r} is no port; write 5432, 8000-8010, udp/53, icmp or *.")
    return whom, "*" if number == "*" else read_port(number) if number else "", protocol


def _sensible(who: str, whom: str) -> None:
    if who == whom == INTERNET:
        raise Invalid("What the internet reaches of itself is not ours to say.")
