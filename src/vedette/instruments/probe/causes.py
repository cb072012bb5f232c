"""What each cause means, and which cause an error of the system, of OpenSSL or of libcurl is. Decisions only.

Sources: errno(3); OpenSSL's x509_vfy.h (X509_V_ERR_*); libcurl-errors(3).
"""

import errno
from collections.abc import Mapping
from types import MappingProxyType

from vedette.instruments.probe.types import Cause, Phase

MEANINGS: Mapping[Cause, str] = MappingProxyType({
    Cause.NXDOMAIN: "The name does not exist.",
    Cause.NO_ADDRESS: "The name exists and has no address of the kind that is wanted.",
    Cause.SERVFAIL: "The resolver could not find out (SERVFAIL): often a broken zone or a failed DNSSEC validation.",
    Cause.RESOLVER_REFUSED: "The resolver refuses to answer (REFUSED).",
    Cause.RESOLVER_TIMEOUT: "The resolver was silent.",
    Cause.RESOLVER_UNREACHABLE: "No resolver can be reached, or none is configured.",
    Cause.BLOCKED_ADDRESS: "The address is private, loopback, link-local or otherwise not public, and checks may not reach it.",
    Cause.REFUSED: "Nothing listens on the port.",
    Cause.UNREACHABLE: "No way leads to the address.",
    Cause.RESET: "The connection was cut off by the other side (reset).",
    Cause.CLOSED_EARLY: "The connection was closed before the answer was complete.",
    Cause.TLS_EXPIRED: "A certificate has expired: the host's own, or one above it.",
    Cause.TLS_NOT_YET_VALID: "A certificate is not valid yet.",
    Cause.TLS_WRONG_NAME: "The certificate is for other names.",
    Cause.TLS_UNTRUSTED: "The certificate does not lead to a trusted authority; the sentence tells the chain.",
    Cause.TLS_PROTOCOL: "TLS could not be agreed on: old versions, no common cipher, or no TLS at all.",
    Cause.TLS_CLIENT_CERTIFICATE: "The certificate to show is missing, unreadable or not accepted.",
    Cause.STARTTLS_REFUSED: "The server does not offer or refuses STARTTLS.",
    Cause.TIMEOUT_IN_CONNECT: "No connection came about in time: packets are dropped on the way, or the host is overloaded.",
    Cause.TIMEOUT_IN_TLS: "The TLS handshake was not over in time.",
    Cause.TIMEOUT_IN_FIRST_BYTE: "The request was sent and no complete answer began in time.",
    Cause.TIMEOUT_IN_TRANSFER: "The answer began and was not over in time.",
    Cause.BAD_STATUS: "The status of the answer is not one that is accepted.",
    Cause.LOGIN_REFUSED: "The server does not accept the user or the password, or wants a way to sign in that Vedette does not offer.",
    Cause.NOT_SERVING: "The server answers and says of itself, or of what is asked for, that it is not ready.",
    Cause.NOT_FOUND: "The server answers and does not know what is asked for: a database, a service, a queue, a container, a file.",
    Cause.QUERY_FAILED: "The server refused or broke off what it was asked, and said why.",
    Cause.DAMAGED: "The file is damaged.",
    Cause.BAD_ANSWER: "The answer breaks the rules of its protocol.",
    Cause.BAD_REDIRECT: "A redirect leads nowhere, or where no check may go.",
    Cause.TOO_MANY_REDIRECTS: "Redirects go on and on.",
    Cause.BODY_TOO_LARGE: "The body is larger than the cap.",
    Cause.WRONG_RECORDS: "The records are not the expected ones, or name servers disagree.",
    Cause.DNSSEC: "The answer is not proven by DNSSEC.",
    Cause.PROXY: "The proxy cannot be used.",
    Cause.ASSERTION: "Everything answered, and an assertion does not hold; its number follows (`assertion-2`).",
    Cause.NO_ELEMENT: "A step of a journey found no such element on the page in time.",
    Cause.STEP_FAILED: "A step of a journey did not go as its script expects.",
    Cause.TIMEOUT_IN_STEP: "A journey was not over in time; the sentence names the step it was in.",
    Cause.SCRIPT_FAILED: "The script of a journey broke off by a mistake of its own.",
    Cause.OVER_LIMIT: "A journey used more memory, processor time or processes than it may, and was ended.",
    Cause.BAD_TARGET: "What is to be checked cannot be checked as it is written.",
    Cause.NO_PERMISSION: "Vedette may not do this on its machine (ICMP without the right to it, files outside the folders that are allowed, scripts without a user to run them).",
    Cause.NO_ROOM: "Vedette had no room to look: other journeys ran all the time, or the browser did not start.",
})  # fmt: skip

_ERRNO = {
    errno.ECONNREFUSED: Cause.REFUSED,
    errno.ECONNRESET: Cause.RESET,
    errno.EPIPE: Cause.RESET,
    errno.ECONNABORTED: Cause.RESET,
    errno.ETIMEDOUT: Cause.TIMEOUT_IN_CONNECT,
    errno.EACCES: Cause.UNREACHABLE,
    errno.EPERM: Cause.UNREACHABLE,
}
_TIMEOUTS = {
    None: Cause.TIMEOUT_IN_CONNECT,
    Phase.DNS: Cause.RESOLVER_TIMEOUT,
    Phase.CONNECT: Cause.TIMEOUT_IN_CONNECT,
    Phase.TLS: Cause.TIMEOUT_IN_TLS,
    Phase.FIRST_BYTE: Cause.TIMEOUT_IN_FIRST_BYTE,
    Phase.TRANSFER: Cause.TIMEOUT_IN_TRANSFER,
}
_VERIFY = {
    9: Cause.TLS_NOT_YET_VALID,
    10: Cause.TLS_EXPIRED,
    62: Cause.TLS_WRONG_NAME,
    63: Cause.TLS_WRONG_NAME,
    64: Cause.TLS_WRONG_NAME,
}
_CURL = {
    1: Cause.BAD_ANSWER,  # a protocol we do not speak, as the answer names it (HTTP/0.9)
    3: Cause.BAD_TARGET,
    5: Cause.PROXY,
    6: Cause.NXDOMAIN,
    8: Cause.BAD_ANSWER,
    16: Cause.BAD_ANSWER,
    18: Cause.CLOSED_EARLY,
    35: Cause.TLS_PROTOCOL,
    47: Cause.TOO_MANY_REDIRECTS,
    52: Cause.CLOSED_EARLY,
    58: Cause.TLS_CLIENT_CERTIFICATE,
    59: Cause.TLS_PROTOCOL,
    61: Cause.BAD_ANSWER,
    77: Cause.TLS_CLIENT_CERTIFICATE,
    83: Cause.TLS_UNTRUSTED,
    92: Cause.BAD_ANSWER,
    95: Cause.BAD_ANSWER,
    96: Cause.TLS_PROTOCOL,
    97: Cause.PROXY,
    98: Cause.TLS_CLIENT_CERTIFICATE,
    100: Cause.BAD_ANSWER,
}
WRONG_NAME = 62  # X509_V_ERR_HOSTNAME_MISMATCH
# What a parser breaks off with that did not expect an answer: that is bad, and no fault of Vedette's own.
UNREAD = (ValueError, RecursionError)
COULD_NOT_CONNECT, OUT_OF_TIME, TLS_FAILED, SEND_FAILED, RECEIVE_FAILED, NOT_VERIFIED = 7, 28, 35, 55, 56, 60


def of_errno(number: int | None) -> Cause:
    """Return the cause an error number of a socket stands for; what is not known is unreachable."""
    return _ERRNO.get(number or 0, Cause.UNREACHABLE)


def of_timeout(phase: Phase | None) -> Cause:
    """Return the cause when time ran out in a phase."""
    return _TIMEOUTS[phase]


def of_verification(code: int) -> Cause:
    """Return the cause an X509_V_ERR_* of OpenSSL stands for."""
    return _VERIFY.get(code, Cause.TLS_UNTRUSTED)


def of_curl(code: int, words: str, number: int, phase: Phase) -> Cause:
    """Return the cause of a CURLE_* code with libcurl's words, the errno behind it and the phase it came in."""
    if code == OUT_OF_TIME:
        return of_timeout(phase)
    if code == COULD_NOT_CONNECT:
        return Cause.PROXY if "proxy" in words.lower() else of_errno(number)
    if code == TLS_FAILED:
        return _of_handshake(words, number)
    if code == SEND_FAILED and phase is Phase.CONNECT:  # a datagram of HTTP/3 that nobody takes
        return of_errno(number) if number else Cause.REFUSED
    if code in {SEND_FAILED, RECEIVE_FAILED}:
        return _of_exchange(words)
    return _CURL.get(code, Cause.BAD_ANSWER)


def _of_handshake(words: str, number: int) -> Cause:
    said = words.lower()
    if "certificate required" in said or ("handshake failure" in said and "client cert" in said):
        return Cause.TLS_CLIENT_CERTIFICATE
    if number == errno.ECONNRESET or "reset by peer" in said:
        return Cause.RESET
    if "syscall" in said or "unexpected eof" in said:
        return Cause.CLOSED_EARLY
    return Cause.TLS_PROTOCOL


def _of_exchange(words: str) -> Cause:
    said = words.lower()
    if "certificate required" in said or "bad certificate" in said or "unknown ca" in said:
        return Cause.TLS_CLIENT_CERTIFICATE
    if "connect tunnel failed" in said or "proxy" in said:
        return Cause.PROXY
    if "chunk" in said or "invalid" in said or "malformed" in said:
        return Cause.BAD_ANSWER
    return Cause.CLOSED_EARLY if "eof" in said or "closed" in said else Cause.RESET


def of_ssl(reason: str) -> Cause:
    """Return the cause a reason of OpenSSL's handshake stands for (`WRONG_VERSION_NUMBER`)."""
    if "CERTIFICATE_REQUIRED" in reason or "BAD_CERTIFICATE" in reason or reason.endswith("UNKNOWN_CA"):
        return Cause.TLS_CLIENT_CERTIFICATE
    if "UNEXPECTED_EOF" in reason:
        return Cause.CLOSED_EARLY
    return Cause.TLS_PROTOCOL
