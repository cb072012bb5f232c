"""`vedette service install`: a hardened systemd unit."""

import os
import subprocess
import sys
from pathlib import Path

from vedette.cli.out import emit
from vedette.core import settings as core_settings
from vedette.core.errors import ConfigError, Unavailable
from vedette.core.settings import Settings

_UNIT = Path("/etc/systemd/system/vedette.service")
_TEMPLATE = """\
[Unit]
Description=Vedette: errors, alerts and people
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
User={user}
WorkingDirectory={folder}
Environment=VEDETTE_DATA={data}
ExecStart={vedette} up
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=2
TimeoutStopSec=15
UMask=0077
LimitNOFILE=65536
CapabilityBoundingSet={rights}
AmbientCapabilities={rights}
NoNewPrivileges=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
PrivateDevices=yes
PrivateTmp=yes
ProcSubset=pid
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome={protect_home}
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
ReadWritePaths={data}
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
"""


def install(*, dry_run: bool = False, user: str = "vedette", json: bool = False) -> None:
    """Write a systemd unit for this installation, then enable and start it.

    Parameters
    ----------
    dry_run
        Print the unit and change nothing.
    user
        The account that runs Vedette; it must own the data folder.
    json
        Print JSON.
    """
    settings = core_settings.load()
    text = unit(
        settings.data.absolute(),
        Path.cwd(),
        Path(sys.argv[0]).absolute(),
        user,
        binds=_needs_rights(settings),
    )
    if dry_run:
        emit({"path": str(_UNIT), "unit": text, "installed": False}, text.rstrip(), json=json)
        return
    put(_UNIT, text)
    emit(
        {"path": str(_UNIT), "unit": text, "installed": True}, f"{_UNIT} is installed and started.", json=json
    )


def put(path: Path, text: str) -> None:
    """Write a unit, then enable and start it; raises `ConfigError` where that is not possible, `Unavailable` where it fails."""
    if os.geteuid() != 0:
        raise ConfigError("Writing a systemd unit needs root: run it by sudo, or only print the unit.")
    if not Path("/run/systemd/system").is_dir():
        raise ConfigError("systemd does not run this machine; print the unit and adapt it.")
    path.write_text(text)
    for command in (["daemon-reload"], ["enable", "--now", path.name]):
        done = subprocess.run(["systemctl", *command], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable(f"systemctl {' '.join(command)}: {done.stderr.strip()}")


def _needs_rights(settings: Settings) -> bool:
    """Tell whether a port is asked for that only who has the right may listen on (capabilities(7))."""
    ports = (settings.port, settings.http_port) if settings.names else (settings.port,)
    return any(0 < port < 1024 for port in ports)


def unit(data: Path, folder: Path, program: Path, user: str, *, binds: bool = False) -> str:
    """Return the text of the unit; homes stay hidden unless the installation lies in one.

    `binds` gives it the one right it may need: to listen on ports below 1024.
    """
    in_home = any(str(path).startswith(("/home/", "/root/")) for path in (data, folder, program))
    return _TEMPLATE.format(
        user=user, folder=folder, data=data, vedette=program, protect_home="read-only" if in_home else "yes",
        rights="CAP_NET_BIND_SERVICE" if binds else "",
    )  # fmt: skip
