"""One upload taken, and nothing left of it where nothing may be left."""

import io

from vedette_guard.uploads import KINDS, Accepted, Quarantined, Refused, UploadPolicy, Uploads, Verdict

EVERYTHING = UploadPolicy(kinds=tuple(KINDS))


def take(uploads: Uploads, content: bytes, name: str, declared: str = "") -> Verdict:
    """Return what became of a file; of what is not taken, nothing may be left but what is in quarantine."""
    before = len(list(uploads.folder.iterdir()))
    verdict = uploads.take(io.BytesIO(content), name=name, declared=declared)
    assert len(list(uploads.folder.iterdir())) == before + verdict.accepted
    waiting = [verdict.path] if isinstance(verdict, Quarantined) else []
    assert [path for path in uploads.quarantine.iterdir() if path.suffix != ".quarantined"] == []
    assert all(path.exists() for path in waiting)
    return verdict


def taken(uploads: Uploads, content: bytes, name: str, declared: str = "") -> Accepted:
    verdict = take(uploads, content, name, declared)
    assert isinstance(verdict, Accepted), verdict
    return verdict


def refused(uploads: Uploads, content: bytes, name: str, declared: str = "") -> tuple[str, str]:
    verdict = take(uploads, content, name, declared)
    assert isinstance(verdict, Refused), verdict
    return verdict.reason, verdict.sentence
