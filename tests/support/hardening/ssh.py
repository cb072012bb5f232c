from tests.support.hardening.hosts import Pair, host, made, modes, says


def t(good: str, bad: str) -> Pair:
    return says("sshd -T", good, bad)


EXAMPLES: dict[str, Pair] = {
    "ssh-root-login": t("permitrootlogin without-password", "permitrootlogin yes"),
    "ssh-passwords": t("passwordauthentication no", "passwordauthentication yes"),
    "ssh-keyboard-interactive": t("kbdinteractiveauthentication no", "kbdinteractiveauthentication yes"),
    "ssh-empty-passwords": t("permitemptypasswords no", "permitemptypasswords yes"),
    "ssh-user-environment": t("permituserenvironment no", "permituserenvironment LANG,LC_*"),
    "ssh-host-based": t("hostbasedauthentication no", "hostbasedauthentication yes"),
    "ssh-rhosts": t("ignorerhosts yes", "ignorerhosts shosts-only"),
    "ssh-tries": t("maxauthtries 4", "maxauthtries 6"),
    "ssh-sessions": t("maxsessions 10", "maxsessions 100"),
    "ssh-startups": t("maxstartups 10:30:60", "maxstartups 10:30:100"),
    "ssh-grace": t("logingracetime 60", "logingracetime 0"),
    "ssh-alive": t("clientaliveinterval 15\nclientalivecountmax 3", "clientaliveinterval 0\nclientalivecountmax 3"),
    "ssh-ciphers": t("ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com", "ciphers aes256-ctr,aes128-cbc"),
    "ssh-macs": t("macs hmac-sha2-512-etm@openssh.com,umac-128@openssh.com", "macs hmac-sha2-256,hmac-sha1"),
    "ssh-kex": t("kexalgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256", "kexalgorithms diffie-hellman-group14-sha1"),
    "ssh-host-key-algorithms": t("hostkeyalgorithms ssh-ed25519,rsa-sha2-512", "hostkeyalgorithms ssh-ed25519,ssh-rsa"),
    "ssh-dsa-key": t("hostkey /etc/ssh/ssh_host_ecdsa_key\nhostkey /etc/ssh/ssh_host_ed25519_key", "hostkey /etc/ssh/ssh_host_dsa_key"),
    "ssh-x11": t("x11forwarding no", "x11forwarding yes"),
    "ssh-gateway-ports": t("gatewayports no", "gatewayports clientspecified"),
    "ssh-tunnel": t("permittunnel no", "permittunnel yes"),
    "ssh-gssapi": t("gssapiauthentication no", "gssapiauthentication yes"),
    "ssh-log-level": t("loglevel VERBOSE", "loglevel QUIET"),
    "ssh-pam": t("usepam yes", "usepam no"),
    "ssh-limited": t("allowgroups ssh-users", "usepam yes"),
    "ssh-banner": t("banner /etc/issue.net", "banner none"),
    "ssh-strict-modes": t("strictmodes yes", "strictmodes no"),
    "ssh-accept-env": t("acceptenv LANG\nacceptenv LC_*", "acceptenv LANG LD_PRELOAD"),
    "ssh-config-mode": modes("/etc/ssh/sshd_config", 0o600, 0o644),
    "ssh-private-keys": (host({"/etc/ssh/ssh_host_rsa_key": made(mode=0o600)}), host({"/etc/ssh/ssh_host_rsa_key": made(mode=0o640)})),
    "ssh-public-keys": (host({"/etc/ssh/ssh_host_rsa_key.pub": made()}), host({"/etc/ssh/ssh_host_rsa_key.pub": made(mode=0o666)})),
}  # fmt: skip
