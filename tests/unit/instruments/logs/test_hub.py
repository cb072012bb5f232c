"""CrowdSec's hub tests: the same line tells our parsers the same address, service, outcome and user."""

import datetime
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support import hub
from tests.support.hub_lists import COUNTED, ELSEWHERE, SILENT

from vedette.instruments.logs import registry
from vedette.instruments.logs.addresses import normal
from vedette.instruments.logs.reading import Reader
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.instruments.logs.wanting import EVERYTHING

FAILED = {EntryKind.LOGIN_FAILED, EntryKind.USER_UNKNOWN}
NOW = 1_795_713_567.0
# What the hub's parser says by `log_type` (and `sub_type` where that decides): the kinds that mean the same.
OUTCOMES: Mapping[str, set[EntryKind]] = {
    "ssh_failed-auth": FAILED,
    "ssh_bad_keyexchange": {EntryKind.PROBE},
    "ssh_auth_timeout": {EntryKind.PROBE},
    "ssh_dispatch_fatal": {EntryKind.PROBE},
    "ssh_refused_conn": {EntryKind.REFUSED},
    "auth_success": {EntryKind.LOGIN_OK},
    "http_access-log": {EntryKind.REQUEST},
    "http_error-log": {EntryKind.OTHER},
    "http_error-log auth_fail": FAILED,
    "http_error-log req_limit_exceeded": {EntryKind.REFUSED},
    "http_error-log ssl_handshake_stopped": {EntryKind.PROBE},
    "bad_ssl_handshake": {EntryKind.PROBE},
    "mail_auth auth_fail": FAILED,
    "mail_auth auth_success": {EntryKind.LOGIN_OK},
    "modsecurity": {EntryKind.BLOCKED},
    "iptables_drop": {EntryKind.BLOCKED},
    "iptables_event": {EntryKind.OTHER},
    "ftp_failed_auth": FAILED,
    "mysql_failed_auth": FAILED,
    "mariadb_failed_auth": FAILED,
    "pgsql_failed_auth": FAILED,
    "gitea_failed_auth": FAILED,
    "nextcloud_failed_auth": FAILED,
    "nextcloud_bruteforce_attempt": FAILED,
    "nextcloud_domain_error": {EntryKind.PROBE},
    "pam_failed_auth": FAILED,
    "pam_user_lock": {EntryKind.REFUSED},
    "postfix spam-attempt": FAILED,
    "postfix non-smtp-command": {EntryKind.PROBE},
    "postfix": {EntryKind.REFUSED},
    "execve": {EntryKind.OTHER},
    "dovecot auth_failed": FAILED,
    "dovecot": {EntryKind.LOGIN_OK, EntryKind.PROBE},
    "postscreen": {EntryKind.PROBE},
}
SERVICES: Mapping[str, set[str]] = {
    "crowdsecurity/sshd-logs": {"ssh"},
    "crowdsecurity/sshd-success-logs": {"ssh"},
    "crowdsecurity/nginx-logs": {"http"},
    "crowdsecurity/nginx-proxy-manager-logs": {"http"},
    "hitech95/nginx-mail-logs": {"smtp"},
    "crowdsecurity/apache2-logs": {"http"},
    "crowdsecurity/caddy-logs": {"http"},
    "barnoux/caddy-coraza": {"http"},
    "crowdsecurity/traefik-logs": {"http"},
    "crowdsecurity/haproxy-logs": {"http"},
    "crowdsecurity/modsecurity": {"http"},
    "crowdsecurity/dovecot-logs": {"imap", "pop3"},
    "crowdsecurity/postfix-logs": {"smtp"},
    "crowdsecurity/postscreen-logs": {"smtp"},
    "vsftpd-logs": {"ftp"},
    "crowdsecurity/mysql-logs": {"mysql"},
    "crowdsecurity/mariadb-logs": {"mysql"},
    "crowdsecurity/pgsql-logs": {"postgresql"},
    "crowdsecurity/supabase-docker-pgsql": {"postgresql"},
    "crowdsecurity/nextcloud-logs": {"nextcloud"},
    "LePresidente/gitea-logs": {"gitea"},
    "crowdsecurity/iptables-logs": {"firewall"},
    "crowdsecurity/pam-logs": {"sudo"},
    "crowdsecurity/auditd-logs": {"audit"},
}
# Lines of which we say otherwise, and what. A row that is new or no longer true fails the test.
DIFFERENT: Mapping[tuple[str, str, int], str] = {
    ("base-upsun-httplog-logs", "crowdsecurity/nginx-logs", 0): "no line: wrapped by a platform of its own",
    # A connection to a mail proxy, and a client without a name in DNS: nothing happened yet.
    ("nginx-mail-logs", "hitech95/nginx-mail-logs", 0): "no entry",
    ("nginx-mail-logs", "hitech95/nginx-mail-logs", 1): "no entry",
    ("nginx-mail-logs", "hitech95/nginx-mail-logs", 3): "no entry",
    ("nginx-mail-logs", "hitech95/nginx-mail-logs", 6): "no entry",
    ("nginx-mail-logs", "hitech95/nginx-mail-logs", 7): "no entry",
    ("nginx-mail-logs", "hitech95/nginx-mail-logs", 10): "no entry",
    # A format of one site, of a request that is none.
    ("nginx_http-catch-npm", "crowdsecurity/nginx-logs", 3): "no entry",
    # UniFi writes no program, or its host twice, before what the kernel or sshd says.
    ("unifi-logs", "crowdsecurity/iptables-logs", 0): "no entry",
    ("unifi-logs", "crowdsecurity/iptables-logs", 1): "no entry",
    ("unifi-logs", "crowdsecurity/iptables-logs", 2): "no entry",
    ("unifi-logs", "crowdsecurity/sshd-logs", 0): "no entry",
    # Somebody came and went, or spoke no SSH: nobody tried to sign in.
    ("sshd-logs", "crowdsecurity/sshd-logs", 9): "probe",
    ("sshd-logs", "crowdsecurity/sshd-logs", 10): "probe",
    ("sshd-logs", "crowdsecurity/sshd-logs", 21): "probe",
}


def outcome(expected: hub.Expected) -> set[EntryKind]:
    told = expected.told
    kind = told.get("log_type") or told.get("service") or expected.parser.rpartition("/")[2]
    kind = "dovecot" if kind.startswith("dovecot") else kind
    more = told.get("sub_type") or told.get("log_type_enh") or told.get("dovecot_login_result") or ""
    return OUTCOMES.get(f"{kind} {more}".strip()) or OUTCOMES[kind]


def difference(expected: hub.Expected, entry: LogEntry | None) -> str:
    """Return in a word what is otherwise, empty when nothing is."""
    if not expected.line:
        return "no line: wrapped by a platform of its own"
    if entry is None:
        return "no entry"
    told = expected.told
    if entry.address != normal(told.get("source_ip", "")):
        return f"address {entry.address}"
    user = told.get("target_user", told.get("username", told.get("user")))
    if user is not None and entry.user != ("" if user == "-" else user):
        return f"user {entry.user}"
    if entry.service not in SERVICES[expected.parser]:
        return f"service {entry.service}"
    return "" if entry.kind in outcome(expected) else str(entry.kind)


@pytest.mark.corpus
@pytest.mark.parametrize("engine", ["hyperscan", "re2"])
def test_lines_of_the_hub_tell_the_same(corpora: Path, tmp_path: Path, engine: str) -> None:
    reader = Reader(registry.parsers(), EVERYTHING, zone=datetime.UTC, engine=engine, cache=tmp_path)
    expected = [one for name in COUNTED for one in hub.expectations(corpora, name) if one.parser in SERVICES]
    found = {}
    for one in expected:
        entry = next(reader.entries(one.line.encode() + b"\n", one.test, NOW), None)
        otherwise = difference(one, entry)
        if otherwise:
            found[one.test, one.parser, one.number] = otherwise
    assert found == DIFFERENT
    assert len(expected) == sum(COUNTED.values())
    assert len(DIFFERENT) <= 0.05 * len(expected)


@pytest.mark.corpus
def test_every_test_of_the_hub_counts_or_has_a_reason(corpora: Path) -> None:
    counted, silent, elsewhere = {}, set(), set()
    for name in hub.names(corpora):
        expected = hub.expectations(corpora, name)
        ours = sum(one.parser in SERVICES for one in expected)
        counted |= {name: ours} if ours else {}
        silent |= set() if expected else {name}
        elsewhere |= {one.parser for one in expected} - SERVICES.keys()
    assert counted == COUNTED
    assert silent == SILENT
    assert elsewhere == ELSEWHERE
