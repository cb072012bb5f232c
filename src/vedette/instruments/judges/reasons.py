"""Why rules of the CIS profile for Debian may fail on a host that Vedette hardened: one answer each, which ships. Pure."""

from collections.abc import Iterator, Mapping

import msgspec

from vedette.instruments.judges.types import OPENSCAP, Judgement
from vedette.wire.finding import Finding, FindingState

_FILES = "Vedette's agent watches the system's files itself and tells within seconds; AIDE would read the whole disk once a day beside it."
_JOURNAL = "The benchmark wants journald or rsyslog, never both: journald keeps the logs here."
_SENDS = "The agent sends what matters to Vedette; a second sender needs a receiver that only you can name."
_WALL = "The benchmark wants one firewall: nftables is it, and its rules come from your intents."
_CLOCK = "The benchmark wants one service that sets the clock: this host has the other one."
_APPARMOR = "Debian's kernel has AppArmor switched on by itself. Where this fails the kernel has none, or a package ships a profile that confines nothing."
_APART = (
    "A file system of its own cannot be made afterwards without moving data: plan it with the next server."
)
_BOOT = "Whoever reads the disk of a cloud server does not need its boot menu, and a password there keeps it from starting alone after updates."

# Rules of ComplianceAsCode, as its data stream for Debian names them.
REASONS: Mapping[str, str] = {
    **dict.fromkeys(("package_aide_installed", "aide_build_database", "aide_periodic_checking_systemd_timer"), _FILES),
    **dict.fromkeys(("package_rsyslog_installed", "service_rsyslog_enabled", "journald_forward_to_syslog", "journald_disable_forward_to_syslog"), _JOURNAL),
    **dict.fromkeys(("package_systemd-journal-remote_installed", "systemd_journal_upload_server_tls", "systemd_journal_upload_url",
                     "service_systemd-journal-upload_enabled"), _SENDS),
    **dict.fromkeys(("package_ufw_installed", "service_ufw_enabled", "package_iptables_installed", "package_iptables-persistent_installed",
                     "service_nftables_disabled"), _WALL),
    **dict.fromkeys(("package_timesyncd_installed", "service_timesyncd_enabled", "service_timesyncd_configured", "package_chrony_installed",
                     "service_chronyd_enabled", "service_chronyd_disabled"), _CLOCK),
    **dict.fromkeys(("all_apparmor_profiles_in_enforce_complain_mode", "grub2_enable_apparmor"), _APPARMOR),
    **dict.fromkeys((f"partition_for_{each}" for each in ("home", "var", "var_tmp", "var_log", "var_log_audit")), _APART),
    **dict.fromkeys(("grub2_password", "grub2_uefi_password"), _BOOT),
    "partition_for_tmp": "Something lay in /tmp when the host was hardened: it is a file system of its own from the next boot on.",
    "sshd_disable_root_login": "You sign in as root, by a key alone. Make an account with sudo and harden through it, and root is shut out.",
}  # fmt: skip


def explained(judgement: Judgement) -> Judgement:
    """Return a judgement in which what fails for a reason that ships is waived by it; the judge's score stays."""
    if judgement.judge != OPENSCAP:
        return judgement
    return msgspec.structs.replace(judgement, findings=tuple(_explained(judgement.findings)))


def _explained(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    for one in findings:
        reason = REASONS.get(one.check.removeprefix("openscap-"), "")
        if one.state is FindingState.FAILED and reason:
            yield msgspec.structs.replace(one, state=FindingState.WAIVED, reason=reason)
        else:
            yield one
