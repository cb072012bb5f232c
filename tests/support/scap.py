"""The data stream that judges Debian 12 by its CIS profile: Debian's own package of ComplianceAsCode, newer than that of Debian 12."""

import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

NAME = "usr/share/xml/scap/ssg/content/ssg-debian12-ds.xml"
PACKAGE = "http://deb.debian.org/debian/pool/main/s/scap-security-guide/ssg-debian_0.1.82-1_all.deb"
KEPT = Path("/var/tmp/vedette-test-scap")


def stream() -> Path:
    """Return where the data stream is: VEDETTE_SCAP, an installed package, or one fetched once; fails where there is none."""
    told = os.environ.get("VEDETTE_SCAP", "")
    found = [path for path in (Path(told), Path("/", NAME), KEPT / NAME) if path.is_file() and _judges(path)]
    return found[0] if found else _fetched()


def _judges(path: Path) -> bool:
    return b"profile_cis_level1_server" in path.read_bytes()


def _fetched() -> Path:
    """Unpack the package beside this machine's own: nothing of another release is installed."""
    KEPT.mkdir(parents=True, exist_ok=True)
    archive = KEPT / "package.deb"
    try:
        with urllib.request.urlopen(PACKAGE, timeout=60) as answer:
            archive.write_bytes(answer.read())
    except (urllib.error.URLError, TimeoutError) as error:
        raise AssertionError(f"{PACKAGE} cannot be fetched: name a data stream by VEDETTE_SCAP") from error
    subprocess.run(["/usr/bin/dpkg-deb", "-x", str(archive), str(KEPT)], check=True)
    return KEPT / NAME
