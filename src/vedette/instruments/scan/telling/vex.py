"""CycloneDX 1.6 as VEX alone: weaknesses and what is thought of them, without the components."""

from vedette.instruments.scan.telling.bom import document
from vedette.instruments.scan.telling.types import Format, Telling


def _write(told: Telling) -> str:
    return document(told, components=False)


FORMAT = Format(name="vex", about="CycloneDX 1.6 as VEX: what is thought of each weakness.", write=_write)
