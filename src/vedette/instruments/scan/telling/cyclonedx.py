"""CycloneDX 1.6 (ECMA-424): an SBOM with its weaknesses and what is thought of them (VEX)."""

from vedette.instruments.scan.telling.bom import document
from vedette.instruments.scan.telling.types import Format, Telling


def _write(told: Telling) -> str:
    return document(told, components=True)


FORMAT = Format(name="cyclonedx", about="CycloneDX 1.6: components, and weaknesses with VEX.", write=_write)
