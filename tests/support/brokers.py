"""Real brokers on loopback, from Debian's packages: NATS and RabbitMQ."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from tests.support.daemons import folder_of, program, running
from tests.support.ports import free_port

PASSWORD = "planted-password"
_SERVER = (
    "/usr/lib/rabbitmq/bin/rabbitmq-server"  # Debian's script of that name in /usr/sbin changes the user
)


@contextlib.contextmanager
def nats(*, tls: bool = False) -> Iterator[int]:
    """NATS with the user `checks`, with TLS that all must use where that is wanted."""
    port = free_port()
    with folder_of("") as folder:
        secure = ["--tls", "--tlscert", f"{folder}/good.pem", "--tlskey", f"{folder}/good.pem"] if tls else []
        who = ["--user", "checks", "--pass", PASSWORD]
        command = [program("nats-server"), "-a", "127.0.0.1", "-p", str(port), "-n", "post", *who, *secure]
        with running(command, folder, [port]):
            yield port


@contextlib.contextmanager
def rabbitmq() -> Iterator[tuple[int, int]]:
    """RabbitMQ with its first user, a queue `jobs` with nothing in it; yields its ports of AMQP, plain and in TLS."""
    plain, secure, distribution, mapper = free_port(), free_port(), free_port(), free_port()
    with folder_of("") as folder:
        conf = folder / "rabbitmq.conf"
        conf.write_text(
            f"listeners.tcp.1 = 127.0.0.1:{plain}\nlisteners.ssl.1 = 127.0.0.1:{secure}\n"
            f"ssl_options.certfile = {folder}/good.pem\nssl_options.keyfile = {folder}/good.pem\n"
            f"ssl_options.cacertfile = {folder}/root.pem\nload_definitions = {folder}/definitions.json\n"
        )
        (folder / "definitions.json").write_text(
            '{"users": [{"name": "guest", "password": "guest", "tags": ""}, {"name": "shut", "password": "guest", "tags": ""}],'
            '"vhosts": [{"name": "/"}], "queues": [{"name": "jobs", "vhost": "/", "durable": true, "auto_delete": false,'
            '"arguments": {}}], "permissions": [{"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}]}'
        )
        environment = {
            **os.environ, "HOME": str(folder), "RABBITMQ_NODENAME": f"vedette{plain}@localhost", "RABBITMQ_BASE": str(folder),
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia", "RABBITMQ_LOG_BASE": str(folder), "RABBITMQ_CONFIG_FILE": str(conf),
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins", "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null", "ERL_EPMD_PORT": str(mapper), "RABBITMQ_PID_FILE": f"{folder}/pid",
        }  # fmt: skip
        (folder / "plugins").write_text("[].")
        how: dict[str, Any] = {"environment": environment, "seconds": 90.0}
        names = [
            program("epmd"),
            "-port",
            str(mapper),
            "-address",
            "127.0.0.1",
        ]  # else the broker leaves one behind
        with running(names, folder, [mapper]), running([_SERVER], folder, [plain, secure], **how):
            yield plain, secure
