"""Feeds made by hand: records in the OSV format, zips of them."""

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

Json = dict[str, object]


def osv_range(text: str, bound: str = "") -> Json:
    """Return a range from `introduced 1.0, fixed 2.0`; `GIT` in front makes it one of commits, `&` stands for a comma."""
    words = text.removeprefix("GIT ")
    events = [dict([each.split(" ", 1)]) for each in words.split(", ")]
    made: Json = {
        "type": "GIT" if words != text else "ECOSYSTEM",
        "events": [{what: version.replace("&", ",")} for each in events for what, version in each.items()],
    }
    return {**made, "database_specific": {"last_known_affected_version_range": bound}} if bound else made


def osv_record(
    name: str,
    package: str,
    ranges: Iterable[str] = (),
    versions: Iterable[str] = (),
    bound: str = "",
    **more: object,
) -> Json:
    """Return a record about `ecosystem/name`."""
    ecosystem, _, package_name = package.partition("/")
    return {
        "schema_version": "1.6.0",
        "id": name,
        "modified": "2026-11-01T00:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": ecosystem, "name": package_name},
                "ranges": [osv_range(each, bound) for each in ranges],
                "versions": list(versions),
            }
        ],
        **more,
    }


def osv_zip(path: Path, records: Iterable[Mapping[str, object]], **others: bytes) -> Path:
    """Write records into a zip as OSV publishes them, `others` beside them as they are."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for record in records:
            archive.writestr(f"{record['id']}.json", json.dumps(record))
        for name, data in others.items():
            archive.writestr(name, data)
    return path
