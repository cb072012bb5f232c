"""Opens the sockets a server listens on; what keeps it from one is told in a line."""

import errno
import resource
import socket

from vedette.core.errors import ConfigError

BACKLOG = 1024
CONNECTIONS = 16_384  # granian lets as many in at once: a thousand that say nothing must not keep others out
_FILES, _OTHERS = 65_536, 1_024  # as the systemd unit allows; of those, for databases, pipes, what is sent
# What may be done is told in docs/certificates.md, in this order.
_RIGHTS = (
    "`vedette service install` writes a systemd unit that has them (AmbientCapabilities=CAP_NET_BIND_SERVICE); by hand, "
    "`sysctl net.ipv4.ip_unprivileged_port_start=80` or setcap, see docs/certificates.md"
)


def open_many_files() -> int:
    """Let this process and its children open many files; return for how many connections at once that is room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = max(soft, _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES))
    if soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return min(CONNECTIONS, max(files - _OTHERS, files // 2))


def _prompt(listening: socket.socket) -> socket.socket:
    """Have answers leave at once on every connection that is accepted: else the end of one may wait 40 ms for an ACK."""
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def listen(host: str, port: int, setting: str = "port") -> socket.socket:
    """Return a listening socket; raises `ConfigError` with one clear line when the address cannot be had."""
    variable = f"VEDETTE_{setting.upper()}"
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return _prompt(socket.create_server(address[:2], family=family, backlog=BACKLOG))
    except socket.gaierror as error:
        raise ConfigError(f"host {host}: no such address ({error.strerror}).") from error
    except PermissionError as error:
        rights = f"Port {port} needs more rights"
        if port in {80, 443}:
            raise ConfigError(f"{rights}: {_RIGHTS}. Or choose one above 1023 ({variable}).") from error
        raise ConfigError(f"{rights}; choose one above 1023 ({variable}).") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"Port {port} is in use: stop what listens there or choose another ({variable}={port + 1})."
            ) from error
        raise ConfigError(f"{host}:{port} cannot be listened on: {error.strerror}.") from error
