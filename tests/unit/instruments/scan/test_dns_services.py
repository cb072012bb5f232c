"""Which service a name belongs to, and what it says of a name that nobody has."""

import pytest

from vedette.instruments.scan.dns.services import says_unclaimed, service_of, services


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("shop.github.io", "GitHub Pages"),
        ("github.io", "GitHub Pages"),
        ("shop.azurewebsites.net", "Azure"),
        ("evilgithub.io", ""),
        ("github.io.example", ""),
    ],
)
def test_a_name_belongs_to_a_service_by_its_whole_suffix(target: str, name: str) -> None:
    found = service_of(target)
    assert (found.name if found else "") == name


def test_each_sentence_is_known_on_its_page_and_no_empty_page_says_one() -> None:
    for service in services():
        assert not says_unclaimed(service, "<p>Welcome</p>")
        assert all(says_unclaimed(service, f"<p>{text}</p>") for text in service.says)
        assert all(len(text) > 10 for text in service.says)  # what is shorter stands on pages of others
