"""Certificates: uploaded, or managed by Hetzner for domains whose zones are here."""

import hashlib
from typing import Literal

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from vedette.core.clock import iso
from vedette.instruments.hetzner.fake.calls import Reply, Shape, failed, invalid
from vedette.instruments.hetzner.fake.state import Action, Certificate, Resource, State
from vedette.instruments.hetzner.fake.table import Route, Table
from vedette.instruments.hetzner.fake.visit import Visit

_DAYS_90 = 90 * 86_400
_ISSUED = "-----BEGIN CERTIFICATE-----\n(of the fake: nobody signed it)\n-----END CERTIFICATE-----\n"


class _New(msgspec.Struct, kw_only=True):
    name: str
    labels: dict[str, str] = {}
    type: Literal["uploaded", "managed"] = "uploaded"
    certificate: str | None = None
    private_key: str | None = None
    domain_names: list[str] = []


def _show(visit: Visit, one: Certificate) -> Shape:
    return {
        "id": one.id,
        "name": one.name,
        "labels": one.labels,
        "type": one.type,
        "certificate": one.pem,
        "created": iso(one.created),
        "not_valid_before": None if one.starts is None else iso(one.starts),
        "not_valid_after": None if one.ends is None else iso(one.ends),
        "domain_names": one.domains,
        "fingerprint": one.fingerprint,
        "status": _status(one) if one.type == "managed" else None,
        "used_by": [{"id": number, "type": "load_balancer"} for number in _users(visit.state, one.id)],
    }


def _status(one: Certificate) -> Shape:
    error = {"code": one.trouble[0], "message": one.trouble[1]} if one.trouble else None
    renewal = "scheduled" if one.issuance == "completed" else "unavailable"
    return {"issuance": one.issuance, "renewal": renewal, "error": error}


def _users(state: State, number: int) -> list[int]:
    return [
        balancer.id
        for balancer in state.load_balancers.values()
        if any(number in _certificates(service) for service in balancer.services)
    ]


def _certificates(service: Shape) -> list[object]:
    http = service.get("http")
    numbers = http.get("certificates") if isinstance(http, dict) else None
    return numbers if isinstance(numbers, list) else []


TABLE = Table(
    singular="certificate",
    plural="certificates",
    rows=lambda state: state.certificates,
    show=_show,
    filters={"type": lambda shape: shape["type"]},
)


def _create(visit: Visit) -> Reply:
    asked = visit.read(_New)
    TABLE.check(visit, asked.name, asked.labels)
    new = _managed(visit, asked) if asked.type == "managed" else _uploaded(visit, asked)
    TABLE.added(visit, new)
    action = visit.start("issue_certificate", Resource("certificate", new.id)) if new.pem is None else None
    body: Shape = {"certificate": _show(visit, new), "action": visit.shown(action) if action else None}
    return Reply(status=201, body=body)


def _managed(visit: Visit, asked: _New) -> Certificate:
    if not asked.domain_names:
        raise invalid("domain_names", "is required for managed certificates")
    return Certificate(
        id=visit.state.new_id(),
        name=asked.name,
        created=visit.now,
        labels=asked.labels,
        type="managed",
        domains=asked.domain_names,
        issuance="pending",
    )


def _uploaded(visit: Visit, asked: _New) -> Certificate:
    found = _parsed(asked.certificate or "", asked.private_key or "")
    return Certificate(
        id=visit.state.new_id(),
        name=asked.name,
        created=visit.now,
        labels=asked.labels,
        type="uploaded",
        domains=_names(found),
        pem=asked.certificate,
        fingerprint=":".join(
            f"{byte:02x}" for byte in hashlib.sha256(found.public_bytes(Encoding.DER)).digest()
        ),
        starts=found.not_valid_before_utc.timestamp(),
        ends=found.not_valid_after_utc.timestamp(),
    )


def _parsed(pem: str, private_key: str) -> x509.Certificate:
    try:
        found = x509.load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise invalid("certificate", "is not a certificate in PEM format") from error
    try:
        key = load_pem_private_key(private_key.encode(), None)
    except (ValueError, TypeError) as error:
        raise invalid("private_key", "is not a private key in PEM format") from error
    if key.public_key() != found.public_key():
        raise invalid("private_key", "does not belong to the certificate")
    return found


def _names(found: x509.Certificate) -> list[str]:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return names.get_values_for_type(x509.DNSName)


def _remove(visit: Visit) -> Reply:
    one = TABLE.removable(visit)
    if _users(visit.state, one.id):
        raise failed("resource_in_use", "certificate is still used by a load balancer")
    del visit.state.certificates[one.id]
    return Reply(status=204)


def _retry(visit: Visit) -> Reply:
    one = TABLE.act(visit)
    if one.issuance != "failed":
        raise failed("unsupported_error", "only a failed issuance is tried again")
    one.issuance, one.trouble = "pending", None
    return visit.acted(visit.start("issue_certificate", visit.free("certificate", one.id)))


def _issued(state: State, action: Action) -> None:
    one = state.certificates[action.owner.id]
    zones = {zone.name for zone in state.zones.values()}
    if not all(_covered(domain, zones) for domain in one.domains):
        raise failed("dns_zone_not_found", "no zone of the project is responsible for a domain")
    one.issuance, one.trouble, one.pem = "completed", None, _ISSUED
    one.starts, one.ends = action.ends, action.ends + _DAYS_90
    one.fingerprint = ":".join(f"{byte:02x}" for byte in hashlib.sha256(str(one.domains).encode()).digest())


def _covered(domain: str, zones: set[str]) -> bool:
    parts = domain.removeprefix("*.").split(".")
    return any(".".join(parts[at:]) in zones for at in range(len(parts)))


def _not_issued(state: State, action: Action) -> None:
    one = state.certificates[action.owner.id]
    one.issuance, one.trouble = "failed", action.trouble


ROUTES: list[Route] = TABLE.routes(
    ("POST", "/certificates", _create), ("POST", "actions/retry", _retry), removing=_remove
)
EFFECTS = {"certificate.issue_certificate": _issued}
UNDOING = {"certificate.issue_certificate": _not_issued}
