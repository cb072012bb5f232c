"""The unit of the agent for systemd: what it may do, and nothing else.

It needs three capabilities: CAP_NET_ADMIN to change its own nftables table, CAP_DAC_READ_SEARCH to read logs, hashes of files and
the state of the host that belong to others, CAP_SYS_PTRACE to see whose socket is whose: it spares who signed in over ssh, and
names the program behind a port. The system calls that look into or stop another process (`@debug`) stay shut. It writes nothing but its state folder and the manifest of what hardening set (and the snippets of a web server, whose
folders are named for that). Where the server may plan backups it may also own what it brings back, start databases as
their own users, and use the memory that takes.
"""

from collections.abc import Iterable
from pathlib import Path

from vedette.agent.config import BackupText
from vedette.instruments.hardened.types import BASE

NAME = "vedette-agent.service"
_TEMPLATE = """\
[Unit]
Description=Vedette agent: reads logs, detects, bans, reports
After=network-pre.target nftables.service
Before=network-online.target sshd.service
Wants=network-pre.target

[Service]
Type=exec
ExecStart={vedette} agent run --config {config}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=1
TimeoutStopSec=5
StateDirectory=vedette-agent
StateDirectoryMode=0700
ConfigurationDirectory=vedette
ConfigurationDirectoryMode=0755
UMask=0077
Nice=-5
MemoryMax={memory}
TasksMax={tasks}
OOMScoreAdjust=-500
LimitNOFILE=16384
CapabilityBoundingSet=CAP_NET_ADMIN CAP_DAC_READ_SEARCH CAP_SYS_PTRACE{more}
AmbientCapabilities=
NoNewPrivileges=yes
LockPersonality=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=read-only
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectSystem=strict
ReadWritePaths={writes}
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


_FOR_BACKUPS = " CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID"


def unit(
    program: Path, config: Path, state: Path, *, writes: Iterable[Path] = (), backup: BackupText | None = None
) -> str:
    """Return the text of the unit; `writes` are folders beside the state that enforcers write snippets to."""
    said = backup or BackupText()
    ours = [
        str(state),
        *(str(folder) for folder in writes),
        f"-{BASE}",
        *(_written(said) if said.plans else ()),
    ]
    return _TEMPLATE.format(
        vedette=program, config=config, writes=" ".join(dict.fromkeys(ours)), more=_FOR_BACKUPS if said.plans else "",
        memory="2G" if said.plans else "256M", tasks=512 if said.plans else 64,
    )  # fmt: skip


def _written(said: BackupText) -> Iterable[str]:
    """Yield what backups write to; a folder that is not there yet is no fault (`-`, systemd.exec(5))."""
    return ("/",) if said.restore_live else (f"-{one}" for one in (*said.restore_to, *said.repositories))
