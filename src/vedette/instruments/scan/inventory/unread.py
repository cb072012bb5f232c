"""Files that name versions in a form nobody reads here: what they hold is not known, and never nothing. Pure."""

from vedette.instruments.scan.inventory import telling
from vedette.wire.scan import Unknown

NAMES = frozenset({
    "podfile.lock", "package.resolved", "cartfile.resolved", "deno.lock", "conan.lock", "conanfile.txt", "renv.lock",
    "packages.config", "paket.lock", "environment.yml", "environment.yaml", "conda-lock.yml", "pixi.lock", "flake.lock",
    "manifest.toml", "build.sbt", "stack.yaml.lock", "cabal.project.freeze", "rebar.lock", "vcpkg.json", "gopkg.lock",
    "glide.lock", "cpanfile.snapshot", "elm.json", "project.clj", "deps.edn",
})  # fmt: skip


def is_one(name: str) -> bool:
    """Tell whether a file of this name names versions in a form that is not read; an SBOM in one is among them."""
    name = name.lower()
    return name in NAMES or (name.endswith((".json", ".xml")) and "sbom" in name)


def told(path: str) -> Unknown:
    """Return that what a file names is not known."""
    return Unknown(
        subject=telling.printable(path),
        why="It names packages in a form that is not read.",
        fix="Write an SBOM of it (CycloneDX or SPDX) and scan that, or leave its folder out: --exclude FOLDER.",
    )
