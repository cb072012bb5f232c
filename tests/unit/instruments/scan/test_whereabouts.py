"""Where the feeds of this machine are."""

from pathlib import Path

from vedette.instruments.scan.advisories.whereabouts import feeds_folder


def test_the_variable_then_the_data_folder_then_the_users_own(tmp_path: Path) -> None:
    missing = tmp_path / "data"
    assert feeds_folder({"VEDETTE_FEEDS": "/srv/feeds"}, tmp_path) == Path("/srv/feeds")
    assert feeds_folder({}, tmp_path) == tmp_path / "feeds"
    assert feeds_folder({"XDG_DATA_HOME": "/var/lib/me"}, missing) == Path("/var/lib/me/vedette/feeds")
    assert (
        feeds_folder({"XDG_DATA_HOME": "relative"}, missing)
        == Path("~/.local/share/vedette/feeds").expanduser()
    )
