from tests.support.hardening.hosts import Pair, host, pair

from vedette.instruments.live.memory import MemoryLive

MAIN = "/etc/nginx/nginx.conf"
APACHE = "/etc/apache2/apache2.conf"


def nginx(good: str, bad: str) -> Pair:
    return site(good), site(bad)


def site(text: str) -> MemoryLive:
    return host(
        {MAIN: "user www-data;\nhttp { include sites-enabled/*; }\n", "/etc/nginx/sites-enabled/shop": text}
    )


EXAMPLES: dict[str, Pair] = {
    "web-nginx-tokens": nginx("server_tokens off;\n", "# server_tokens off;\n"),
    "web-nginx-protocols": nginx("ssl_protocols TLSv1.2 TLSv1.3;\n", "ssl_protocols TLSv1 TLSv1.2;\n"),
    "web-nginx-ciphers": nginx("ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:!RC4;\n", "ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:RC4-SHA;\n"),
    "web-nginx-listings": nginx("autoindex off;\n", "autoindex on;\n"),
    "web-nginx-alias": nginx("location /files/ { alias /srv/files/; }\n", "location /files { alias /srv/files/; }\n"),
    "web-nginx-user": (host({MAIN: "user www-data;\n"}), host({MAIN: "user root;\n"})),
    "web-lying-around": (host({"/var/www/html/index.html": ""}), host({"/var/www/html/.env": ""})),
    "web-apache-tokens": pair(APACHE, "ServerTokens Prod\n", "ServerTokens OS\n"),
    "web-apache-trace": pair(APACHE, "TraceEnable Off\n", "Timeout 300\n"),
}  # fmt: skip
