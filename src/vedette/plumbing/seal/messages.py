"""Signed HTTP messages: a request by a key of an agent's, its answer by the server's. See `wire/agent/signing`."""

from collections.abc import Callable, Mapping

from vedette.core.errors import Invalid, Unauthenticated
from vedette.plumbing.seal import ed25519
from vedette.plumbing.seal.ed25519 import SigningKey
from vedette.wire.agent import signing
from vedette.wire.agent.signing import Signed

CLOSE = 300.0  # seconds a signature may be from now, either way

_WRONG = "The signature does not fit the message; was it changed on its way, or is the key another one?"


def signed_request(key: SigningKey, method: str, target: str, body: bytes, now: float) -> dict[str, str]:
    """Return the headers that sign a request; `target` is path and query."""
    said = signing.parameters(signing.REQUEST, now, key.fingerprint)
    values = signing.of_request(method, target, found := signing.digest(body))
    made = key.sign(signing.base(values, signing.REQUEST, said))
    return {"Content-Digest": found, **signing.headers(said, made)}


def signed_answer(key: SigningKey, status: int, body: bytes, asked: str, now: float) -> dict[str, str]:
    """Return the headers that sign the answer to a request, whose signature is `asked`."""
    said = signing.parameters(signing.ANSWER, now, key.fingerprint)
    values = signing.of_answer(status, found := signing.digest(body), asked)
    made = key.sign(signing.base(values, signing.ANSWER, said))
    return {"Content-Digest": found, **signing.headers(said, made)}


def claimed(headers: Mapping[str, str]) -> Signed:
    """Return what a request says of its signature, which nobody has looked at yet; raises `Unauthenticated`."""
    try:
        return signing.read(headers.get("signature-input", ""), headers.get("signature", ""), signing.REQUEST)
    except Invalid as error:
        raise Unauthenticated(str(error)) from None


def check_head(said: Signed, public: bytes, method: str, target: str, body_digest: str) -> None:
    """Pass for a request whose head is signed by a key, before its body has come; raises `Unauthenticated`."""
    values = signing.of_request(method, target, body_digest)
    made = signing.base(values, said.components, said.parameters)
    if not ed25519.verifies(public, made, said.signature):
        raise Unauthenticated(_WRONG)


def check_body(body_digest: str, body: bytes) -> None:
    """Pass for a body that fits its Content-Digest, which its head signs; raises `Unauthenticated`."""
    if not signing.fits(body_digest, body):
        raise Unauthenticated(_WRONG)


def check_answer(
    headers: Mapping[str, str], status: int, body: bytes, asked: str, public_of: Callable[[str], bytes | None]
) -> int:
    """Return when the server signed an answer, by its clock; raises `Unauthenticated` when it did not."""
    try:
        said = signing.read(headers.get("signature-input", ""), headers.get("signature", ""), signing.ANSWER)
    except Invalid as error:
        raise Unauthenticated(str(error)) from None
    public, body_digest = public_of(said.key), headers.get("content-digest", "")
    values = signing.of_answer(status, body_digest, asked)
    made = signing.base(values, said.components, said.parameters)
    fits = signing.fits(body_digest, body)
    if public is None or not fits or not ed25519.verifies(public, made, said.signature):
        raise Unauthenticated(_WRONG)
    return said.created
