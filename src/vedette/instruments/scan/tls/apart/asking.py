"""A program of its own, run by the python that has sslyze: reads a job on its input, asks one server, writes what it saw.

It imports nothing of Vedette: its environment has an older `cryptography`. Job and answer are JSON, of the shapes in
`tls/answering.py`. What sslyze could not do is told by name, never left out.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from sslyze import (
    CertificateInfoExtraArgument,
    ProtocolWithOpportunisticTlsEnum,
    ScanCommand,
    ScanCommandAttemptStatusEnum,
    ScanCommandsExtraArguments,
    Scanner,
    ServerNetworkConfiguration,
    ServerNetworkLocation,
    ServerScanRequest,
    ServerScanStatusEnum,
)

_PROTOCOLS = {
    "SSL 2.0": "ssl_2_0", "SSL 3.0": "ssl_3_0", "TLS 1.0": "tls_1_0", "TLS 1.1": "tls_1_1", "TLS 1.2": "tls_1_2", "TLS 1.3": "tls_1_3",
}  # fmt: skip
_FLAGS = {
    "compression": ("tls_compression", "supports_compression"),
    "early_data": ("tls_1_3_early_data", "supports_early_data"),
    "ccs": ("openssl_ccs_injection", "is_vulnerable_to_ccs_injection"),
    "fallback": ("tls_fallback_scsv", "supports_fallback_scsv"),
    "heartbleed": ("heartbleed", "is_vulnerable_to_heartbleed"),
    "secure_renegotiation": ("session_renegotiation", "supports_secure_renegotiation"),
    "client_renegotiation": ("session_renegotiation", "is_vulnerable_to_client_renegotiation_dos"),
    "master_secret": ("tls_extended_master_secret", "supports_ems_extension"),
}
_TEXTS = {
    "robot": ("robot", "robot_result"),
    "sessions": ("session_resumption", "session_id_resumption_result"),
    "tickets": ("session_resumption", "tls_ticket_resumption_result"),
}
# Early data and the header are asked by HTTP, which nobody speaks who begins TLS half-way.
_BY_HTTP = {ScanCommand.TLS_1_3_EARLY_DATA, ScanCommand.HTTP_HEADERS}


Of = Callable[[str], Any]  # Any: what sslyze returns, which is not in the environment that checks types
Told = dict[str, object]


def main() -> None:
    """Answer the job on standard input."""
    job = json.load(sys.stdin)
    json.dump(_asked(job), sys.stdout)


def _asked(job: dict[str, Any]) -> Told:
    request = _request(job)
    scanner = Scanner(per_server_concurrent_connections_limit=job["at_once"], concurrent_server_scans_limit=1)
    scanner.queue_scans([request])
    found = next(iter(scanner.get_results()))
    if found.scan_status is not ServerScanStatusEnum.COMPLETED:
        trace = found.connectivity_error_trace
        return {
            "error": "".join(trace.format_exception_only()).strip() if trace else "it could not be reached"
        }
    probed = found.connectivity_result
    return {
        "client_certificate": probed.client_auth_requirement.name,
        **_told(found.scan_result, job.get("starttls", "")),
    }


def _request(job: dict[str, Any]) -> ServerScanRequest:
    place = ServerNetworkLocation(hostname=job["name"], port=job["port"], ip_address=job["address"])
    begins = job.get("starttls", "")
    how = ServerNetworkConfiguration(
        tls_server_name_indication=job["name"],
        tls_opportunistic_encryption=ProtocolWithOpportunisticTlsEnum[begins] if begins else None,
        network_timeout=job["patience"],
        network_max_retries=2,
    )
    extra = ScanCommandsExtraArguments()
    if job.get("authority"):
        extra = ScanCommandsExtraArguments(
            certificate_info=CertificateInfoExtraArgument(Path(job["authority"]))
        )
    commands = {each for each in ScanCommand if not (begins and each in _BY_HTTP)}
    return ServerScanRequest(
        server_location=place,
        network_configuration=how,
        scan_commands=commands,
        scan_commands_extra_arguments=extra,
    )


def _told(result: Any, begins: str) -> Told:
    failed: dict[str, str] = {}

    def of(name: str) -> Any:
        attempt = getattr(result, name)
        if attempt.status is ScanCommandAttemptStatusEnum.ERROR:
            trace = attempt.error_trace
            failed[name] = (
                "".join(trace.format_exception_only()).strip()[:300] if trace else str(attempt.error_reason)
            )
        return attempt.result

    told: Told = {
        "protocols": _protocols(of),
        "curves": _curves(of("elliptic_curves")),
        "certificates": _certificates(of),
    }
    for key, (command, field) in {**_FLAGS, **_TEXTS}.items():
        found = of(command)
        value = getattr(found, field) if found is not None else None
        told[key] = getattr(value, "name", value)
    told["header"] = None if begins else _header(of("http_headers"))
    return {**told, "failed": failed}


def _protocols(of: Of) -> dict[str, list[Told]]:
    found = {label: of(f"{name}_cipher_suites") for label, name in _PROTOCOLS.items()}
    return {
        label: [_cipher(each) for each in one.accepted_cipher_suites] for label, one in found.items() if one
    }


def _cipher(accepted: Any) -> Told:
    suite, key = accepted.cipher_suite, accepted.ephemeral_key
    return {
        "name": suite.name, "openssl": suite.openssl_name, "bits": suite.key_size, "anonymous": suite.is_anonymous,
        "exchange": getattr(key, "type_name", "") if key else "", "exchange_bits": key.size if key else 0,
        "curve": getattr(key, "curve_name", "") if key else "",
    }  # fmt: skip


def _curves(found: Any) -> list[str]:
    return [each.name for each in found.supported_curves or ()] if found else []


def _certificates(of: Of) -> list[Told]:
    found = of("certificate_info")
    return [_deployment(each) for each in found.certificate_deployments] if found else []


def _deployment(one: Any) -> Told:
    pem = [each.public_bytes(Encoding.PEM).decode() for each in one.received_certificate_chain]
    verified = one.verified_certificate_chain
    problems = [each.validation_error for each in one.path_validation_results if each.validation_error]
    stapled = one.ocsp_response
    return {
        "chain": pem, "trusted": verified is not None, "problem": str(problems[0]) if problems else "",
        "ordered": one.received_chain_has_valid_order is not False,
        "anchor_sent": bool(one.received_chain_contains_anchor_certificate),
        "symantec": bool(one.verified_chain_has_legacy_symantec_anchor),
        "must_staple": one.leaf_certificate_has_must_staple_extension,
        "timestamps": one.leaf_certificate_signed_certificate_timestamps_count,
        "stapled": stapled is not None,
        "stapled_status": _status(stapled),
    }  # fmt: skip


def _status(stapled: Any) -> str:
    if stapled is None:
        return ""
    try:
        return str(stapled.certificate_status.name)
    except ValueError:  # the authority did not answer: there is a response status alone
        return str(stapled.response_status.name)


def _header(found: Any) -> Told | None:
    if found is None or found.http_error_trace is not None:
        return None
    header = found.strict_transport_security_header
    if header is None:
        return {"present": False, "seconds": 0, "subdomains": False, "preload": False}
    return {
        "present": True, "seconds": header.max_age or 0, "subdomains": header.include_subdomains, "preload": header.preload,
    }  # fmt: skip


if __name__ == "__main__":
    main()
