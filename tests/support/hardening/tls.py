import datetime as dt
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from tests.support.hardening.hosts import NOW, Pair, folder, host, made

from vedette.instruments.live.memory import MemoryLive

SITE = "/etc/nginx/sites-enabled/shop"
TEXT = "ssl_certificate /etc/ssl/shop.pem;\nssl_certificate_key /etc/ssl/shop.key;\n# ssl_certificate /nowhere.pem;\n"
# Signed by SHA-1, which today's library makes no more; a certificate of openssl with key EC P-256.
SHA1 = """-----BEGIN CERTIFICATE-----
MIIBhzCCAS6gAwIBAgIUDJdPaVFssob85PnLpwRValp7VkcwCQYHKoZIzj0EATAa
MRgwFgYDVQQDDA9vbGQuZXhhbXBsZS5vcmcwHhcNMjYxMTI2MTc0NzMyWhcNMzYx
MTIzMTc0NzMyWjAaMRgwFgYDVQQDDA9vbGQuZXhhbXBsZS5vcmcwWTATBgcqhkjO
PQIBBggqhkjOPQMBBwNCAAQgBRGy5c/6Q2FCU407nK+JT2btsQ23Wrd5AlXHmRgz
d8JgrFgj/LJ3VH7/msAU2A9IR2XouQyqnVTj+aPFSpeco1MwUTAdBgNVHQ4EFgQU
m5VT+HRJjMzZPLke/5XFa+6lhRAwHwYDVR0jBBgwFoAUm5VT+HRJjMzZPLke/5XF
a+6lhRAwDwYDVR0TAQH/BAUwAwEB/zAJBgcqhkjOPQQBA0gAMEUCIG0hG+V0Lrlh
bjEMJY31fLChUVvZ1VzJCwffc8F08LE+AiEA5Mm0hCb2SAYZtCgyPzAtx3NH1oqm
eewD8hmSqG39sb4=
-----END CERTIFICATE-----
"""


@functools.cache
def certificate(days: int = 60, bits: int = 0, names: bool = True) -> str:
    """Return a certificate that began 30 days ago, lasts so many days more, with a key of P-256 or RSA."""
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = (
        rsa.generate_private_key(65_537, bits) if bits else ec.generate_private_key(ec.SECP256R1())
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example.org")])
    now = dt.datetime.fromtimestamp(NOW, dt.UTC)
    made_ = x509.CertificateBuilder(
        name, name, key.public_key(), 7, now - dt.timedelta(30), now + dt.timedelta(days)
    )
    if names:
        made_ = made_.add_extension(
            x509.SubjectAlternativeName([x509.DNSName("shop.example.org")]), critical=False
        )
    return made_.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def shop(pem: str, mode: int = 0o600) -> MemoryLive:
    return host(
        {
            "/etc/nginx/nginx.conf": "",
            SITE: TEXT,
            "/etc/ssl/shop.pem": pem,
            "/etc/ssl/shop.key": made("", mode),
        }
    )


EXAMPLES: dict[str, Pair] = {
    "tls-expired": (shop(certificate()), shop(certificate(days=-1))),
    "tls-soon": (shop(certificate()), shop(certificate(days=5))),
    "tls-weak-key": (shop(certificate()), shop(certificate(bits=1024))),
    "tls-old-signature": (shop(certificate()), shop(SHA1)),
    "tls-names": (shop(certificate()), shop(certificate(names=False))),
    "tls-keys": (shop(certificate()), shop(certificate(), 0o644)),
    "tls-private": (host({"/etc/ssl/private/shop.key": made(mode=0o640)}), host({"/etc/ssl/private/shop.key": made(mode=0o644)})),
    "tls-folder": (host({"/etc/ssl/private": folder(0o710)}), host({"/etc/ssl/private": folder(0o755)})),
}  # fmt: skip
