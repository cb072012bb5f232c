"""Build what the pages load: fonts, icons, CSS and JavaScript, each under the hash of its content; and the browser client.

`python -m tools.assets` writes `src/vedette/ui/static/`, and what `tools/browser_client.py` builds; `--check` builds aside and fails when the two differ.
Node and npm are needed only here. The built files are committed, so running Vedette needs neither.
"""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import brotli

from tools import browser_client

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src/vedette/ui/assets"
STATIC = ROOT / "src/vedette/ui/static"
WORK = ROOT / "build/assets"
MODULES = WORK / "node_modules"
FONTS = ("geist", "geist-mono")
SQUEEZED = {".css", ".js", ".svg"}


def main(arguments: list[str]) -> int:
    """Build into place, or compare with what is in place; return the exit code."""
    _install()
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder, "static"))
        places = {Path(folder, "static"): STATIC, **browser_client.build(Path(folder), _esbuild(), MODULES)}
        if "--check" not in arguments:
            for fresh, kept in places.items():
                _replace(fresh, kept)
                _report(kept)
        wrong = [line for fresh, kept in places.items() for line in _differences(fresh, kept)]
    large = browser_client.too_large()
    for line in [*wrong, *large]:
        print(line)
    print(
        "The built assets are stale; run tools/build-assets."
        if wrong
        else "The built assets are what the sources say."
    )
    return 1 if wrong or large else 0


def _replace(fresh: Path, kept: Path) -> None:
    """Put the fresh files in place, the manifest last, then remove what it no longer names."""
    kept.mkdir(parents=True, exist_ok=True)
    names = sorted((path.name for path in fresh.iterdir()), key=lambda name: name == "manifest.json")
    for name in names:
        shutil.copyfile(fresh / name, kept / name)
    for path in kept.iterdir():
        if path.name not in names:
            path.unlink()


def build(target: Path) -> None:
    """Write every built file and `manifest.json` (plain name -> hashed name) into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    _fonts()
    names = _bundle(target)
    names["icons.svg"] = _put(target, "icons.svg", sprite(SOURCES / "icons.txt").encode())
    names["favicon.svg"] = _put(target, "favicon.svg", (SOURCES / "favicon.svg").read_bytes())
    (target / "manifest.json").write_text(json.dumps(names, indent=1, sort_keys=True) + "\n")
    (target / "sources.txt").write_text(sources() + "\n")
    for path in sorted(target.iterdir()):
        if path.suffix in SQUEEZED:
            _squeeze(path)


def sources() -> str:
    """Return one hash over everything the built files are made from; a test compares it without Node."""
    files = sorted(path for path in SOURCES.rglob("*") if path.is_file() and "node_modules" not in path.parts)
    inputs = [*files, ROOT / "requirements/assets.txt", ROOT / "tools/subset_fonts.py"]
    total = hashlib.sha256()
    for path in inputs:
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def sprite(listed: Path) -> str:
    """Return one SVG holding a `<symbol>` for each icon named in `listed`."""
    symbols = [_symbol(name) for name in listed.read_text().split()]
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'


def _symbol(name: str) -> str:
    text = (MODULES / "lucide-static/icons" / f"{name}.svg").read_text()
    found = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)
    assert found, f"{name}.svg is not an SVG"
    body = re.sub(r"\s+", " ", found[1]).strip().replace(" />", "/>").replace("> <", "><")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'


def _install() -> None:
    """Install the locked npm packages, unless this lock is installed already."""
    lock = SOURCES / "package-lock.json"
    stamp, wanted = WORK / "installed", hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    WORK.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCES / name, WORK / name)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=WORK, check=True)
    stamp.write_text(wanted)


def _fonts() -> None:
    """Subset the fonts into `build/assets/lib/fonts`, where the CSS finds them."""
    folder = WORK / "lib/fonts"
    folder.mkdir(parents=True, exist_ok=True)
    pairs = [
        (MODULES / f"@fontsource-variable/{f}/files/{f}-latin-wght-normal.woff2", folder / f"{f}.woff2")
        for f in FONTS
    ]
    flat = [str(path) for pair in pairs for path in pair]
    uv, locked = str(ROOT / ".venv/bin/uv"), str(ROOT / "requirements/assets.txt")
    subprocess.run(
        [
            uv,
            "run",
            "-q",
            "--no-project",
            "--with-requirements",
            locked,
            "python",
            str(ROOT / "tools/subset_fonts.py"),
            *flat,
        ],
        check=True,
    )


def _bundle(target: Path) -> dict[str, str]:
    """Bundle TypeScript and CSS; return plain name -> hashed name."""
    meta = WORK / "meta.json"
    subprocess.run(
        [
            _esbuild(), "ts/app.ts", "ts/sw.ts", "css/app.css", "--bundle", "--minify", "--format=esm", "--target=es2022,chrome123,safari17.5,firefox128",
            f"--outdir={target}", "--entry-names=[name].[hash]", "--asset-names=[name].[hash]", "--loader:.woff2=file", "--public-path=/static",
            f"--metafile={meta}", "--log-level=warning", "--legal-comments=none",
        ],
        cwd=SOURCES, check=True, env={"NODE_PATH": f"{MODULES}:{WORK / 'lib'}", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    made = [Path(name).name for name in json.loads(meta.read_text())["outputs"]]
    return {re.sub(r"\.[A-Z0-9]{8}\.", ".", name): name for name in made}


def _esbuild() -> str:
    """Return esbuild's own program; its npm wrapper would need an install script."""
    found = sorted(MODULES.glob("@esbuild/*/bin/esbuild"))
    assert found, "npm installed no esbuild for this platform"
    return str(found[0])


def _put(target: Path, name: str, body: bytes) -> str:
    stem, dot, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(body).hexdigest()[:8].upper()}{dot}{suffix}"
    (target / hashed).write_bytes(body)
    return hashed


def _squeeze(path: Path) -> None:
    body = path.read_bytes()
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(body, 9, mtime=0))
    path.with_name(path.name + ".br").write_bytes(brotli.compress(body))


def _plain(path: Path) -> bytes:
    """Return a file's content, inflated: compressors of another version may pack the same content otherwise."""
    body = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(body)
    return brotli.decompress(body) if path.suffix == ".br" else body


def _differences(fresh: Path, kept: Path) -> list[str]:
    made, there = ({p.name for p in folder.iterdir()} for folder in (fresh, kept))
    wrong = [f"{name}: missing" for name in sorted(made - there)] + [
        f"{name}: left over" for name in sorted(there - made)
    ]
    return wrong + [
        f"{name}: differs" for name in sorted(made & there) if _plain(fresh / name) != _plain(kept / name)
    ]


def _report(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        print(f"{path.stat().st_size:7} {path.name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
