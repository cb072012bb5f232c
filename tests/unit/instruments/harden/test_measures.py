"""What measures find to do on a Debian as it is installed, and that nothing is left to do afterwards."""

import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hardenable import carried_out, debian, without

from vedette.instruments.audit import registry as audit
from vedette.instruments.harden import asking, planning, registry
from vedette.instruments.harden.areas import databases, disks, firewall, kernel, ssh, web
from vedette.instruments.harden.reading import with_settings
from vedette.instruments.harden.types import Facts, Mode, Put, Value, Wanted
from vedette.instruments.live.memory import Made
from vedette.wire.finding import FindingState
from vedette.wire.infra import Rule

ANY = ("0.0.0.0/0", "::/0")
USUAL = Wanted()
# What facts alone do not tell: the kernel's rules are asked of the kernel, in deep tests.
FROM_THE_KERNEL = {"firewall-input-4", "firewall-input-6", "mount-dev-shm-noexec", "net-source-checked"}


def planned(facts: Facts, measure: str, wanted: Wanted = USUAL) -> tuple[list[object], str]:
    found = next(one for one in planning.plan(facts, wanted).planned if one.measure == measure)
    return list(found.steps), "\n".join(found.notes)


def put(facts: Facts, measure: str, path: str, wanted: Wanted = USUAL) -> str:
    return next(
        one.text for one in planned(facts, measure, wanted)[0] if isinstance(one, Put) and one.path == path
    )


def test_every_measure_names_checks_that_there_are() -> None:
    named = [check for one in registry.measures().values() for check in one.checks]
    assert set(named) <= set(audit.checks())
    assert len(named) == len(set(named)) >= 120


def test_what_a_plan_leaves_needs_nothing_more() -> None:
    wanted = Wanted(level=2)
    first = planning.plan(debian(), wanted)
    after = carried_out(debian(), first)
    second = planning.plan(after, wanted)
    assert len(first.changes) > 25
    assert planning.lines(second.changes) == []
    assert second.score > first.score + 25
    failed = {one.check for one in planning.findings(after) if one.state is FindingState.FAILED}
    assert failed <= FROM_THE_KERNEL


def test_a_measure_is_left_out_by_its_name_or_by_all_of_its_checks() -> None:
    waived = Wanted(
        waived={
            "ssh-forwarding": "a jump host",
            "session-dumps": "traces",
            "session-kept-dumps": "traces",
            "ssh-x11": "no",
        }
    )
    by_id = {one.measure: one for one in planning.plan(debian(), waived).planned}
    assert by_id["ssh-forwarding"].waived == "a jump host"
    assert by_id["session-dumps"].waived == "traces"
    assert not by_id["session-dumps"].steps
    assert by_id["ssh"].steps


def test_a_waived_check_keeps_what_it_is_about_as_it_is() -> None:
    waived = Wanted(
        waived=dict.fromkeys(
            ("ssh-banner", "kernel-pointers", "net-martians", "kernel-module-sctp", "cron-d"), "why"
        )
    )
    assert "Banner" not in put(debian(), "ssh", ssh.FILE, waived)
    text = put(debian(), "kernel-values", kernel.FILE, waived)
    assert "kptr_restrict" not in text
    assert "log_martians" not in text
    assert "dmesg_restrict" in text
    assert "sctp" not in put(debian(), "kernel-modules", kernel.MODULES_FILE, waived)
    assert "/etc/cron.d" not in [
        one.path for one in planned(debian(), "files-cron", waived)[0] if isinstance(one, Mode)
    ]
    assert set(ssh._CHECKS.values()) <= set(audit.checks())
    assert set(ssh._OPTIONS) - set(ssh._CHECKS) == {"PubkeyAuthentication"}


def test_whoever_signs_in_now_is_not_shut_out() -> None:
    text = put(debian(), "ssh", ssh.FILE)
    assert "PermitRootLogin prohibit-password\n" in text
    assert "AllowUsers ann root\n" in text
    text = put(debian(login="ann"), "ssh", ssh.FILE)
    assert "PermitRootLogin no\n" in text
    assert "AllowUsers ann\n" in text


def test_what_others_said_of_who_may_sign_in_stays() -> None:
    facts = debian({"/etc/ssh/sshd_config.d/50-team.conf": "AllowGroups ssh-users\n"})
    assert "AllowUsers" not in put(facts, "ssh", ssh.FILE)


def test_sshd_reads_the_folder_before_all_else() -> None:
    facts = debian(
        {ssh.MAIN: Made(text="Port 22\nMatch User x\n  Include /etc/ssh/sshd_config.d/*.conf\n", mode=0o644)}
    )
    assert put(facts, "ssh", ssh.MAIN).startswith("Include /etc/ssh/sshd_config.d/*.conf\n")
    assert planned(without(debian(), ssh.MAIN), "ssh") == (
        [],
        "sshd has no configuration here, so nothing of it was changed.",
    )


def test_what_sshd_config_says_agrees_with_what_counts() -> None:
    text = "# PasswordAuthentication is said below\nPasswordAuthentication yes\nPort 2222\nmaxauthtries 9\nMatch User x\n  PasswordAuthentication yes\n"
    said = put(debian({ssh.MAIN: text}), "ssh", ssh.MAIN)
    everybody, _, some = said.partition("Match")
    assert (
        "# PasswordAuthentication is said below\nPasswordAuthentication no\nPort 2222\nMaxAuthTries 4\n"
        in everybody
    )
    assert everybody.count("MaxAuthTries") == 1
    assert "HostbasedAuthentication no\n" in everybody
    assert some == " User x\n  PasswordAuthentication yes\n"
    assert "AllowUsers" not in said  # of these, sshd adds every line to the others
    kept = put(debian({ssh.MAIN: text}), "ssh", ssh.MAIN, Wanted(waived={"ssh-passwords": "kiosk"}))
    assert "said below\nPasswordAuthentication yes\n" in kept


@given(
    st.lists(
        st.sampled_from(
            [
                "Port 22",
                "LogLevel quiet",
                "loglevel DEBUG",
                "# LogLevel x",
                "Match all",
                "  LogLevel QUIET",
                "",
            ]
        )
    )
)
def test_a_main_file_that_agrees_is_left_alone(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    once = ssh.main_file(text, {"LogLevel": "INFO"})
    assert ssh.main_file(once, {"LogLevel": "INFO"}) == once
    before, after = text.partition("Match all\n")[2], once.partition("Match all\n")[2]
    assert before == after


def test_rules_for_passwords_are_there_before_their_package_is() -> None:
    path = "/etc/security/pwquality.conf"
    assert "minlen = 14\n" in put(debian(), "user-quality", path)
    text = put(debian({path: "# minlen = 8\nminlen = 8\nretry = 3\n"}), "user-quality", path)
    assert text.startswith("# minlen = 8\nminlen = 14\nretry = 3\nminclass = 4\n")
    assert text.endswith("enforce_for_root\n")


def test_logs_are_closed_except_their_folders() -> None:
    folder, log = Made(text=None, mode=0o755), Made(text="", mode=0o664)
    facts = debian(
        {"/var/log/apt": folder, "/var/log/wtmp": log, "/var/log/README": Made(text="", mode=0o777)}
    )
    meant = {one.path for one in planned(facts, "log-modes")[0] if isinstance(one, Mode)}
    assert meant == {"/var/log/auth.log", "/var/log/wtmp"}


def test_routers_go_on_routing_and_what_announces_routers_is_heard() -> None:
    router = debian(
        {"/proc/sys/net/ipv4/conf/docker0/rp_filter": "1"},
        {"ip -6 route show default": "default via fe80::1 dev eth0 proto ra"},
    )
    assert "net.ipv4.ip_forward" not in kernel.values(router, USUAL)
    assert "net.ipv6.conf.all.accept_ra" not in kernel.values(router, USUAL)
    assert kernel.values(debian(), USUAL)["net.ipv4.ip_forward"] == "0"
    assert "hook forward priority filter; policy drop;" in firewall.ruleset((), (22,), routed=False)
    assert "hook forward priority filter; policy accept;" in firewall.ruleset((), (22,), routed=True)
    unused = debian({"/proc/sys/net/ipv4/conf/tunl0/rp_filter": "1"})
    assert kernel.values(unused, USUAL)["net.ipv4.ip_forward"] == "0"


def test_values_are_set_at_once_only_where_that_is_wanted() -> None:
    steps, _ = planned(debian(), "kernel-values", Wanted(live=("net.",)))
    assert {one.name.split(".")[0] for one in steps if isinstance(one, Value)} == {"net"}
    assert "kernel.kptr_restrict = 2" in put(debian(), "kernel-values", kernel.FILE)


def test_a_loaded_module_is_left_and_told() -> None:
    facts = debian({"/proc/modules": "sctp 1 0 - Live 0x0\n"})
    assert "install sctp" not in put(facts, "kernel-modules", kernel.MODULES_FILE)
    assert "sctp is loaded" in planned(facts, "kernel-modules")[1]


def test_rules_of_the_firewall_come_from_intents() -> None:
    rules = (
        Rule(protocol="tcp", port="443", peers=ANY), Rule(protocol="tcp", port="22", peers=("203.0.113.0/24", "2001:db8::/32")),
        Rule(protocol="udp", port="1-65535", peers=("10.0.0.0/16",)), Rule(direction="out", protocol="tcp", port="25", peers=ANY),
    )  # fmt: skip
    text = firewall.ruleset(rules, (22,), routed=False)
    assert "\t\ttcp dport 443 accept\n" in text
    assert "ip saddr { 203.0.113.0/24 } tcp dport 22 accept\n" in text
    assert "ip6 saddr { 2001:db8::/32 } tcp dport 22 accept\n" in text
    assert "ip saddr { 10.0.0.0/16 } meta l4proto 17 accept" in text
    assert "25" not in text.replace("2001", "")
    assert "\t\ttcp dport 22 accept" not in text
    assert "tcp dport 2222 accept" in firewall.ruleset(rules, (2222,), routed=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="nft checks rules for root alone")
def test_nft_understands_the_rules() -> None:
    rules = (
        Rule(protocol="tcp", port="8000-8010", peers=("10.0.0.0/8", "fd00::/8")),
        Rule(protocol="udp", port="", peers=ANY),
    )
    text = firewall.ruleset(rules, (22, 2222), routed=False)
    done = subprocess.run(
        ["unshare", "-n", "/usr/sbin/nft", "-c", "-f", "-"],
        input=text,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_what_is_closed_by_it_and_what_containers_publish_is_told() -> None:
    ruled = "tcp dport 5432 counter dnat to 172.17.0.2:5432\nudp dport 53 dnat to 172.17.0.3:53\n"
    facts = debian(says={"nft list ruleset": ruled})
    wanted = Wanted(rules=(Rule(protocol="udp", port="53", peers=ANY),))
    notes = planned(facts, "firewall", wanted)[1]
    assert "tcp/8080 listens on 0.0.0.0 and no rule lets it in" in notes
    assert "publishes port 5432 past what input drops; it is closed before it is forwarded" in notes
    assert "publishes port 53 past what input drops; it is let in by a rule" in notes
    assert "127.0.0.1" not in notes


def test_without_anybodys_word_the_web_stays_open() -> None:
    text = put(debian(), "firewall", firewall.FILE)
    assert "tcp dport 443 accept" in text
    assert "dport 80 " not in text
    assert "dport 8080" not in text


def test_whoever_comes_from_where_no_rule_lets_in_is_told() -> None:
    wanted = Wanted(rules=(Rule(protocol="tcp", port="22", peers=("198.51.100.0/24",)),))
    assert "203.0.113.5" in planned(debian(), "firewall", wanted)[1]
    wanted = Wanted(rules=(Rule(protocol="tcp", port="22", peers=("203.0.113.0/24",)),))
    assert "203.0.113.5" not in planned(debian(), "firewall", wanted)[1]


def test_another_program_that_keeps_the_firewall_is_left_alone() -> None:
    status = (
        debian().text("/var/lib/dpkg/status") + "\n\nPackage: ufw\nStatus: install ok installed\nVersion: 1"
    )
    steps, notes = planned(debian({"/var/lib/dpkg/status": status}), "firewall")
    assert not steps
    assert "ufw keeps this host's firewall" in notes


def test_rules_that_somebody_wrote_are_kept() -> None:
    facts = debian({firewall.MAIN: "table inet mine { chain c { tcp dport 1 accept; } }\n"})
    assert (
        put(facts, "firewall", firewall.MAIN)
        == 'table inet mine { chain c { tcp dport 1 accept; } }\ninclude "/etc/nftables.d/*.nft"\n'
    )
    assert "flush ruleset" in put(debian(), "firewall", firewall.MAIN)


def test_settings_are_changed_where_they_stand() -> None:
    (step,) = with_settings(debian(), "/etc/login.defs", {"UMASK": "027", "NEW": "1"}, " ")
    assert step.text.startswith("MAIL_DIR /var/mail\nUMASK 027\n")
    assert step.text.endswith("# UMASK 022\nNEW 1\n")


@given(st.text(alphabet="UMASK #=\t\n0127abc", max_size=60))
def test_settings_that_were_changed_stay(text: str) -> None:
    facts = debian({"/etc/x": text})
    (once,) = with_settings(facts, "/etc/x", {"UMASK": "027"})
    (again,) = with_settings(debian({"/etc/x": once.text}), "/etc/x", {"UMASK": "027"})
    assert again.text == once.text


@given(st.lists(st.sampled_from(["local all all peer", "local all all trust", "host all all 127.0.0.1/32 md5", "host a b 10.0.0.0/8 trust # old",
                                 "host all all 0.0.0.0/0 password", "# host all all ::/0 trust", "hostssl r all ::/0 scram-sha-256", ""]), max_size=6))  # fmt: skip
def test_nobody_is_trusted_by_postgresql_after_one_pass(rows: list[str]) -> None:
    once = databases.pg_hba("".join(f"{row}\n" for row in rows))
    assert databases.pg_hba(once) == once
    rules = [row for row in once.splitlines() if not row.startswith("#")]
    assert not [row for row in rules if {"trust", "md5", "password"} & set(row.partition("#")[0].split())]


CLUSTER = {
    "/etc/postgresql/15/main/postgresql.conf": "port = 5432\n",
    "/etc/postgresql/15/main/pg_hba.conf": "host all all 10.0.0.0/8 md5\n",
}


def test_what_applications_of_a_database_may_notice_is_told_first() -> None:
    _, notes = planned(debian(CLUSTER), "db-postgres")
    assert (
        "`host all all 10.0.0.0/8 md5` should be `hostssl all all 10.0.0.0/8 scram-sha-256`; --databases writes it."
        in notes
    )
    assert put(
        debian(CLUSTER), "db-postgres", "/etc/postgresql/15/main/pg_hba.conf", Wanted(databases=True)
    ).startswith("hostssl")
    _, notes = planned(debian(CLUSTER, {"postgres md5": "shop\n"}), "db-postgres", Wanted(databases=True))
    assert "first set the passwords of shop anew" in notes


def test_redis_for_everybody_is_told_or_bound() -> None:
    facts = debian({"/etc/redis/redis.conf": "bind 0.0.0.0\nprotected-mode no\n"})
    assert "asks for no password" in planned(facts, "db-redis")[1]
    assert (
        put(facts, "db-redis", "/etc/redis/redis.conf", Wanted(databases=True))
        == "bind 127.0.0.1 -::1\nprotected-mode yes\n"
    )


def test_nginx_speaks_new_tls_alone() -> None:
    text = web.nginx_conf(debian().text("/etc/nginx/nginx.conf"))
    assert "ssl_protocols TLSv1.2 TLSv1.3;\n" in text
    assert "\tserver_tokens off;\n" in text
    assert web.nginx_conf(text) == text


def test_volumes_that_are_not_encrypted_are_told_with_the_way_there() -> None:
    lsblk = 'NAME="sda1" TYPE="part" FSTYPE="ext4" MOUNTPOINT="/" PKNAME="sda"\nNAME="sdb" TYPE="disk" FSTYPE="ext4" MOUNTPOINT="/mnt/data" PKNAME=""\nNAME="x" TYPE="crypt" FSTYPE="ext4" MOUNTPOINT="/srv" PKNAME="sdc"\n'
    facts = debian(says={"lsblk -Prno NAME,TYPE,FSTYPE,MOUNTPOINT,PKNAME": lsblk})
    assert disks.unencrypted(facts) == [("sdb", "/mnt/data")]
    notes = planned(facts, "disks")[1]
    assert "4. cryptsetup luksFormat --type luks2 /dev/sdb" in notes
    assert "by hand" in notes


def test_homes_and_logs_lose_what_others_had() -> None:
    assert planned(debian(), "user-homes")[0] == [Mode(path="/home/ann", most=0o750, owner="")]
    assert planned(debian(), "log-modes")[0] == [Mode(path="/var/log/auth.log", most=0o640, owner="")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("web-1", ("web-1",)), ("ann@203.0.113.7:2222", ("-l", "ann", "-p", "2222", "203.0.113.7")),
        ("root@[2001:db8::1]:22", ("-l", "root", "-p", "22", "2001:db8::1")), ("2001:db8::1", ("2001:db8::1",)),
    ],
)  # fmt: skip
def test_hosts_are_named_as_people_do(text: str, words: tuple[str, ...]) -> None:
    assert asking.address(text) == words


@pytest.mark.parametrize("text", ["-oProxyCommand=x", "a b", "", "ann@-x", "web;x", "web:port"])
def test_what_ssh_would_take_for_an_option_is_no_host(text: str) -> None:
    with pytest.raises(Exception, match="is no host"):
        asking.address(text)


def test_banners_that_people_wrote_stay_unless_they_tell_what_runs_here() -> None:
    facts = debian({"/etc/motd": "Ask Ann before you restart anything.\n", "/etc/issue": "Kernel \\r\n"})
    assert [one.path for one in planned(facts, "session-banners")[0] if isinstance(one, Put)] == [
        "/etc/issue",
        "/etc/issue.net",
    ]
