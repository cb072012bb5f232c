"""What an assertion is once it was read. The language stands in docs/monitors.md."""

import enum

import msgspec


class Name(enum.StrEnum):
    """What an assertion can speak of."""

    STATUS = "STATUS"
    BODY = "BODY"
    HEADER = "HEADER"
    RESPONSE_TIME = "RESPONSE_TIME"
    CERTIFICATE_EXPIRATION = "CERTIFICATE_EXPIRATION"
    DOMAIN_EXPIRATION = "DOMAIN_EXPIRATION"
    IP = "IP"
    CONNECTED = "CONNECTED"
    DNS_RCODE = "DNS_RCODE"


class Operator(enum.StrEnum):
    """How two sides are compared."""

    EQUAL = "=="
    UNEQUAL = "!="
    AT_MOST = "<="
    AT_LEAST = ">="
    LESS = "<"
    MORE = ">"
    CONTAINS = "contains"
    LACKS = "!contains"


class Placeholder(msgspec.Struct, frozen=True):
    """`[BODY].items[0]`: a name and the way into its value."""

    name: Name
    path: tuple[str | int, ...] = ()


class Literal(msgspec.Struct, frozen=True):
    """A value as written, without its quotes."""

    text: str


class Length(msgspec.Struct, frozen=True):
    """`len([BODY].items)`."""

    of: Placeholder


class Presence(msgspec.Struct, frozen=True):
    """`has([BODY].error)`."""

    of: Placeholder


class Pattern(msgspec.Struct, frozen=True):
    """`pat(*ready*)`."""

    text: str


class Choice(msgspec.Struct, frozen=True):
    """`any(200, 204)`."""

    of: tuple[Literal | Pattern, ...]


class Schema(msgspec.Struct, frozen=True):
    """`schema({"type": "object"})`; `text` is its JSON."""

    text: str


Subject = Placeholder | Length | Presence | Literal
Measure = Subject | Pattern | Choice | Schema


class Assertion(msgspec.Struct, frozen=True):
    """Two sides and how they are compared; `text` is how it was written."""

    text: str
    left: Subject
    operator: Operator
    right: Measure
