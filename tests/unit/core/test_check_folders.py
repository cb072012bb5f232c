"""The setting that names the folders whose files and sockets checks may open."""

from vedette.core.settings import load


def test_folders_for_checks_are_whole_paths() -> None:
    settings = load({"VEDETTE_CHECK_FOLDERS": "/srv/data, /var/run ,relative,"})
    assert settings.checked_folders == ("/srv/data", "/var/run")
    assert load({}).checked_folders == ()
