"""Whatever comes is judged: nothing raises, nothing leads out of the folder, nothing is left behind."""

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.tests import sent_files as sent
from guard.tests.taking import EVERYTHING
from vedette_guard.decisions.filenames import extension, fault
from vedette_guard.decisions.kinds import ZIPPED, judge
from vedette_guard.decisions.sniffing import sniff
from vedette_guard.uploads import (
    KINDS,
    Accepted,
    UploadPolicy,
    Uploads,
)

SEEDS = [
    *sent.talkative().values(), sent.zipped({"a/b.txt": b"x" * 99, "c.zip": sent.zipped({"d": b"e"})}), sent.tarred(("a", b"x"), ("b" * 120, b"y")),
    gzip.compress(sent.tarred(("a", b"x"))), sent.office("docx"), sent.open_document(), sent.PDF, sent.SVG, sent.HTML, sent.moving("GIF"),
]  # fmt: skip
mutated = st.builds(
    lambda seed, at, put, cut: seed[: int(at * len(seed))] + put + seed[int(at * len(seed)) + cut :],
    st.sampled_from(SEEDS), st.floats(0, 1), st.binary(max_size=8), st.integers(0, 12),
)  # fmt: skip
names = st.sampled_from([f"a.{extension}" for kind in KINDS.values() for extension in kind.extensions])
contents = st.one_of(st.binary(max_size=300), mutated)


def anything_is_judged(uploads: Uploads, content: bytes, name: str) -> None:
    verdict = uploads.take(io.BytesIO(content), name=name)
    if isinstance(verdict, Accepted):
        kinds = sniff(content)
        assert verdict.kind in kinds or (kinds == ("zip",) and verdict.kind in ZIPPED)
    for folder in (uploads.folder, uploads.quarantine):
        for path in folder.iterdir():
            path.unlink()


@settings(max_examples=50)
@given(contents, names)
def test_whatever_comes_is_judged(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    anything_is_judged(Uploads(tmp_path_factory.getbasetemp() / "any", EVERYTHING), content, name)


@pytest.mark.deep
@settings(max_examples=10_000)
@given(contents, names)
def test_very_much_of_whatever_comes_is_judged(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    anything_is_judged(Uploads(tmp_path_factory.getbasetemp() / "very", EVERYTHING), content, name)


@pytest.mark.corpus
def test_names_of_fuzzdb_are_never_what_they_want(tmp_path: Path, corpora: Path) -> None:
    """Whatever the name, with what it stands for put in: a script is not taken, and a photo is stored as `.jpg`."""
    uploads = Uploads(tmp_path / "uploads", UploadPolicy(kinds=("jpeg", "text")))
    photo = sent.image("JPEG", (2, 2))
    files = sorted((corpora / "fuzzdb/file-upload").glob("*.txt"))
    lines = {line for path in files for line in path.read_text().splitlines()}
    assert len(lines) > 250
    for n, line in enumerate(sorted(lines)):
        for script in ("shell.php", "shell.asp", "shell"):
            name = line.replace("{PHPSCRIPT}", script).replace("{ASPSCRIPT}", script).replace("{EXT}", "jpg")
            for said in (name, f"shell.{name}", f"{name}.jpg"):
                judged = judge(extension(said.strip()), "image/jpeg", ("jpeg",), ("jpeg", "text"))
                assert fault(said) or judged.kind is None or judged.kind.name == "jpeg"
        if n % 5 == 0 and judged.kind and not fault(said):
            stored = uploads.take(io.BytesIO(photo), name=said, declared="image/jpeg")
            assert not stored.accepted or stored.name.endswith(".jpg")
            assert not uploads.take(io.BytesIO(sent.PHP), name=said, declared="image/jpeg").accepted
