from tests.support.hardening.hosts import NOW, STATUS, Pair, folder, host, installed, made, packages, pair

from vedette.instruments.live.memory import MemoryLive

LIST = "/etc/apt/sources.list"
RELEASE = {"/etc/os-release": 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'}
MAIN = "deb http://deb.debian.org/debian bookworm main\n"
SECURITY = "deb http://security.debian.org/debian-security bookworm-security main\n"
OTHER = "deb [signed-by=/etc/apt/keyrings/x.gpg] https://apt.example.org stable main\n"
UPGRADE = "apt-get -s -o Debug::NoLocking=1 dist-upgrade"
OPENSSL = "Inst openssl [3.0.1] (3.0.2 Debian-Security:12/stable-security [amd64])\n"
BASH = "Inst bash [5.2-1] (5.2-2 Debian:12.6/stable [amd64])\nConf bash (5.2-2 Debian:12.6/stable [amd64])\n"
FRESH = {"/var/lib/apt/lists": folder(changed=NOW - 3600), "/var/lib/apt/lists/deb_InRelease": made()}
OLD = {"/var/lib/apt/lists": folder(changed=NOW - 30 * 86_400), "/var/lib/apt/lists/deb_InRelease": made()}
AUTO = "/etc/apt/apt.conf.d/20auto-upgrades"
ON = 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n'


def sources(text: str) -> MemoryLive:
    return host({**RELEASE, LIST: text})


def conf(text: str) -> MemoryLive:
    return host({**installed("unattended-upgrades"), AUTO: text})


EXAMPLES: dict[str, Pair] = {
    "apt-trusted": (sources(MAIN), sources("deb [trusted=yes] http://apt.example.org stable main\n")),
    "apt-signed-by": (sources(MAIN + OTHER), sources("deb https://apt.example.org stable main\n")),
    "apt-security": (sources(MAIN + SECURITY), sources(MAIN)),
    "apt-release": (sources(MAIN), sources(MAIN + "deb http://deb.debian.org/debian sid main\n")),
    "apt-pending-security": (host(FRESH, {UPGRADE: BASH}), host(FRESH, {UPGRADE: OPENSSL + BASH})),
    "apt-pending": (host(FRESH, {UPGRADE: OPENSSL}), host(FRESH, {UPGRADE: BASH})),
    "apt-fresh": (host(FRESH), host(OLD)),
    "apt-unattended-installed": packages(("unattended-upgrades",), ()),
    "apt-unattended": (conf(ON), conf(ON.replace('Upgrade "1"', 'Upgrade "0"'))),
    "apt-unsigned": (conf(ON), conf('APT::Get::AllowUnauthenticated "true";\n')),
    "apt-verified": (conf(ON), conf('Acquire::https::Verify-Peer "false";\n')),
    "apt-keys": (host({"/etc/apt/keyrings/x.gpg": made()}), host({"/etc/apt/keyrings/x.gpg": made(mode=0o666)})),
    "apt-old-keyring": (host({"/etc/apt/keyrings/x.gpg": "k"}), host({"/etc/apt/trusted.gpg": "k"})),
    "apt-reboot": (host({"/run/lock": ""}), host({"/run/reboot-required": "", "/run/reboot-required.pkgs": "linux-image-amd64\n"})),
    "apt-half": pair(STATUS, "Package: a\nStatus: install ok installed\nVersion: 1\n", "Package: a\nStatus: install ok half-configured\nVersion: 1\n"),
    "apt-supported": pair("/etc/os-release", 'ID=debian\nVERSION_ID="12"\n', 'ID=debian\nVERSION_ID="10"\n'),
    "apt-compilers": packages((), ("build-essential",)),
}  # fmt: skip
