"""SCRAM-SHA-256 by the example of RFC 7677, section 3, and what a server may not say."""

import pytest

from vedette.instruments.probe import scram

NONCE = "rOprNGfwEbeRWgbNEkqO"
SAID = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"


def test_the_example_of_the_rfc() -> None:
    exchange = scram.Scram("pencil", NONCE, "user")
    assert exchange.first() == f"n,,n=user,r={NONCE}".encode()
    assert exchange.final(SAID).endswith(b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    exchange.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    with pytest.raises(ValueError, match="knows the password"):
        exchange.verify(b"v=AAAA")


@pytest.mark.parametrize(
    "said", [b"", b"r=other,s=W22Z,i=4096", b"r=" + NONCE.encode() + b",s=W22Z,i=1", SAID.replace(b"4096", b"900000000"),
             SAID.replace(b"s=W22Z", b"s=!"), SAID.replace(b"i=4096", b"i=x"), b"\xff"],
    ids=["nothing", "other nonce", "same nonce", "too dear", "no salt", "no rounds", "no text"],
)  # fmt: skip
def test_what_breaks_the_rules(said: bytes) -> None:
    with pytest.raises(scram.BROKEN):
        scram.Scram("pencil", NONCE).final(said)
