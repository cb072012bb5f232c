"""Every pair of tokens that meets on a page keeps its contrast (WCAG 2.2: text 4.5, graphics 3), in both themes.

OKLCH to linear sRGB: Björn Ottosson, "A perceptual color space for image processing" (2020).
"""

import math
import re
from pathlib import Path

import pytest

import vedette.ui

TOKENS = (Path(vedette.ui.__file__).parent / "assets/css/tokens.css").read_text()
PATTERN = re.compile(r"--([\w-]+):\s+light-dark\(oklch\(([^)]+)\),\s*oklch\(([^)]+)\)\)")
COLOURS = {name: (light, dark) for name, light, dark in PATTERN.findall(TOKENS)}
TEXTS = [
    ("fg", "bg"), ("fg-2", "bg"), ("fg-2", "hover"), ("fg-2", "pressed"), ("fg", "pressed"), ("fg-3", "bg"), ("fg-3", "surface"),
    ("fg-3", "sunken"), ("fg-3", "hover"), ("accent", "surface"), ("accent", "bg"), ("ok-text", "surface"), ("ok-text", "bg"), ("ok-text", "ok-bg"),
    ("warn-text", "surface"), ("warn-text", "bg"), ("warn-text", "warn-bg"), ("crit-text", "surface"), ("crit-text", "bg"),
    ("crit-text", "crit-bg"), ("crit-text", "sunken"), ("fg", "crit-bg"), ("fg-2", "crit-bg"), ("fg-3", "crit-bg"), ("info-text", "surface"),
    ("info-text", "info-bg"), ("bg", "fg"), ("fg-2", "warn-bg"), ("fg-2", "ok-bg"),
]  # fmt: skip
GRAPHICS = [
    ("ok", "surface"),
    ("ok-dim", "surface"),
    ("warn", "surface"),
    ("crit", "surface"),
    ("info", "surface"),
    ("control", "surface"),
    ("control", "bg"),
]


def luminance(oklch: str) -> float:
    lightness, chroma, hue = map(float, oklch.split())
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3  # noqa: E741 - the paper's names
    m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s
    green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s
    blue = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, theme: int) -> float:
    darker, lighter = sorted(luminance(COLOURS[name][theme]) for name in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_21() -> None:
    assert round((luminance("1 0 0") + 0.05) / (luminance("0 0 0") + 0.05), 1) == 21.0


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text(text: str, ground: str, theme: int) -> None:
    assert contrast(text, ground, theme) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), GRAPHICS)
def test_graphic(shape: str, ground: str, theme: int) -> None:
    assert contrast(shape, ground, theme) >= 3
