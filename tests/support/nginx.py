"""A real nginx on loopback: HTTP/1.1 and 2, Basic authentication, certificates of clients, redirects."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.support import pki
from tests.support.ports import free_port

PROGRAM = shutil.which("nginx") or "/usr/sbin/nginx"
_CONF = """\
user root; daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    ssl_certificate {folder}/good.pem; ssl_certificate_key {folder}/good.pem;
    gzip on; gzip_types text/plain; gzip_min_length 1;
    server {{
        listen 127.0.0.1:{plain};
        location / {{ return 200 "ready"; }}
        location /moved {{ return 301 https://shop.test:{two}/; }}
        location /private {{ auth_basic "x"; auth_basic_user_file {folder}/users; try_files /none =204; }}
        location /agent {{ return 200 "$http_user_agent $request_method $server_protocol"; }}
    }}
    server {{ listen 127.0.0.1:{two} ssl http2; server_name shop.test; location / {{ return 200 "$server_protocol"; }} }}
    server {{
        listen 127.0.0.1:{mutual} ssl; server_name shop.test;
        ssl_client_certificate {folder}/root.pem; ssl_verify_client on;
        location / {{ return 200 "$ssl_client_s_dn"; }}
    }}
}}
"""


class Nginx:
    """Started when it answers; `plain`, `two` and `mutual` are its ports."""

    def __init__(self, folder: Path) -> None:
        self.plain, self.two, self.mutual = free_port(), free_port(), free_port()
        pki.server_context(folder, "good")
        (folder / "root.pem").write_text(pki.root().pem)
        (folder / "users").write_text("anna:{PLAIN}planted\n")
        conf = folder / "nginx.conf"
        conf.write_text(_CONF.format(folder=folder, plain=self.plain, two=self.two, mutual=self.mutual))
        self._process = subprocess.Popen(
            [PROGRAM, "-p", str(folder), "-c", str(conf), "-e", str(folder / "error.log")]
        )
        self._wait(folder)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _wait(self, folder: Path) -> None:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.mutual), 1).close()
                return
            except OSError:
                assert self._process.poll() is None, (folder / "error.log").read_text()
                time.sleep(0.02)
        raise AssertionError("nginx did not start")
