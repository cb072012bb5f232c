"""Which of two versions is earlier, by the rules of their ecosystem."""

from vedette.instruments.scan.versions.comparing import compare, ecosystems, family, key
from vedette.instruments.scan.versions.types import Key, Unreadable

__all__ = ["Key", "Unreadable", "compare", "ecosystems", "family", "key"]
