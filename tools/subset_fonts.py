"""Cut the fonts down to what the pages write: `python subset_fonts.py <in.woff2> <out.woff2> ...` (needs fonttools)."""

import io
import sys

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

LETTERS = (
    "U+0020-007E,U+00A0-00FF,U+2013,U+2014,U+2018-201D,U+2022,U+2026,U+202F,U+2190-2193,U+2197,U+21B5,U+00D7,"
    "U+2212,U+2318,U+25B2,U+25BC"
)
FEATURES = ["kern", "liga", "calt", "tnum", "zero", "mark", "mkmk", "ccmp", "locl"]
WEIGHTS = (400, 600)


def cut(source: str, target: str) -> None:
    """Write `target` with only our letters, features and weights of the variable font `source`."""
    options = subset.Options(layout_features=FEATURES, hinting=False, recalc_timestamp=False)
    font = TTFont(source, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(LETTERS))
    subsetter.subset(font)
    font.flavor = None
    plain = io.BytesIO()
    font.save(plain)
    plain.seek(0)
    narrowed = instantiateVariableFont(TTFont(plain, recalcTimestamp=False), {"wght": WEIGHTS})
    narrowed.flavor = "woff2"
    narrowed.save(target)


if __name__ == "__main__":
    for source, target in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        cut(source, target)
