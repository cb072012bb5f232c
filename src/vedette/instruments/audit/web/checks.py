"""What web servers on this host tell and serve to strangers."""

import re

from vedette.instruments.audit.asking import bad_ones, lines, names_or, said, text_or, there
from vedette.instruments.audit.types import Check, NotApplicable, Verdict
from vedette.instruments.live.types import Live

_FOLDERS = ("/etc/nginx/conf.d", "/etc/nginx/sites-enabled", "/etc/nginx/snippets")
_ROOTS = ("/var/www", "/var/www/html", "/srv/www", "/usr/share/nginx/html")
_SECRETS = (
    ".git",
    ".env",
    ".svn",
    ".htpasswd",
    "wp-config.php.bak",
    "backup.sql",
    "dump.sql",
    "id_rsa",
    ".aws",
)


def _nginx(live: Live) -> str:
    main = text_or(live, "/etc/nginx/nginx.conf")
    if not main:
        raise NotApplicable("nginx is not on this host.")
    parts = [
        main,
        *(text_or(live, f"{folder}/{name}") for folder in _FOLDERS for name in names_or(live, folder)),
    ]
    return "\n".join(line for part in parts for line in lines(part))


def _values(live: Live, name: str) -> list[str]:
    return [value.strip() for value in re.findall(rf"(?m)^[ \t]*{name}\s+([^;]+);", _nginx(live))]


def _tokens(live: Live) -> list[Verdict]:
    found = _values(live, "server_tokens")
    fine = bool(found) and all(one in {"off", "build"} for one in found)
    return said(fine, f"server_tokens {found[-1] if found else 'on (default)'}")


def _protocols(live: Live) -> list[Verdict]:
    bad = sorted(
        {
            one
            for value in _values(live, "ssl_protocols")
            for one in value.split()
            if one in {"SSLv2", "SSLv3", "TLSv1", "TLSv1.1"}
        }
    )
    return said(not bad, f"ssl_protocols allows {', '.join(bad)}" if bad else "TLS 1.2 at least")


def _listings(live: Live) -> list[Verdict]:
    found = "on" in _values(live, "autoindex")
    return said(not found, "autoindex on" if found else "folders are not listed")


def _ciphers(live: Live) -> list[Verdict]:
    bad = []
    for value in _values(live, "ssl_ciphers"):
        names = value.strip("\"'").split(":")
        bad += [
            one
            for one in names
            if not one.startswith(("!", "-")) and re.search(r"RC4|DES|MD5|NULL|EXP|aNULL|\bLOW\b", one)
        ]
    return said(not bad, f"ssl_ciphers allows {', '.join(bad[:5])}" if bad else "no weak one is named")


def _alias(live: Live) -> list[Verdict]:
    """`location /files { alias /srv/files/; }`: /files../secret leaves the folder. Known as off-by-slash."""
    bad = re.findall(r"location\s+(/[\w/-]*[\w-])\s*\{[^{}]*alias\s+(\S+/);", _nginx(live))
    return bad_ones(
        ((where, f"alias {target} without a slash after the location") for where, target in bad),
        "none leaves its folder",
    )


def _runs_as(live: Live) -> list[Verdict]:
    found = (_values(live, "user") or ["nobody"])[-1].split()[0]
    return said(found != "root", f"its workers run as {found}")


def _lying_around(live: Live) -> list[Verdict]:
    roots = [one for one in dict.fromkeys([*_ROOTS, *(v for v in _roots(live))]) if there(live, one)]
    if not roots:
        raise NotApplicable("There is no web root.")
    bad = [
        (f"{root}/{name}", "it lies in a web root")
        for root in roots
        for name in names_or(live, root)
        if name in _SECRETS or name.endswith((".sql", ".sql.gz", ".pem", ".key"))
    ]
    return bad_ones(bad, f"{len(roots)} web roots")


def _roots(live: Live) -> list[str]:
    try:
        return [one.strip("\"'") for one in _values(live, "root") if one.startswith("/") and "$" not in one][
            :100
        ]
    except NotApplicable:
        return []


def _apache(live: Live) -> str:
    main = text_or(live, "/etc/apache2/apache2.conf")
    if not main:
        raise NotApplicable("Apache is not on this host.")
    folder = "/etc/apache2/conf-enabled"
    return "\n".join([main, *(text_or(live, f"{folder}/{name}") for name in names_or(live, folder))])


def _apache_value(live: Live, name: str, default: str) -> str:
    found = re.findall(rf"(?mi)^[ \t]*{name}\s+(\S+)", _apache(live))
    return found[-1] if found else default


def _apache_tokens(live: Live) -> list[Verdict]:
    value = _apache_value(live, "ServerTokens", "Full")
    return said(value.lower() in {"prod", "productonly"}, f"ServerTokens {value}")


def _apache_trace(live: Live) -> list[Verdict]:
    value = _apache_value(live, "TraceEnable", "On")
    return said(value.lower() == "off", f"TraceEnable {value}")


_READS = "/etc/nginx"
CHECKS: tuple[Check, ...] = (
    Check(id="web-nginx-tokens", title="nginx does not tell its version", risk=2, reads=_READS, look=_tokens,
          why="Robots choose their exploit by it.", fix="server_tokens off; in /etc/nginx/nginx.conf"),
    Check(id="web-nginx-protocols", title="nginx speaks TLS 1.2 at least", risk=5, reads=_READS, look=_protocols,
          why="Older ones can be read or downgraded by who sits on the way.", fix="ssl_protocols TLSv1.2 TLSv1.3;"),
    Check(id="web-nginx-ciphers", title="nginx speaks strong ciphers", risk=4, reads=_READS, look=_ciphers,
          why="RC4, DES and export ciphers can be read.", fix="`vedette guard render nginx` writes Mozilla's intermediate profile."),
    Check(id="web-nginx-listings", title="nginx lists no folders", risk=4, reads=_READS, look=_listings,
          why="Backups and uploads are found by it.", fix="Take autoindex on; out, or keep it to one location and waive it."),
    Check(id="web-nginx-alias", title="No location of nginx leaves its folder", risk=7, reads=_READS, look=_alias,
          why="/files../.env would be served.", fix="location /files/ { alias /srv/files/; }"),
    Check(id="web-nginx-user", title="nginx does not serve as root", risk=7, reads=_READS, look=_runs_as,
          why="Who breaks into it has the host.", fix="user www-data; in /etc/nginx/nginx.conf"),
    Check(id="web-lying-around", title="No secrets lie in a web root", risk=8, reads="web roots", look=_lying_around,
          why="/.git, /.env and dumps are what robots ask for first.", fix="Move them out of the web root, and change what stood in them."),
    Check(id="web-apache-tokens", title="Apache does not tell its version", risk=2, reads="/etc/apache2", look=_apache_tokens,
          why="Robots choose their exploit by it.", fix="ServerTokens Prod in /etc/apache2/conf-available/security.conf"),
    Check(id="web-apache-trace", title="Apache does not answer TRACE", risk=3, reads="/etc/apache2", look=_apache_trace,
          why="It sends back cookies that a script must not see.", fix="TraceEnable Off in /etc/apache2/conf-available/security.conf"),
)  # fmt: skip
