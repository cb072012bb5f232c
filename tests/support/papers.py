"""A person with a recovery sheet and a shell: follows the sheet's text, word for word, and has nothing of Vedette."""

import re
import subprocess
from pathlib import Path

_FILES = {"ssh_key": "KEY_FILE", "rclone_config": "RCLONE_CONFIG_FILE"}
_VARIABLES = {"access_key": "ACCESS_KEY", "secret_key": "SECRET_KEY"}


def sections(text: str) -> dict[str, str]:
    """Return what stands under each underlined heading of a sheet."""
    parts = re.split(r"\n\n([^\n]+)\n-{3,}\n", text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def by_hand(text: str, folder: Path, *, engines: Path = Path("/usr/bin")) -> str:
    """Do in an empty folder what a sheet says; `engines` has the bare engine. Return what the commands said; it must end well."""
    found = sections(text)
    restore = found.pop("Restore")
    typed = [f"IFS= read -r PASSWORD <<'END'\n{found.pop('Password').strip()}\nEND"]
    for name, value in found.items():
        if name in _FILES:
            _written(folder / _FILES[name], value.strip("\n") + "\n")
        else:
            typed.append(f"IFS= read -r {_VARIABLES[name]} <<'END'\n{value.strip()}\nEND")
    commands = restore.partition("\n\n")[2]
    env = {
        "PATH": f"{engines}:/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "BORG_RELOCATED_REPO_ACCESS_IS_OK": "no",
    }
    done = subprocess.run(
        ["/bin/bash", "-e", "-c", "\n".join([*typed, commands])],
        cwd=folder,
        env=env,
        check=False,
        capture_output=True,
    )
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == 0, said
    return said


def _written(path: Path, text: str) -> None:
    path.touch(0o600)
    path.write_text(text)
