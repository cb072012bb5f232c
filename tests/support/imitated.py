"""Programs that are not here, imitated: docker with volumes as folders, mongodump, mongorestore and mongod with files of BSON.

They do what their manuals say of the few words that are used, and refuse any other.
"""

import shutil
from pathlib import Path

_PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin")  # one that every user may run

DOCKER = """
import json, pathlib, sys
home, words = pathlib.Path(@FOLDER@), sys.argv[1:]
def known():
    return sorted(p.name for p in (home / "volumes").iterdir())
if words == ["volume", "ls", "--format", "{{.Name}}"]:
    print("\\n".join(known()))
elif words[:2] == ["volume", "inspect"]:
    missing = [w for w in words[2:] if w not in known()]
    if missing:
        print("[]"); sys.exit("Error response from daemon: get " + missing[0] + ": no such volume")
    print(json.dumps([{"Name": w, "Driver": "local", "Mountpoint": str(home / "volumes" / w / "_data"), "Options": None} for w in words[2:]]))
elif words[:2] == ["volume", "create"] and len(words) == 3:
    (home / "volumes" / words[2] / "_data").mkdir(parents=True); print(words[2])
elif words[:2] == ["ps", "--filter"] and words[3:] == ["--format", "{{.Names}}"]:
    used = home / "used"
    print(used.read_text() if used.exists() else "", end="")
else:
    sys.exit("docker: unknown words " + repr(words))
"""

MONGODUMP = """
import pathlib, sys
home, words = pathlib.Path(@FOLDER@), sys.argv[1:]
asked = dict(zip(words[::2], words[1::2]))
if asked["--port"] != "27017":
    sys.exit("Failed: can't create session: could not connect to server: connection refused")
if "--username" in asked:
    conf = pathlib.Path(asked["--config"])
    assert conf.stat().st_mode & 0o077 == 0
    if conf.read_text() != 'password: "planted-password"\\n':
        sys.exit("Failed: Authentication failed.")
for source in sorted((home / "mongo").glob("*/*.bson")):
    target = pathlib.Path(asked["--out"], source.parent.name, source.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    content = source.read_bytes()
    target.write_bytes(content)
    target.with_suffix(".metadata.json").write_text("{}")
    count = 0
    while content:
        count, content = count + 1, content[int.from_bytes(content[:4], "little"):]
    print(f"done dumping {source.parent.name}.{source.stem} ({count} documents)", file=sys.stderr)
"""

MONGOD = """
import pathlib, signal, socket, sys
path = sys.argv[sys.argv.index("--bind_ip") + 1]
listening = socket.socket(socket.AF_UNIX); listening.bind(path); listening.listen()
signal.pause()
"""

MONGORESTORE = """
import pathlib, socket, sys
from urllib.parse import unquote
uri = sys.argv[1].removeprefix("--uri=mongodb://").rstrip("/")
with socket.socket(socket.AF_UNIX) as talking:
    talking.connect(unquote(uri))
count = 0
for path in pathlib.Path(sys.argv[3]).glob("*/*.bson"):
    content = path.read_bytes()
    while content:
        count, content = count + 1, content[int.from_bytes(content[:4], "little"):]
print(f"{count} document(s) restored successfully. 0 document(s) failed to restore.", file=sys.stderr)
"""


def imitated(folder: Path, **programs: str) -> dict[str, Path]:
    """Write programs into a folder, which is also where they keep what they know; return them by their names."""
    found = {}
    for name, text in programs.items():
        found[name] = folder / name
        found[name].write_text(f"#!{_PYTHON}\n{text.replace('@FOLDER@', repr(str(folder)))}")
        found[name].chmod(0o755)
    return found
