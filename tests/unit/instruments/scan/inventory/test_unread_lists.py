"""Lists of packages that are there and not read are told, beside those that are."""

from pathlib import Path

from vedette.instruments.scan.advisories import sources
from vedette.instruments.scan.inventory import databases, registry


def test_lists_that_are_not_read_are_told() -> None:
    paths = [
        "app/app.jar",
        "opt/conda/conda-meta/a.json",
        "var/lib/pacman/local/a/desc",
        "var/lib/pacman/local/b/desc",
    ]
    assert [each.subject for each in databases.unread(paths)] == [
        "opt/conda/conda-meta",
        "var/lib/pacman/local",
        "app/app.jar",
    ]


def test_a_distribution_without_a_list_is_told() -> None:
    npm, dpkg = registry.all_formats()["npm"], registry.all_formats()["dpkg"]
    assert [each.subject for each in databases.without_list(["etc/os-release"], [npm])] == ["etc/os-release"]
    assert list(databases.without_list(["etc/os-release"], [npm, dpkg])) == []
    assert list(databases.without_list(["app/a"], [npm])) == []


def test_what_a_folder_of_records_holds_and_nobody_looks_at_is_told(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abcdefghijklmn")
    for folder in (deep, tmp_path / ".hidden"):
        folder.mkdir(parents=True)
        (folder / "A.json").write_text("{}")
    (tmp_path / "PYSEC-1.yaml").touch()
    (tmp_path / "link.json").symlink_to(tmp_path / "PYSEC-1.yaml")
    found = {each.name: each.trouble for each in sources.members(tmp_path, "here")}
    assert set(found) == {"a/b/c/d/e/f/g/h/i/j/k/l/m", ".hidden/A.json", "PYSEC-1.yaml", "link.json"}
    assert [name for name, trouble in found.items() if not trouble] == [".hidden/A.json"]
