"""Certificates on this host, as services name them: how long they last, how strong they are, and who may read their keys."""

import re
from typing import TYPE_CHECKING

from vedette.instruments.audit.asking import bad_ones, names_or, text_or, there
from vedette.instruments.audit.types import Check, NotApplicable, Untold, Verdict
from vedette.instruments.live.types import Live, Missing, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.x509 import Certificate

_DAY = 86_400
_MOST = 300
_NGINX = re.compile(r"^[ \t]*ssl_certificate(_key)?\s+\"?([^\s;\"]+)", re.MULTILINE)
_APACHE = re.compile(r"^[ \t]*SSLCertificate(Key)?File\s+\"?([^\s\"]+)", re.MULTILINE | re.IGNORECASE)
_POSTFIX = re.compile(r"^[ \t]*smtpd_tls_(cert|key)_file\s*=\s*(\S+)", re.MULTILINE)
_DOVECOT = re.compile(r"^[ \t]*ssl_(cert|key)\s*=\s*<(\S+)", re.MULTILINE)
_PLACES = (
    (_NGINX, ("/etc/nginx/nginx.conf",), ("/etc/nginx/sites-enabled", "/etc/nginx/conf.d")),
    (_APACHE, ("/etc/apache2/apache2.conf",), ("/etc/apache2/sites-enabled", "/etc/apache2/conf-enabled")),
    (_POSTFIX, ("/etc/postfix/main.cf",), ()),
    (_DOVECOT, ("/etc/dovecot/dovecot.conf", "/etc/dovecot/conf.d/10-ssl.conf"), ()),
)  # fmt: skip


def _named(live: Live) -> tuple[list[str], list[str]]:
    """Return certificates and keys that configurations name, and those of Let's Encrypt."""
    certificates: list[str] = []
    keys: list[str] = []
    for pattern, files, folders in _PLACES:
        every: list[str] = [
            *files,
            *(f"{folder}/{name}" for folder in folders for name in names_or(live, folder)),
        ]
        for path in every[:_MOST]:
            for kind, found in pattern.findall(_text(live, path)):
                (keys if "key" in kind.lower() else certificates).append(found)
    for name in names_or(live, "/etc/letsencrypt/live"):
        if name != "README":
            certificates.append(f"/etc/letsencrypt/live/{name}/fullchain.pem")
            keys.append(f"/etc/letsencrypt/live/{name}/privkey.pem")
    return _literal(certificates), _literal(keys)


def _literal(paths: list[str]) -> list[str]:
    """Return the paths that stand as they are, without variables, once each."""
    return [one for one in dict.fromkeys(paths) if one.startswith("/") and "$" not in one][:_MOST]


def _text(live: Live, path: str) -> str:
    try:
        return text_or(live, path)
    except Unreadable:
        return ""


def _certificates(live: Live) -> "_Certificates":
    from cryptography.x509 import load_pem_x509_certificate

    paths, _ = _named(live)
    if not paths:
        raise NotApplicable("No service names a certificate.")
    found, untold = [], []
    for path in paths:
        try:
            found.append((path, load_pem_x509_certificate(live.text(path).encode())))
        except (Missing, Unreadable, ValueError) as error:
            untold.append(f"{path} is named and was not read: {error}")
    return _Certificates(found, untold)


class _Certificates:
    """The certificates that were read, and what was not."""

    def __init__(self, found: "list[tuple[str, Certificate]]", untold: list[str]) -> None:
        self._found = found
        self._untold = untold

    def __iter__(self) -> "Iterator[tuple[str, Certificate]]":
        return iter(self._found)

    def judged(self, bad: list[tuple[str, str]]) -> list[Verdict]:
        """What is bad is bad; that nothing is can be said only when all were read."""
        if not bad and self._untold:
            raise Untold(self._untold[0])
        return bad_ones(bad, f"{len(self._found)} certificates")


def _expired(live: Live) -> list[Verdict]:
    bad, found = [], _certificates(live)
    for path, one in found:
        left = (one.not_valid_after_utc.timestamp() - live.now) / _DAY
        if left < 0:
            bad.append((path, f"it expired {-left:.0f} days ago"))
    return found.judged(bad)


def _soon(live: Live) -> list[Verdict]:
    """Short-lived certificates are renewed in their last third: what is left is told beside how long they are valid."""
    bad, found = [], _certificates(live)
    for path, one in found:
        ends, starts = one.not_valid_after_utc.timestamp(), one.not_valid_before_utc.timestamp()
        left, least = (ends - live.now) / _DAY, min(14.0, (ends - starts) / _DAY / 4)
        if 0 <= left < least:
            bad.append((path, f"it expires in {left:.0f} days and was not renewed"))
    return found.judged(bad)


def _weak(live: Live) -> list[Verdict]:
    from cryptography.hazmat.primitives.asymmetric.dsa import DSAPublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    bad, found = [], _certificates(live)
    for path, one in found:
        key = one.public_key()
        if isinstance(key, RSAPublicKey) and key.key_size < 2048:
            bad.append((path, f"its key is RSA of {key.key_size} bits"))
        elif isinstance(key, DSAPublicKey):
            bad.append((path, "its key is DSA"))
    return found.judged(bad)


def _old_signature(live: Live) -> list[Verdict]:
    bad, found = [], _certificates(live)
    for path, one in found:
        used = one.signature_hash_algorithm
        if used is not None and used.name in {"md5", "sha1"}:
            bad.append((path, f"it is signed by {used.name}"))
    return found.judged(bad)


def _nameless(live: Live) -> list[Verdict]:
    from cryptography.x509 import ExtensionNotFound, SubjectAlternativeName

    bad, found = [], _certificates(live)
    for path, one in found:
        try:
            one.extensions.get_extension_for_class(SubjectAlternativeName)
        except ExtensionNotFound:
            bad.append((path, "it has no subjectAltName, so no browser takes it"))
    return found.judged(bad)


def _keys(live: Live) -> list[Verdict]:
    _, paths = _named(live)
    if not paths:
        raise NotApplicable("No service names a key.")
    return _closed(live, paths)


def _private(live: Live) -> list[Verdict]:
    folder = "/etc/ssl/private"
    found = [f"{folder}/{name}" for name in names_or(live, folder)]
    if not found:
        raise NotApplicable("There are no keys in /etc/ssl/private.")
    return _closed(live, found)


def _closed(live: Live, paths: list[str]) -> list[Verdict]:
    bad, seen = [], 0
    for path in paths:
        if not there(live, path):
            continue
        found = live.status(path)
        seen += 1
        if found.kind == "file" and found.mode & 0o037:
            bad.append((path, f"mode {found.mode:04o}, owner {found.uid}"))
    if not seen:
        raise Untold("None of the keys that are named is there.")
    return bad_ones(bad, f"{seen} keys")


def _folder(live: Live) -> list[Verdict]:
    try:
        found = live.status("/etc/ssl/private")
    except Missing:
        raise NotApplicable("/etc/ssl/private is not there.") from None
    fine = not found.mode & 0o027 and found.uid == 0
    return [Verdict(fine, f"/etc/ssl/private has mode {found.mode:04o}, owner {found.uid}")]


_READS = "nginx, Apache, Postfix, Dovecot, /etc/letsencrypt/live"
CHECKS: tuple[Check, ...] = (
    Check(id="tls-expired", title="No certificate has expired", risk=7, reads=_READS, look=_expired,
          why="Browsers refuse it, and people learn to click past the warning.", fix="certbot renew, or as it was obtained"),
    Check(id="tls-soon", title="Certificates are renewed in time", risk=5, reads=_READS, look=_soon,
          why="Renewal has failed by now, or nobody thought of it.", fix="certbot renew --dry-run tells why"),
    Check(id="tls-weak-key", title="Keys of certificates are strong", risk=6, reads=_READS, look=_weak,
          why="RSA below 2048 bits is factored by who can pay for it.", fix="Obtain one with an ECDSA P-256 key."),
    Check(id="tls-old-signature", title="Certificates are not signed by SHA-1 or MD5", risk=5, reads=_READS, look=_old_signature,
          why="Such a signature can be forged.", fix="Obtain one from an authority of today."),
    Check(id="tls-names", title="Certificates say for which names they are", risk=3, reads=_READS, look=_nameless,
          why="Browsers look at subjectAltName alone.", fix="Obtain one with subjectAltName."),
    Check(id="tls-keys", title="Keys of certificates are not for everybody", risk=8, reads=_READS, look=_keys,
          why="Who has the key can pretend to be this host, and read what is sent to it.", fix="chmod 0600 FILE && chown root:root FILE"),
    Check(id="tls-private", title="Keys in /etc/ssl/private are not for everybody", risk=7, reads="/etc/ssl/private", look=_private,
          why="Who has the key can pretend to be this host.", fix="chown root:ssl-cert FILE && chmod 0640 FILE"),
    Check(id="tls-folder", title="/etc/ssl/private is closed", risk=5, reads="/etc/ssl/private", look=_folder,
          why="A key that is put there with a wrong mode is still safe in a closed folder.", fix="chown root:ssl-cert /etc/ssl/private && chmod 0710 /etc/ssl/private"),
)  # fmt: skip
