"""One try to obtain a certificate, or the making of one that stands in, as a process (`python -m`): it prints how it ended."""

import os
import sys

import msgspec

from vedette.app import keyfile
from vedette.certificates import making
from vedette.certificates.keeping import Folder
from vedette.certificates.types import Outcome, Wanted
from vedette.core import settings as core_settings
from vedette.core.clock import Clock, SystemClock
from vedette.core.errors import VedetteError
from vedette.core.settings import Settings
from vedette.plumbing.seal.aesgcm import AesGcmSeal
from vedette.plumbing.seal.port import Seal


def order(settings: Settings, wanted: Wanted, seal: Seal, clock: Clock) -> None:
    """Obtain a certificate and install it. Raises `ordering.Refused`."""
    from vedette.certificates import failing, ordering

    folder = Folder(settings.data)
    account = folder.account(wanted.directory, seal)
    if account is None:  # kept before it is used, so that a try that dies makes no second one
        account = ordering.new_account()
        folder.keep_account(wanted.directory, account, seal)
    net = ordering.way_out(settings.acme_ca_bundle, allow_private=settings.allow_private_addresses)
    authority = ordering.Authority(wanted, account, net, clock)
    folder.keep_account(wanted.directory, authority.sign_up(settings.acme_email), seal)
    issued = authority.order(folder.proofs)
    try:
        read = making.read(issued.chain, wanted, clock.now())
    except (ValueError, LookupError) as error:
        raise ordering.Refused(failing.away(f"what it gave is of no use: {error}.")) from error
    folder.install(read, issued.chain, issued.key, seal)


def stand_in(settings: Settings, wanted: Wanted, seal: Seal, clock: Clock) -> None:
    """Install a certificate that is signed by itself."""
    key = making.new_key()
    chain = making.stand_in(key, wanted.names, clock.now())
    read = making.read(chain, wanted, clock.now(), self_signed=True)
    Folder(settings.data).install(read, chain, making.key_text(key), seal)


def attempt(what: str) -> Outcome:
    """Do what is asked (`order` or `stand-in`) and return how it ended."""
    try:
        settings = core_settings.load()
        seal = AesGcmSeal(keyfile.read_or_create(settings.data))
        act = order if what == "order" else stand_in
        act(settings, Wanted(settings.names, settings.acme_url), seal, SystemClock())
    except VedetteError as error:
        found = getattr(error, "outcome", None)
        return found if isinstance(found, Outcome) else Outcome(str(error))
    except OSError as error:
        return Outcome(f"The certificate could not be written: {error}.")
    return Outcome()


if __name__ == "__main__":
    os.umask(0o077)
    sys.stdout.buffer.write(msgspec.json.encode(attempt(sys.argv[1])))
