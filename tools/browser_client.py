"""Build the browser client: `browser/*/lib` for npm, and what the server hands out at `/js/<key>.js`.

Run by `tools/build-assets`, with its esbuild and TypeScript. What is larger than its budget fails the build.
"""

import gzip
import hashlib
import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
BROWSER = ROOT / "browser"
CLIENT, REACT = BROWSER / "client/lib", BROWSER / "react/lib"
SERVED = ROOT / "src/vedette/intake/scripts"
PARTS = ("vedette.js", "vedette.vitals.js", "vedette.feedback.js")
TYPES = ("index", "core", "types")
BUDGETS = {
    CLIENT / "index.js": 3072,
    CLIENT / "vedette.js": 3072,
    CLIENT / "vedette.vitals.js": 1536,
    CLIENT / "vedette.feedback.js": 2048,
    REACT / "index.js": 1024,
    REACT / "vedette-react.js": 1024,
}  # fmt: skip
TARGETS = "--target=es2022,chrome123,safari17.5,firefox128"


def build(target: Path, esbuild: str, modules: Path) -> dict[Path, Path]:
    """Write everything below `target`; return where each folder written belongs."""
    client, react, served = target / "client", target / "react", target / "served"
    _bundle(esbuild, "client/src/index.ts", client / "index.js", "--format=esm", "--external:./vedette.*.js")
    _bundle(esbuild, "client/src/script.ts", client / "vedette.js", "--format=iife")
    for part in PARTS[1:]:
        _bundle(esbuild, f"client/src/{Path(part).stem}.ts", client / part, "--format=esm")
    _bundle(esbuild, "react/src/index.ts", react / "index.js", "--format=esm", "--external:react", "--external:@vedette/browser")  # fmt: skip
    _bundle(esbuild, "react/src/index.ts", react / "vedette-react.js", "--format=iife", "--global-name=VedetteReact", *_globals())  # fmt: skip
    _types(modules, target / "types")
    for name in TYPES:
        _copy(target / f"types/client/src/{name}.d.ts", client)
    _copy(target / "types/react/src/index.d.ts", react)
    for part in PARTS:
        body, _, _ = (client / part).read_text().partition("//# sourceMappingURL")
        _put(served / part, body)
    _put(served / "sources.txt", sources() + "\n")
    return {client: CLIENT, react: REACT, served: SERVED}


def sources() -> str:
    """Return one hash over everything the client is made from; a test compares it without Node."""
    total = hashlib.sha256()
    for path in sorted([*BROWSER.glob("*/src/*.ts"), BROWSER / "tsconfig.json"]):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def too_large() -> list[str]:
    """Return a line for each built file above its budget, packed with gzip."""
    sizes = {path: packed(path) for path in BUDGETS}
    return [f"{path.relative_to(ROOT)}: {size} bytes gz, at most {BUDGETS[path]}" for path, size in sizes.items() if size > BUDGETS[path]]  # fmt: skip


def packed(path: Path) -> int:
    """Return how many bytes of a script travel, packed with gzip and without the comment that names its map."""
    body, _, _ = path.read_bytes().partition(b"//# sourceMappingURL")
    return len(gzip.compress(body, 9, mtime=0))


def _bundle(esbuild: str, entry: str, target: Path, *more: str) -> None:
    command = [esbuild, entry, "--bundle", "--minify", TARGETS, "--sourcemap", f"--outfile={target}", "--log-level=warning", *more]  # fmt: skip
    subprocess.run(command, cwd=BROWSER, check=True, env={"PATH": "/usr/bin:/bin"})
    mapped = target.with_name(target.name + ".map")
    told = json.loads(mapped.read_text())
    told["sources"] = [f"../src/{Path(name).name}" for name in told["sources"]]
    mapped.write_text(json.dumps(told, ensure_ascii=False) + "\n")


def _globals() -> tuple[str, str]:
    of = BROWSER / "react/src"
    return f"--alias:react={of / 'global.react.ts'}", f"--alias:@vedette/browser={of / 'global.vedette.ts'}"


def _types(modules: Path, target: Path) -> None:
    """Check the types of all sources, and write their declarations."""
    compiler = ["node", str(modules / "typescript/bin/tsc"), "-p", str(BROWSER)]
    how = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--rootDir", str(BROWSER), "--outDir", str(target)]  # fmt: skip
    subprocess.run([*compiler, *how], check=True)


def _copy(path: Path, folder: Path) -> None:
    _put(folder / path.name, path.read_text())


def _put(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(body)
