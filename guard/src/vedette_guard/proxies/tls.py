"""Mozilla's intermediate profile of TLS, version 6.0 (https://ssl-config.mozilla.org/guidelines/6.0.json).

The profile also names the group X25519MLKEM768, which OpenSSL before 3.5 and Caddy before 2.10 do not know: a
configuration that names it would not load there, so it is left out, and said to be.
"""

from __future__ import annotations

SOURCE = "Mozilla's intermediate profile 6.0, https://ssl-config.mozilla.org/guidelines/6.0.json"
VERSIONS = ("TLSv1.2", "TLSv1.3")
# By their names in OpenSSL; those of the IANA follow from them.
CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
CIPHERS_IANA = (
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
)
CURVES = ("X25519", "prime256v1", "secp384r1")
LEFT_OUT = (
    "of the TLS profile: the group X25519MLKEM768 (it needs OpenSSL 3.5 or Caddy 2.10), and OCSP stapling where the"
    " proxy does not do it by itself (most authorities have ended OCSP)"
)
