"""Signatures of messages: as the RFC has them, and nothing that was changed on its way passes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid, Unauthenticated
from vedette.plumbing.seal import ed25519, messages
from vedette.plumbing.seal.ed25519 import SigningKey
from vedette.wire.agent import signing

KEY, OTHER = SigningKey(bytes(32)), SigningKey(b"1" * 32)
NOW = 1_764_000_000.0
BODY = b'{"hello": "world"}'


def check_request(  # noqa: PLR0917 - the parts of a request, in order
    said: signing.Signed, public: bytes, method: str, target: str, body_digest: str, body: bytes
) -> None:
    messages.check_head(said, public, method, target, body_digest)
    messages.check_body(body_digest, body)


def test_the_example_of_the_rfc_verifies() -> None:
    """RFC 9421, B.2.6: a request signed by Ed25519, with the key of B.1.4."""
    public = base64.b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
    names = ('"date"', '"@method"', '"@path"', '"@authority"', '"content-type"', '"content-length"')
    values = dict(
        zip(
            names,
            ("Tue, 20 Apr 2021 02:07:55 GMT", "POST", "/foo", "example.com", "application/json", "18"),
            strict=True,
        )
    )
    said = f'({" ".join(names)});created=1618884473;keyid="test-key-ed25519"'
    signature = base64.b64decode(
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    )
    assert ed25519.verifies(public, signing.base(values, names, said), signature)


def test_the_digest_is_that_of_the_rfc() -> None:
    """RFC 9530, appendix B.1 has the digest of this very body."""
    assert signing.digest(b'{"hello": "world"}\n') == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    assert signing.fits(f"sha-512=:AAAA:, {signing.digest(BODY)}", BODY)
    assert not signing.fits(signing.digest(BODY), BODY + b" ")
    assert not signing.fits("", b"")


def sent(target: str = "/api/v1/agent/orders?since=") -> dict[str, str]:
    made = messages.signed_request(KEY, "POST", target, BODY, NOW)
    return {name.lower(): value for name, value in made.items()}


def check(headers: dict[str, str], method: str = "POST", target: str = "/api/v1/agent/orders?since=", body: bytes = BODY) -> None:  # fmt: skip
    said = messages.claimed(headers)
    check_request(said, KEY.public, method, target, headers["content-digest"], body)


def test_a_request_passes_as_it_was_sent_and_no_other() -> None:
    headers = sent()
    check(headers)
    assert messages.claimed(headers).created == int(NOW)
    for changed in (
        lambda: check(headers, method="GET"),
        lambda: check(headers, target="/api/v1/agent/reports?since="),
        lambda: check(headers, target="/api/v1/agent/orders?since=1"),
        lambda: check(headers, body=BODY + b" "),
        lambda: check({**headers, "content-digest": signing.digest(b"")}, body=b""),
        lambda: check({**headers, "signature-input": headers["signature-input"].replace("1764", "1765")}),
    ):
        with pytest.raises(Unauthenticated):
            changed()
    said = messages.claimed(headers)
    with pytest.raises(Unauthenticated):
        check_request(
            said, OTHER.public, "POST", "/api/v1/agent/orders?since=", headers["content-digest"], BODY
        )


def test_an_answer_is_of_one_request_and_of_one_server() -> None:
    asked = messages.claimed(sent()).text
    made = messages.signed_answer(OTHER, 200, BODY, asked, NOW + 7)
    headers = {name.lower(): value for name, value in made.items()}
    known = {OTHER.fingerprint: OTHER.public}.get
    assert messages.check_answer(headers, 200, BODY, asked, known) == int(NOW + 7)
    other = messages.claimed(sent("/api/v1/agent/orders?since=2")).text
    for changed in (
        lambda: messages.check_answer(headers, 200, BODY, other, known),
        lambda: messages.check_answer(headers, 404, BODY, asked, known),
        lambda: messages.check_answer(headers, 200, b"", asked, known),
        lambda: messages.check_answer(headers, 200, BODY, asked, {}.get),
        lambda: messages.check_answer({}, 200, BODY, asked, known),
    ):
        with pytest.raises(Unauthenticated):
            changed()


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ('("@method" "@path" "@query");created=1;keyid="a"', "covers other parts"),
        ('("@method" "@path" "@query" "content-digest" "@method");created=1;keyid="a"', "covers other parts"),
        ('("@method" "@path" "@query" "content-digest");created=1;keyid="a";alg="rsa-v1_5-sha256"', "not by ed25519"),
        ('("@method" "@path" "@query" "content-digest");created=1', "names no key"),
        ('("@method" "@path" "@query" "content-digest");keyid="a"', "when it was made"),
        ("nonsense", "not signed as agents sign"),
        ('("@method"),sig2=("@path");created=1;keyid="a"', "not signed as agents sign"),
    ],
)  # fmt: skip
def test_what_is_no_signature_of_ours_is_said(parameters: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        signing.read(f"sig={parameters}", sent()["signature"], signing.REQUEST)


@given(first=st.text(max_size=200), second=st.text(max_size=200))
def test_any_headers_are_read_or_refused(first: str, second: str) -> None:
    with pytest.raises(Invalid):
        signing.read(first, second, signing.REQUEST)


def test_keys_are_their_owners_alone(tmp_path: object) -> None:
    from pathlib import Path

    from vedette.core.errors import ConfigError

    path = Path(str(tmp_path)) / "agent.key"
    assert ed25519.read_key(path) is None
    made = ed25519.write_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    again = ed25519.read_key(path)
    assert again is not None
    assert again.fingerprint == made.fingerprint
    assert made.fingerprint in repr(made)
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        ed25519.read_key(path)
