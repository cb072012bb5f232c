"""HTTP Message Signatures (RFC 9421) and Content-Digest (RFC 9530) as agents and the server use them. Pure.

A request covers @method, @path, @query and content-digest; an answer covers @status, content-digest and the request's
signature, so that it answers that request alone. One signature a message, labelled `sig`, by Ed25519.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence

import msgspec

from vedette.core.errors import Invalid

REQUEST = ('"@method"', '"@path"', '"@query"', '"content-digest"')
ANSWER = ('"@status"', '"content-digest"', '"signature";req;key="sig"')
ALGORITHM = "ed25519"
_MOST = 1_000
_MOST_CREATED = 2**53
_INPUT = re.compile(r'sig=(\(([^()]*)\)((?:;[a-z]+=(?:"[\x20\x21\x23-\x5b\x5d-\x7e]*"|[0-9]+))*))')
_PARAMETER = re.compile(r';([a-z]+)=(?:"([^"]*)"|([0-9]+))')
_SIGNATURE = re.compile(r"sig=:([A-Za-z0-9+/]{86}==):")
_DIGEST = re.compile(r"(?:^|, *)sha-256=:([A-Za-z0-9+/]{43}=):")


class Signed(msgspec.Struct, frozen=True):
    """What the headers of a signed message say: parameters as they are signed, covered components, who, when, and the signature."""

    parameters: str
    components: tuple[str, ...]
    key: str
    created: int
    signature: bytes

    @property
    def text(self) -> str:
        """Return the signature as an answer covers it."""
        return f":{base64.b64encode(self.signature).decode()}:"


def digest(body: bytes) -> str:
    """Return the Content-Digest of a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def fits(header: str, body: bytes) -> bool:
    """Tell whether a Content-Digest is of a body; other algorithms beside are passed over."""
    found = _DIGEST.search(header)
    return found is not None and f"sha-256=:{found[1]}:" == digest(body)


def parameters(components: Sequence[str], created: float, key: str) -> str:
    """Return the parameters of a signature that is made at an instant by a key (its fingerprint)."""
    return f'({" ".join(components)});created={int(created)};keyid="{key}";alg="{ALGORITHM}"'


def headers(said: str, signature: bytes) -> dict[str, str]:
    """Return the headers of a signature with its parameters."""
    return {
        "Signature-Input": f"sig={said}",
        "Signature": f"sig=:{base64.b64encode(signature).decode()}:",
    }


def read(signature_input: str, signature: str, wanted: Sequence[str]) -> Signed:
    """Return what two headers say; raises `Invalid` unless they cover all that is wanted by one signature of ours."""
    found = _INPUT.fullmatch(signature_input) if len(signature_input) <= _MOST else None
    given = _SIGNATURE.fullmatch(signature) if len(signature) <= _MOST else None
    if found is None or given is None:
        raise Invalid("The message is not signed as agents sign: RFC 9421 with one signature, `sig`.")
    said = {name: text or number for name, text, number in _PARAMETER.findall(found[3])}
    components = tuple(found[2].split(" "))
    if len(set(components)) < len(components) or set(components) != set(wanted):
        raise Invalid(f"The signature covers other parts than {', '.join(wanted)}.")
    if said.get("alg", ALGORITHM) != ALGORITHM or not said.get("keyid"):
        raise Invalid(f"The signature names no key, or is not by {ALGORITHM}.")
    return Signed(found[1], components, said["keyid"], _created(said.get("created", "")), _bytes(given[1]))


def base(values: Mapping[str, str], components: Sequence[str], said: str) -> bytes:
    """Return what is signed (RFC 9421, section 2.5): a line for each component, and the parameters."""
    lines = [f"{name}: {values[name]}" for name in components]
    return "\n".join([*lines, f'"@signature-params": {said}']).encode()


def of_request(method: str, target: str, body_digest: str) -> dict[str, str]:
    """Return the values of a request's components; `target` is path and query."""
    path, _, query = target.partition("?")
    return {
        '"@method"': method,
        '"@path"': path,
        '"@query"': f"?{query}",
        '"content-digest"': body_digest,
    }


def of_answer(status: int, body_digest: str, asked: str) -> dict[str, str]:
    """Return the values of an answer's components; `asked` is the request's signature."""
    return {'"@status"': str(status), '"content-digest"': body_digest, '"signature";req;key="sig"': asked}


def _created(text: str) -> int:
    if not text.isdecimal() or len(text) > len(str(_MOST_CREATED)):
        raise Invalid("The signature does not say when it was made.")
    return int(text)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Invalid("The signature is no base64.") from None
