"""How people come in: keys only, strong algorithms, root with a key at most. Written before all else that sshd reads."""

import re
from collections.abc import Iterator, Mapping

from vedette.instruments.harden.reading import sshd, with_keys, with_values
from vedette.instruments.harden.types import Facts, Measure, Mode, Note, Put, Service, Wanted, Yielded

MAIN = "/etc/ssh/sshd_config"
FILE = "/etc/ssh/sshd_config.d/00-vedette.conf"  # of an option, sshd takes the first value
FORWARDS = "/etc/ssh/sshd_config.d/01-vedette-forwarding.conf"
_INCLUDE = "Include /etc/ssh/sshd_config.d/*.conf"
_PROOF = "sshd_is_well"
# In every OpenSSH from 9.2 (Debian 12) on; chacha20 and CBC are left out for Terrapin (CVE-2023-48795), SHA-1 altogether.
_OPTIONS: Mapping[str, str] = {
    "PasswordAuthentication": "no", "KbdInteractiveAuthentication": "no", "PermitEmptyPasswords": "no", "PubkeyAuthentication": "yes",
    "PermitUserEnvironment": "no", "HostbasedAuthentication": "no", "IgnoreRhosts": "yes", "StrictModes": "yes", "UsePAM": "yes",
    "MaxAuthTries": "4", "MaxSessions": "10", "MaxStartups": "10:30:60", "LoginGraceTime": "60", "ClientAliveInterval": "15",
    "ClientAliveCountMax": "3", "LogLevel": "INFO", "GSSAPIAuthentication": "no", "GatewayPorts": "no", "PermitTunnel": "no",
    "X11Forwarding": "no", "Banner": "/etc/issue.net",
    "Ciphers": "aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr",
    "MACs": "hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512,hmac-sha2-256",
    "KexAlgorithms": "sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512",
    "HostKeyAlgorithms": "ssh-ed25519,ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256",
}  # fmt: skip


# Which check an option answers for: whoever waives the check keeps the option as it is.
_CHECKS: Mapping[str, str] = {
    "PasswordAuthentication": "ssh-passwords", "KbdInteractiveAuthentication": "ssh-keyboard-interactive", "PermitEmptyPasswords": "ssh-empty-passwords",
    "PermitUserEnvironment": "ssh-user-environment", "HostbasedAuthentication": "ssh-host-based", "IgnoreRhosts": "ssh-rhosts",
    "StrictModes": "ssh-strict-modes", "UsePAM": "ssh-pam", "MaxAuthTries": "ssh-tries", "MaxSessions": "ssh-sessions", "MaxStartups": "ssh-startups",
    "LoginGraceTime": "ssh-grace", "ClientAliveInterval": "ssh-alive", "ClientAliveCountMax": "ssh-alive", "LogLevel": "ssh-log-level",
    "GSSAPIAuthentication": "ssh-gssapi", "GatewayPorts": "ssh-gateway-ports", "PermitTunnel": "ssh-tunnel", "X11Forwarding": "ssh-x11",
    "Banner": "ssh-banner", "Ciphers": "ssh-ciphers", "MACs": "ssh-macs", "KexAlgorithms": "ssh-kex",
    "HostKeyAlgorithms": "ssh-host-key-algorithms", "PermitRootLogin": "ssh-root-login", "AllowUsers": "ssh-limited",
}  # fmt: skip


def _options(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    """Our file comes first and counts; what sshd_config says is made to agree with it: that is the file people and auditors read."""
    if MAIN not in facts.files:
        yield Note(text="sshd has no configuration here, so nothing of it was changed.")
        return
    main = facts.files[MAIN]
    meant = _without_waived({**_OPTIONS, **_root(facts)}, wanted)
    rows = [f"{name} {value}" for name, value in {**meant, **_without_waived(_who(facts), wanted)}.items()]
    yield Put(path=FILE, text="\n".join(["# Written by Vedette.", *rows, ""]), mode=0o600)
    yield Put(path=MAIN, text=main_file(main.text or "", meant), mode=main.mode & 0o600)
    if facts.login == "root":
        yield Note(
            text="You sign in as root, so root may go on with a key: make an account with sudo, harden through it, and root is shut out."
        )


def _without_waived(options: Mapping[str, str], wanted: Wanted) -> Mapping[str, str]:
    return {name: value for name, value in options.items() if _CHECKS.get(name) not in wanted.waived}


def main_file(text: str, options: Mapping[str, str]) -> str:
    """Return sshd_config with these options and the folder read first; what is said for some (`Match`) stays."""
    everybody, match, some = _split(text)
    head = with_values(everybody, options)
    first = "" if _reads_folder(head) else f"{_INCLUDE}\n"
    return f"{first}{head}{match}{some}"


def _split(text: str) -> tuple[str, str, str]:
    found = re.search(r"(?mi)^[ \t]*Match\b", text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def _reads_folder(head: str) -> bool:
    return re.search(r"(?mi)^[ \t]*Include[ \t]+/etc/ssh/sshd_config\.d/\*\.conf", head) is not None


def _root(facts: Facts) -> Mapping[str, str]:
    """Who signs in as root now is not shut out."""
    return {"PermitRootLogin": "prohibit-password" if facts.login == "root" else "no"}


def _who(facts: Facts) -> Mapping[str, str]:
    """Return who may sign in, where nobody else said that: those with keys."""
    others = (facts.text(path) for path in (MAIN, *_parts(facts)))
    if any(re.search(r"(?mi)^[ \t]*(Allow|Deny)(Users|Groups)\b", text) for text in others):
        return {}
    return {"AllowUsers": " ".join(with_keys(facts))}


def _parts(facts: Facts) -> list[str]:
    folder = "/etc/ssh/sshd_config.d"
    return [
        path
        for name in facts.names(folder)
        if (path := f"{folder}/{name}") != FILE and name.endswith(".conf")
    ]


def _forwards(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    if MAIN in facts.files:
        yield Put(path=FORWARDS, text="# Written by Vedette.\nDisableForwarding yes\n", mode=0o600)


def _modes(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    yield Mode(path=MAIN, most=0o600)
    for name in facts.names("/etc/ssh"):
        if name.startswith("ssh_host_") and name.endswith("_key"):
            yield Mode(path=f"/etc/ssh/{name}", most=0o600)
        elif name.startswith("ssh_host_") and name.endswith(".pub"):
            yield Mode(path=f"/etc/ssh/{name}", most=0o644)
    if any(value.endswith("_dsa_key") for value in sshd(facts, "hostkey")):
        yield Note(text="sshd proves itself by a DSA key: take its HostKey line out of /etc/ssh/sshd_config.")


MEASURES: tuple[Measure, ...] = (
    Measure(id="ssh", title="People come in by keys and strong algorithms alone", steps=_options, proof=_PROOF, reload=Service.SSHD,
            checks=("ssh-root-login", "ssh-passwords", "ssh-keyboard-interactive", "ssh-empty-passwords", "ssh-user-environment",
                    "ssh-host-based", "ssh-rhosts", "ssh-tries", "ssh-sessions", "ssh-startups", "ssh-grace", "ssh-alive", "ssh-ciphers",
                    "ssh-macs", "ssh-kex", "ssh-host-key-algorithms", "ssh-x11", "ssh-gateway-ports", "ssh-tunnel", "ssh-gssapi",
                    "ssh-log-level", "ssh-pam", "ssh-limited", "ssh-banner", "ssh-strict-modes")),
    Measure(id="ssh-forwarding", title="sshd forwards nothing (jump hosts and tunnels need it: waive it there)", checks=(), steps=_forwards, proof=_PROOF, reload=Service.SSHD),
    Measure(id="ssh-files", title="sshd's files are root's alone", checks=("ssh-config-mode", "ssh-private-keys", "ssh-public-keys"), steps=_modes),
)  # fmt: skip
