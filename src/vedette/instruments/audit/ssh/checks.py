"""How sshd lets people in, and what it lets them do."""

from vedette.instruments.audit.asking import bad_ones, names_or, permission, permitted, said
from vedette.instruments.audit.ssh.effective import between, check, option, options, value, without
from vedette.instruments.audit.types import Check, NotApplicable, Untold, Verdict
from vedette.instruments.live.types import Live

_OLD_KEX = ("sha1", "group1-")


def _weak_cipher(name: str) -> bool:
    return name.endswith("-cbc") or name.startswith(("3des", "arcfour", "blowfish", "cast128"))


def _weak_mac(name: str) -> bool:
    return name.startswith(("hmac-md5", "hmac-ripemd", "umac-64", "hmac-sha1"))


def _starts(live: Live) -> list[Verdict]:
    """`start:rate:full`: unauthenticated connections before some are refused, how many percent, and before all are."""
    told = value(live, "maxstartups")
    numbers = [int(one) for one in told.split(":")]
    limits = (10, 100, 60) if len(numbers) == 3 else (10,)
    fine = numbers[0] <= limits[0] and (len(numbers) < 3 or numbers[2] <= limits[-1])
    return said(fine, f"maxstartups {told}")


def _alive(live: Live) -> list[Verdict]:
    interval, count = int(value(live, "clientaliveinterval")), int(value(live, "clientalivecountmax"))
    return said(interval > 0 and count > 0, f"clientaliveinterval {interval}, clientalivecountmax {count}")


def _limited(live: Live) -> list[Verdict]:
    found = [
        name for name in ("allowusers", "allowgroups", "denyusers", "denygroups") if options(live).get(name)
    ]
    return said(bool(found), f"{', '.join(found)} given" if found else "whoever has a shell may sign in")


def _private_keys(live: Live) -> list[Verdict]:
    keys = [
        name for name in names_or(live, "/etc/ssh") if name.startswith("ssh_host_") and name.endswith("_key")
    ]
    if not keys:
        raise NotApplicable("There are no host keys in /etc/ssh.")
    found = [permission(live, f"/etc/ssh/{name}", 0o600) for name in keys]
    return bad_ones(
        ((one.subject, one.evidence) for one in found if not one.fine), f"{len(keys)} keys, root's alone"
    )


def _public_keys(live: Live) -> list[Verdict]:
    keys = [
        name
        for name in names_or(live, "/etc/ssh")
        if name.startswith("ssh_host_") and name.endswith("_key.pub")
    ]
    if not keys:
        raise NotApplicable("There are no host keys in /etc/ssh.")
    found = [permission(live, f"/etc/ssh/{name}", 0o644) for name in keys]
    return bad_ones(
        ((one.subject, one.evidence) for one in found if not one.fine),
        f"{len(keys)} keys, written by root alone",
    )


def _no_dsa(live: Live) -> list[Verdict]:
    keys = options(live).get("hostkey", [])
    if not keys:
        raise Untold("sshd -T does not tell its host keys.")
    return bad_ones(
        ((key, "a DSA key") for key in keys if "dsa_key" in key and "ecdsa" not in key),
        f"{len(keys)} host keys",
    )


def _environment(live: Live) -> list[Verdict]:
    taken = [one for line in options(live).get("acceptenv", []) for one in line.split()]
    bad = [
        one
        for one in taken
        if one == "*" or one.startswith("LD_") or one in {"PATH", "BASH_ENV", "ENV", "IFS"}
    ]
    return said(not bad, f"acceptenv {' '.join(bad)}" if bad else "nothing dangerous is taken over")


CHECKS: tuple[Check, ...] = (
    check("ssh-root-login", "root does not sign in by password over SSH", 8, "PermitRootLogin prohibit-password",
          "Every robot tries root; with a key alone, or not at all, their guesses are worth nothing.",
          option("permitrootlogin", "no", "prohibit-password", "without-password", "forced-commands-only"), ("5.1.20",)),
    check("ssh-passwords", "Nobody signs in by password over SSH", 6, "PasswordAuthentication no",
          "A password can be guessed, reused or phished; a key cannot be guessed.", option("passwordauthentication", "no")),
    check("ssh-keyboard-interactive", "Passwords are not asked for by the side door", 4, "KbdInteractiveAuthentication no",
          "Keyboard-interactive asks for passwords through PAM even where PasswordAuthentication is off.",
          option("kbdinteractiveauthentication", "no")),
    check("ssh-empty-passwords", "Nobody signs in with an empty password", 10, "PermitEmptyPasswords no",
          "An account without a password would be open to the internet.", option("permitemptypasswords", "no"), ("5.1.19",)),
    check("ssh-user-environment", "Users do not set the environment of their session", 6, "PermitUserEnvironment no",
          "LD_PRELOAD in ~/.ssh/environment goes around forced commands.", option("permituserenvironment", "no"), ("5.1.21",)),
    check("ssh-host-based", "Other hosts do not vouch for their users", 6, "HostbasedAuthentication no",
          "Who takes over one host would be let into the others.", option("hostbasedauthentication", "no"), ("5.1.10",)),
    check("ssh-rhosts", "Files of rhosts are ignored", 6, "IgnoreRhosts yes",
          "A file in a home would let in whoever says to come from the right place.", option("ignorerhosts", "yes"), ("5.1.11",)),
    check("ssh-tries", "A connection has at most four tries", 3, "MaxAuthTries 4",
          "Few tries make guessing slow, and visible.", between("maxauthtries", 1, 4), ("5.1.16",)),
    check("ssh-sessions", "A connection has at most ten sessions", 2, "MaxSessions 10",
          "One connection should not take all there is.", between("maxsessions", 0, 10), ("5.1.17",)),
    check("ssh-startups", "Connections that did not sign in yet are bounded", 3, "MaxStartups 10:30:60",
          "Whoever opens connections and says nothing would keep others out.", _starts, ("5.1.18",)),
    check("ssh-grace", "A sign-in takes at most a minute", 3, "LoginGraceTime 60",
          "Connections that wait forever use up what there is for others.", between("logingracetime", 1, 60), ("5.1.13",)),
    check("ssh-alive", "A session whose client is gone ends", 2, "ClientAliveInterval 15",
          "A session left open on a machine that was lost may be taken over.", _alive, ("5.1.7",)),
    check("ssh-ciphers", "Only strong ciphers are spoken", 5, "Ciphers -3des-cbc,aes*-cbc",
          "CBC and RC4 leak plaintext to who can listen or change what is sent.", without("ciphers", _weak_cipher), ("5.1.6",)),
    check("ssh-macs", "Only strong MACs are spoken", 4, "MACs -hmac-md5*,hmac-sha1*,umac-64*",
          "MD5, SHA-1 and short tags make changing what is sent easier.", without("macs", _weak_mac), ("5.1.15",)),
    check("ssh-kex", "Only strong key exchanges are spoken", 5, "KexAlgorithms -diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1",
          "SHA-1 and 1024-bit groups are broken by who can pay for it.",
          without("kexalgorithms", lambda name: any(old in name for old in _OLD_KEX)), ("5.1.12",)),
    check("ssh-host-key-algorithms", "Hosts do not prove themselves by DSA or SHA-1", 4, "HostKeyAlgorithms -ssh-rsa,ssh-dss",
          "Signatures by SHA-1 can be forged.", without("hostkeyalgorithms", lambda n: n in {"ssh-rsa", "ssh-dss"} or n.startswith(("ssh-rsa-cert", "ssh-dss-cert")))),
    check("ssh-dsa-key", "There is no DSA host key", 4, "HostKey /etc/ssh/ssh_host_ed25519_key",
          "DSA keys have 1024 bits and leak with bad randomness.", _no_dsa),
    check("ssh-x11", "X11 is not forwarded", 3, "X11Forwarding no",
          "A host that was taken over would see the screen and keys of who signs in.", option("x11forwarding", "no"), ("5.1.8",)),
    check("ssh-gateway-ports", "Forwarded ports listen on this host alone", 5, "GatewayPorts no",
          "A tunnel of one user would be open to everybody.", option("gatewayports", "no")),
    check("ssh-tunnel", "Networks are not tunnelled", 4, "PermitTunnel no",
          "A tunnel joins networks that a firewall keeps apart.", option("permittunnel", "no")),
    check("ssh-gssapi", "Kerberos is off where nobody uses it", 2, "GSSAPIAuthentication no",
          "What nobody uses is only in the way, and may be attacked.", option("gssapiauthentication", "no"), ("5.1.9",)),
    check("ssh-log-level", "Sign-ins are logged", 4, "LogLevel VERBOSE",
          "Without the line there is no detection, and nobody can say who was here; VERBOSE names the key.",
          option("loglevel", "info", "verbose"), ("5.1.14",)),
    check("ssh-pam", "PAM has its say", 3, "UsePAM yes",
          "Locked and expired accounts are kept out by PAM.", option("usepam", "yes"), ("5.1.22",)),
    check("ssh-limited", "It is said who may sign in", 4, "AllowGroups ssh-users",
          "An account made for a service would otherwise be let in as soon as it has a shell and a key.", _limited, ("5.1.4",)),
    check("ssh-banner", "A banner says that this host is private", 1, "Banner /etc/issue.net",
          "In some countries, who was not told cannot be charged.",
          lambda live: said(value(live, "banner") != "none", f"banner {value(live, 'banner')}"), ("5.1.5",)),
    check("ssh-strict-modes", "Keys in files that others may write are refused", 6, "StrictModes yes",
          "Else whoever can write a home may add a key.", option("strictmodes", "yes")),
    check("ssh-accept-env", "Nothing dangerous of the client's environment is taken over", 5, "AcceptEnv LANG LC_*",
          "LD_PRELOAD or BASH_ENV from a client goes around forced commands.", _environment),
    Check(id="ssh-config-mode", title="sshd's configuration is root's alone", risk=5, reads="/etc/ssh/sshd_config", cis=("5.1.1",),
          why="Who may write it lets in whom he likes; who may read it sees what to try.",
          fix="chown root:root /etc/ssh/sshd_config && chmod u-x,og-rwx /etc/ssh/sshd_config", look=permitted("/etc/ssh/sshd_config", 0o600)),
    Check(id="ssh-private-keys", title="Private host keys are root's alone", risk=8, reads="/etc/ssh/ssh_host_*_key", cis=("5.1.2",),
          why="Who has the key can pretend to be this host.",
          fix="chown root:root /etc/ssh/ssh_host_*_key && chmod 600 /etc/ssh/ssh_host_*_key", look=_private_keys),
    Check(id="ssh-public-keys", title="Public host keys are written by root alone", risk=3, reads="/etc/ssh/ssh_host_*_key.pub", cis=("5.1.3",),
          why="Who changes it breaks signing in, or prepares to pretend.",
          fix="chown root:root /etc/ssh/ssh_host_*.pub && chmod 644 /etc/ssh/ssh_host_*.pub", look=_public_keys),
)  # fmt: skip
