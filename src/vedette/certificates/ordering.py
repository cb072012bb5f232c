"""Asks an authority for a certificate by ACME (RFC 8555), names proved over HTTP (section 8.3). Import it late.

It blocks, for minutes at worst, and brings `acme` and `requests` with it: a process of its own does it.
"""

import contextlib
import datetime as dt
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import msgspec
import requests
from acme import challenges, client, errors, messages
from josepy.errors import Error as JoseError
from josepy.jwa import ES256
from josepy.jwk import JWK, JWKEC

from vedette.certificates import failing, making
from vedette.certificates.types import Account, Failure, Outcome, Wanted
from vedette.core.clock import Clock
from vedette.core.errors import VedetteError
from vedette.plumbing.net.adapter import NetAdapter
from vedette.plumbing.net.client import NetClient
from vedette.plumbing.net.port import Net, NetError, Response

SECONDS = 90.0  # for proofs and issue together
Show = Callable[[dict[str, str]], AbstractContextManager[None]]
# Over JSON of another shape than it expects, the library stumbles.
_STUMBLES = (AttributeError, LookupError, TypeError, ValueError)
_NONCES = 4  # times two tries of the library, and one more
_TOO_SLOW = "it was still at work after a minute and a half."


class Refused(VedetteError):
    """There is no certificate; `outcome` tells why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.error)
        self.outcome = outcome


class Issued(msgspec.Struct, frozen=True):
    """What the authority gave: the chain (PEM) and the private key to it (PEM)."""

    chain: str
    key: str


def way_out(ca_bundle: str, *, allow_private: bool) -> Net:
    """Return the way to the authority; those of `ca_bundle` (a PEM file) vouch for it, where it is not empty.

    Raises `Refused` when the file holds none.
    """
    try:
        vouching = ssl.create_default_context(cafile=str(Path(ca_bundle))) if ca_bundle else None
    except (OSError, ssl.SSLError) as error:
        raise Refused(failing.ours(f"acme_ca_bundle: {ca_bundle} cannot be read ({error}).")) from error
    return NetClient(allow_private=allow_private, tls=vouching)


def new_account() -> Account:
    """Return an account that no authority knows yet."""
    return Account(JWKEC(key=making.new_key()).json_dumps())


class _Way(client.ClientNetwork):
    """The library's way to an authority, which asks again once with another nonce; some lose more of them (RFC 8555, section 6.5)."""

    def post(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Ask, again while the authority does not know the nonce it gave."""
        for _ in range(_NONCES):
            try:
                return super().post(*args, **kwargs)
            except messages.Error as error:
                if error.code != "badNonce":
                    raise
        return super().post(*args, **kwargs)


class Authority:
    """One authority, seen by one account, for one try."""

    def __init__(self, wanted: Wanted, account: Account, net: Net, clock: Clock) -> None:
        self._wanted, self._clock = wanted, clock
        self._last: Response | NetError | None = None
        self._key = JWK.json_loads(account.key)
        self._net = _Way(self._key, alg=ES256, user_agent="Vedette")
        self._net.session.trust_env = False  # no proxies and no .netrc of the machine
        for scheme in ("https://", "http://"):
            self._net.session.mount(scheme, NetAdapter(net, self._see))

    def sign_up(self, email: str) -> Account:
        """Return the account as the authority knows it from now on, if it did not before. Raises `Refused`."""
        with self._told():
            self._client = client.ClientV2(
                client.ClientV2.get_directory(self._wanted.directory, self._net), self._net
            )
            if self._client.external_account_required():
                raise Refused(failing.outcome("externalAccountRequired", "", ""))
            self._net.account = self._registered(email)
            return Account(self._key.json_dumps(), str(self._net.account.uri))

    def order(self, show: Show) -> Issued:
        """Return a certificate for the names, whose proofs are shown by `show`. Raises `Refused`."""
        key = making.new_key()
        with self._told():
            made = self._client.new_order(making.request(key, self._wanted.names))
            asked = [
                _over_http(each) for each in made.authorizations if each.body.status != messages.STATUS_VALID
            ]
            proofs = {each.chall.encode("token"): each.chall.validation(self._key) for each in asked}
            with show(proofs):
                for each in asked:
                    self._client.answer_challenge(each, each.chall.response(self._key))
                done = self._client.poll_and_finalize(made, self._deadline())
        return Issued(done.fullchain_pem, making.key_text(key))

    def _registered(self, email: str) -> messages.RegistrationResource:
        """Sign up; an authority that knows the key already says where (section 7.3.1)."""
        asked = messages.NewRegistration.from_data(email=email or None, terms_of_service_agreed=True)
        try:
            return self._client.new_account(asked)
        except errors.ConflictError as error:
            return messages.RegistrationResource(uri=error.location, body=messages.Registration())

    def _deadline(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self._clock.now() + SECONDS)  # noqa: DTZ006 - the library compares local time

    def _see(self, last: Response | NetError) -> None:
        self._last = last

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the library raises into `Refused`."""
        try:
            yield
        except messages.Error as error:
            raise Refused(self._outcome(error, "")) from error
        except errors.IssuanceError as error:
            raise Refused(self._outcome(error.error, "")) from error
        except errors.ValidationError as error:
            raise Refused(self._of_proofs(error)) from error
        except errors.TimeoutError as error:
            raise Refused(failing.away(_TOO_SLOW)) from error
        except (errors.Error, JoseError, requests.RequestException, *_STUMBLES) as error:
            raise Refused(failing.away(self._words(error), self._retry_after())) from error

    def _of_proofs(self, error: errors.ValidationError) -> Outcome:
        for each in error.failed_authzrs:
            for one in each.body.challenges:
                if one.error is not None:
                    return self._outcome(one.error, each.body.identifier.value)
        return failing.outcome("unauthorized", "", "")

    def _outcome(self, error: messages.Error, name: str) -> Outcome:
        about = name or (error.identifier.value if error.identifier else "") or self._wanted.names[0]
        if error.subproblems:  # which of several names it was (section 6.7.1)
            error = error.subproblems[0]
            about = error.identifier.value if error.identifier else about
        return failing.outcome(error.code or "", about, error.detail or "", self._retry_after())

    def _words(self, error: Exception) -> str:
        if isinstance(self._last, NetError):
            return str(self._last)
        status = f"HTTP {self._last.status}, " if self._last is not None else ""
        return f"{status}{type(error).__name__}."

    def _retry_after(self) -> float | None:
        """Return the seconds the last answer asks us to wait (RFC 9110, section 10.2.3), None when it does not."""
        if not isinstance(self._last, Response) or self._last.status < 400:
            return None
        text = self._last.headers.get("retry-after", "")
        with contextlib.suppress(ValueError):
            return max(0.0, float(int(text)) if text.isdigit() else parsedate_to_datetime(text).timestamp() - self._clock.now())  # fmt: skip
        return None


def _over_http(authorization: messages.AuthorizationResource) -> messages.ChallengeBody:
    """Return the proof over HTTP that an authority offers for a name."""
    for each in authorization.body.challenges:
        if isinstance(each.chall, challenges.HTTP01):
            return each
    name = authorization.body.identifier.value
    raise Refused(Outcome(f"The authority takes no proof over HTTP for {name}.", Failure.REFUSED))
