"""What pgBackRest says, told as the failure it means."""

import pytest

from vedette.instruments.backup.pgbackrest import reading
from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Failure

OTHER_KEY = (
    '[{"backup":[],"name":"shop","repo":[{"key":1,"status":{"code":99,"message":"[CryptoError] unable to load info file '
    "'/repo/backup/shop/backup.info': CryptoError: cipher header invalid \x01\x7f\x1f\\nHINT: has a stanza-create been performed?\"}}],"
    '"status":{"code":99,"lock":{"backup":{"held":false}},"message":"other"}}]'
)
UNREAD = "ERROR: [041]: raised from local-2 protocol: unable to open file '/data/base/odd' for read: [13] Permission denied"


def test_what_another_password_leaves_unreadable_is_the_wrong_key() -> None:
    with pytest.raises(Failed) as error:
        reading.stanza(OTHER_KEY)
    assert error.value.failure is Failure.WRONG_KEY


def test_a_file_of_the_cluster_that_may_not_be_read_is_named() -> None:
    assert reading.unread_of(UNREAD, "/data") == "/data/base/odd"
    assert reading.unread_of(UNREAD, "/dat") == ""
    assert reading.unread_of(UNREAD, "") == ""


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        ("ERROR: [029]: zst error: [-20] Data corruption detected", Failure.DAMAGED),
        ("ERROR: [095]: unable to flush [CryptoError]", Failure.DAMAGED),
        ("ERROR: [050]: unable to acquire lock on file", Failure.LOCKED),
        ("ERROR: [041]: unable to write '/repo/x': [28] No space left on device", Failure.TARGET_FULL),
    ],
)
def test_each_error_has_its_word(said: str, failure: Failure) -> None:
    assert reading.failure_of(said) is failure
