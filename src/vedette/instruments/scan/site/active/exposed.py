"""Files and pages that nobody should be served, known by their content and not by their status.

What they are looked through with is RE2, whose time is linear: the content is a stranger's.
"""

import functools
import re
from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol
from urllib.parse import urljoin, urlsplit

from vedette.instruments.probe.types import Failed
from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.fetching import Fetcher, Page
from vedette.instruments.scan.site.types import Site

_SOURCE = "The code is public, and what is secret in it."
CHECKS = (
    Check("git-exposed", "The Git repository is served", 8.5, "All of the code and its history, secrets too, can be taken.", "Deny /.git and put other roots under the web server; change the secrets in it."),
    Check("svn-exposed", "The Subversion folder is served", 7.5, _SOURCE, "Deny /.svn."),
    Check("env-exposed", "The environment's file is served", 9.5, "Passwords and keys stand in it.", "Remove it from the served folder and change every secret in it."),
    Check("backup-exposed", "A copy of a file is served", 7.5, "Copies are not run but shown: code, and often passwords.", "Remove it, and deny *.bak, *.old and *~."),
    Check("dump-exposed", "A dump of a database is served", 9.5, "All of its data can be taken.", "Remove it; treat the data as taken."),
    Check("passwords-exposed", "A file of passwords is served", 8.0, "Hashes can be tried at leisure.", "Deny .ht* and change the passwords."),
    Check("private-key-exposed", "A private key is served", 9.8, "Whoever has it can be you.", "Remove it, and replace the key everywhere."),
    Check("folder-index-exposed", "A .DS_Store is served", 2.0, "It names the files of its folder.", "Remove it and deny it."),
    Check("status-exposed", "The server's status is served", 5.0, "It shows addresses and requests of users.", "Allow it to this machine alone."),
    Check("phpinfo-exposed", "phpinfo() is served", 5.5, "It shows settings, paths and the environment.", "Remove it."),
    Check("actuator-exposed", "Spring's actuator is served", 7.5, "It may show the environment, and memory with all secrets.", "Expose health alone: management.endpoints.web.exposure.include=health."),
    Check("profiler-exposed", "A framework's debugger is served", 7.0, "It shows requests, settings and queries, or runs code.", "Switch it off in production."),
    Check("admin-exposed", "The sign-in of an administration is public", 3.0, "Anybody can try passwords.", "Let it be reached through a VPN or with a second factor."),
    Check("api-described", "The description of the API is public", 0.0, "Fine if it is meant to be.", "Ask for a sign-in if it is not."),
    Check("source-map-exposed", "A source map holds the sources", 3.0, "The code before it was made small can be read, with its comments.", "Do not publish maps, or let your error tracker alone have them."),
)  # fmt: skip


class Pattern(Protocol):
    """A pattern of RE2."""

    def search(self, text: bytes, /) -> object:
        """Return a match, None where there is none."""


class _Look(NamedTuple):
    check: str
    path: str
    pattern: bytes


def _looks(check: str, pattern: bytes, *paths: str) -> tuple[_Look, ...]:
    return tuple(_Look(check, path, pattern) for path in paths)


_PHP = rb"(?s)\A\s*<\?php.*(?:;|define)"
LOOKS = (
    *_looks("git-exposed", rb"\A(?:ref: refs/|[0-9a-f]{40}\s*\z)", "/.git/HEAD"),
    *_looks("git-exposed", rb"\A\s*\[core\]", "/.git/config"),
    *_looks("svn-exposed", rb"\ASQLite format 3\0", "/.svn/wc.db"),
    *_looks("svn-exposed", rb"\A(?:8|9|10|12)\s*\n", "/.svn/entries"),
    *_looks("env-exposed", rb"(?im)^[ \t]*(?:export[ \t]+)?[A-Z][A-Z0-9_]*(?:KEY|SECRET|PASS|PASSWORD|TOKEN|URL|HOST|DSN|ENV|DEBUG)[A-Z0-9_]*[ \t]*=", "/.env", "/.env.local", "/.env.production", "/.env.bak"),
    *_looks("backup-exposed", _PHP, "/wp-config.php.bak", "/wp-config.php~", "/wp-config.php.old", "/config.php.bak", "/index.php.bak", "/index.php~"),
    *_looks("backup-exposed", rb"(?m)^(?:import |from \S+ import |[A-Z_]+ = )", "/settings.py.bak", "/settings.py~", "/config.py.old"),
    *_looks("backup-exposed", rb"\A(?:PK\x03\x04|\x1f\x8b)", "/backup.zip", "/backup.tar.gz", "/www.zip"),
    *_looks("dump-exposed", rb"(?im)^(?:-- (?:MySQL|MariaDB|PostgreSQL) |CREATE TABLE|INSERT INTO)", "/dump.sql", "/backup.sql", "/database.sql", "/db.sql"),
    *_looks("dump-exposed", rb"\ASQLite format 3\0", "/db.sqlite3", "/database.sqlite"),
    *_looks("passwords-exposed", rb"(?m)\A[\w.@-]{1,60}:(?:\$(?:apr1|2[aby]|5|6)\$|\{SHA\}|[./0-9A-Za-z]{13}\s*$)", "/.htpasswd"),
    *_looks("private-key-exposed", rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----", "/id_rsa", "/.ssh/id_rsa", "/server.key", "/privkey.pem"),
    *_looks("folder-index-exposed", rb"\A\0\0\0\x01Bud1", "/.DS_Store"),
    *_looks("status-exposed", rb"Apache Server Status for|Active connections: \d+", "/server-status", "/nginx_status"),
    *_looks("phpinfo-exposed", rb"<title>[^<]{0,40}phpinfo\(\)|PHP Version </td>|<h1 class=\"p\">PHP Version", "/phpinfo.php", "/info.php"),
    *_looks("actuator-exposed", rb'"_links"\s*:.*"(?:env|heapdump|beans|configprops)"|"propertySources"\s*:', "/actuator", "/actuator/env"),
    *_looks("profiler-exposed", rb"(?i)Symfony Profiler|sf-toolbar|Telescope - |<title>Laravel Telescope", "/_profiler/", "/telescope"),
    *_looks("profiler-exposed", rb"Rails\.root:|<title>Action Controller: Exception|Werkzeug Debugger|EVALEX|Interactive Console", "/rails/info/properties", "/console"),
    *_looks("admin-exposed", rb"(?i)<title>[^<]{0,60}(?:Django site admin|phpMyAdmin|Log In &lsaquo;|Adminer)|pma_username", "/admin/login/", "/phpmyadmin/", "/adminer.php", "/wp-login.php"),
    *_looks("api-described", rb'"(?:openapi|swagger)"\s*:\s*"[23]\.', "/openapi.json", "/swagger.json", "/v2/api-docs"),
)  # fmt: skip
_MAP = re.compile(r"[#@]\s*sourceMappingURL=([^\s*'\"]{1,300})")
_MOST_SCRIPTS = 5
_LOOKED_AT = 64 << 10
_NEVER_MARKUP = frozenset({"env-exposed", "dump-exposed"})


async def probe(site: Site, fetcher: Fetcher) -> AsyncIterator[Hit]:
    """Ask for each path once; what a path that cannot be there answers with is no file."""
    none = await fetcher.get(site.at("/vedette-no-such-page-7f3a/.env"), cut=True)
    found: set[str] = set()
    for look in LOOKS:
        if look.check in found:
            continue
        page = await fetcher.get(site.at(look.path), cut=True)
        if _is(look, page) and not (none.status == 200 and _is(look, none)):
            found.add(look.check)
            yield Hit(look.check, page.url, f"{len(page.body)} bytes that look like it")
    async for hit in _maps(site, fetcher):
        yield hit


def _is(look: _Look, page: Page) -> bool:
    text = page.body[:_LOOKED_AT]
    markup = look.check in _NEVER_MARKUP and text.lstrip().startswith(b"<")
    return page.status == 200 and not markup and bool(_compiled(look.pattern).search(text))


@functools.cache
def _compiled(pattern: bytes) -> Pattern:
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    made: Pattern = re2.compile(pattern, options)
    return made


async def _maps(site: Site, fetcher: Fetcher) -> AsyncIterator[Hit]:
    sources = [
        urljoin(page.url, tag.attributes.get("src", ""))
        for page, document in zip(site.pages, site.documents, strict=True)
        for tag in document.named("script")
        if tag.attributes.get("src")
    ]
    ours = [url for url in dict.fromkeys(sources) if urlsplit(url).netloc == urlsplit(site.start.url).netloc]
    for url in ours[:_MOST_SCRIPTS]:
        script = await fetcher.get(url)
        named = _MAP.findall(script.text[-2000:])
        where = urljoin(url, named[-1]) if named else ""
        if not where or urlsplit(where).netloc != urlsplit(url).netloc:
            continue
        try:
            page = await fetcher.get(where)
        except Failed:  # a map larger than we read, most likely
            continue
        if page.status == 200 and b'"sourcesContent"' in page.body:
            yield Hit("source-map-exposed", where)
