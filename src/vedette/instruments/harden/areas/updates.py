"""Security updates by themselves, with a window in which the host may reboot."""

from collections.abc import Iterator

from vedette.instruments.harden.types import Facts, Measure, Put, Wanted, Yielded

_TEXT = """\
// Written by Vedette.
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
APT::Periodic::AutocleanInterval "7";
Unattended-Upgrade::Remove-Unused-Kernel-Packages "true";
Unattended-Upgrade::Remove-Unused-Dependencies "true";
APT::ExtractTemplates::TempDir "/var/tmp";
"""  # the last: apt starts programs there, and /tmp runs none


def _updates(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    reboot = (
        f'Unattended-Upgrade::Automatic-Reboot "true";\nUnattended-Upgrade::Automatic-Reboot-WithUsers "true";\nUnattended-Upgrade::Automatic-Reboot-Time "{wanted.reboot}";\n'
        if wanted.reboot
        else 'Unattended-Upgrade::Automatic-Reboot "false";\n'
    )
    yield Put(path="/etc/apt/apt.conf.d/60-vedette", text=_TEXT + reboot)


MEASURES: tuple[Measure, ...] = (
    Measure(id="updates", title="Security updates come by themselves, and the host reboots for them in its window", checks=("apt-unattended",), steps=_updates),
)  # fmt: skip
