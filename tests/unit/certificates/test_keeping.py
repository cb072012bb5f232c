"""What is kept of certificates: nobody else can read it, keys are sealed, and a broken file is told."""

import stat
from pathlib import Path

import pytest

from vedette.certificates import making
from vedette.certificates.keeping import Folder, load
from vedette.certificates.types import Account, Certificate, Standing, Wanted
from vedette.core.errors import ConfigError
from vedette.plumbing.seal.aesgcm import AesGcmSeal

NOW = 1_764_040_000.0
SEAL, OTHER = AesGcmSeal(bytes(32)), AesGcmSeal(b"o" * 32)
WANTED = Wanted(("watch.example.com", "status.example.com"), "https://ca.example.com/dir")


def installed(folder: Folder) -> tuple[str, str, Certificate]:
    key = making.new_key()
    chain, text = making.stand_in(key, WANTED.names, NOW), making.key_text(key)
    read = making.read(chain, WANTED, NOW, self_signed=True)
    folder.install(read, chain, text, SEAL)
    return chain, text, read


def test_a_certificate_is_found_again_with_its_key(folder: Folder, tmp_path: Path) -> None:
    assert folder.certificate() is None
    chain, key, read = installed(folder)
    assert folder.certificate() == read
    assert load(tmp_path, SEAL) == (chain, key)
    assert (read.names, read.self_signed, read.end) == (WANTED.names, True, NOW + 90 * 86_400)


def test_nobody_else_reads_it_and_no_key_lies_open(folder: Folder, tmp_path: Path) -> None:
    _, key, _ = installed(folder)
    folder.keep(Standing(wanted=WANTED))
    folder.keep_account(WANTED.directory, Account('{"d": "planted"}'), SEAL)
    with folder.proofs({"tok": "tok.thumb"}):
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert len(files) == 4
        for path in files:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
            assert key.splitlines()[1] not in path.read_text()
            assert "planted" not in path.read_text()


def test_accounts_are_kept_by_authority(folder: Folder) -> None:
    folder.keep_account("https://a/dir", Account("{}", "https://a/1"), SEAL)
    assert folder.account("https://a/dir", SEAL) == Account("{}", "https://a/1")
    assert folder.account("https://b/dir", SEAL) is None


def test_how_trying_went_counts_for_what_was_wanted_alone(folder: Folder) -> None:
    standing = Standing(wanted=WANTED, failures=3, next_at=NOW)
    folder.keep(standing)
    assert folder.standing(WANTED) == standing
    other = Wanted(("other.example.com",), WANTED.directory)
    assert folder.standing(other) == Standing(wanted=other)


def test_proofs_are_there_while_they_are_asked_for(folder: Folder) -> None:
    with folder.proofs({"tok_-1": "tok_-1.thumb"}):
        assert folder.proof("tok_-1") == "tok_-1.thumb"
        assert folder.proof("../standing.json") == ""
    assert folder.proof("tok_-1") == ""
    with pytest.raises(ConfigError), folder.proofs({"../x": "y"}):
        pass


def test_another_key_file_and_a_broken_file_are_told(folder: Folder, tmp_path: Path) -> None:
    installed(folder)
    with pytest.raises(ConfigError, match=r"another key file; restore secret\.key"):
        load(tmp_path, OTHER)
    (tmp_path / "certificates" / "installed.json").write_text("{")
    with pytest.raises(ConfigError, match=r"installed\.json: cannot be read"):
        folder.certificate()


def test_a_chain_for_other_names_is_refused() -> None:
    chain = making.stand_in(making.new_key(), ("other.example.com",), NOW)
    with pytest.raises(ValueError, match=r"the certificate is for other\.example\.com"):
        making.read(chain, WANTED, NOW)
