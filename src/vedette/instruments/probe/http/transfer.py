"""One request and its answer: one hop of an http check."""

import ssl

import pycurl

from vedette.core.clock import monotonic
from vedette.instruments.probe import causes, sentences
from vedette.instruments.probe.certificates import read_chain
from vedette.instruments.probe.handshaking import Handshake, Trust, failed, read_untrusted
from vedette.instruments.probe.http.handles import Errand, Way, limit, prepared, spoken
from vedette.instruments.probe.http.multi import Ended, of_running_loop
from vedette.instruments.probe.http.options import HttpOptions
from vedette.instruments.probe.http.receiving import Receiver
from vedette.instruments.probe.http.timing import Marks, cut_off, phase_at, spent
from vedette.instruments.probe.masking import masked_url
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import where
from vedette.instruments.probe.types import Cause, Failed, Hop, Phase, Standpoint, Target

WROTE_LESS = 23


class Transfer:
    """The hops of one check share this: the handle with its cookies, the options, the tape."""

    def __init__(self, options: HttpOptions, standpoint: Standpoint, tape: Tape, keep: int) -> None:
        self._options, self._standpoint, self._tape, self._keep = options, standpoint, tape, keep
        self._curl = pycurl.Curl()

    async def run(self, errand: Errand, seconds: float) -> Receiver:
        """Ask once and return what came; the tape has status, headers, body, chain and a hop. Raises `Failed`."""
        target = errand.target
        receiver = Receiver(keep=self._keep, cap=self._options.max_bytes)
        with prepared(self._curl, errand, self._options, self._standpoint, receiver):
            limit(self._curl, seconds)
            self._tape.phase = Phase.CONNECT
            began, ended = monotonic(), None
            try:
                ended = await of_running_loop().perform(self._curl)
            finally:
                marks = self._marks()
                if ended is None:  # called off
                    marks = cut_off(marks, connected=errand.is_connected(), total=monotonic() - began)
                self._note(target, receiver, marks)
        if ended.code:
            raise await self._failure(ended, target, receiver, errand.way)
        self._tape.phase = None
        return receiver

    def _note(self, target: Target, receiver: Receiver, marks: Marks) -> None:
        """Write down what came, also when the transfer failed or was called off."""
        tape, curl = self._tape, self._curl
        secure = target.scheme == "https"
        for phase, milliseconds in spent(marks, secure=secure, complete=receiver.complete).items():
            tape.add(phase, milliseconds)
        tape.phase = phase_at(marks, secure=secure, complete=receiver.complete)
        tape.connected = tape.connected or marks.connect > 0
        tape.address = curl.getinfo(pycurl.PRIMARY_IP) or ""
        tape.status = curl.getinfo(pycurl.RESPONSE_CODE) or None
        tape.protocol = spoken(curl)
        tape.headers, tape.body = receiver.headers, bytes(receiver.body)
        tape.chain = read_chain(self._sent()) if secure else ()
        ends = min((found.ends for found in tape.chain), default=None)
        url = masked_url(target.url, ())
        tape.hops.append(Hop(url=url, status=tape.status, address=tape.address, certificate_ends=ends))

    def _marks(self) -> Marks:
        get = self._curl.getinfo
        return Marks(
            connect=get(pycurl.CONNECT_TIME),
            tls=get(pycurl.APPCONNECT_TIME),
            first_byte=get(pycurl.STARTTRANSFER_TIME),
            total=get(pycurl.TOTAL_TIME),
        )

    def _sent(self) -> list[bytes]:
        found = []
        for certificate in self._curl.getinfo(pycurl.INFO_CERTINFO):
            pem = next((value for name, value in certificate if name == "Cert"), "")
            if pem:
                found.append(ssl.PEM_cert_to_DER_cert(pem))
        return found

    async def _failure(self, ended: Ended, target: Target, receiver: Receiver, way: Way) -> Failed:
        if ended.code == causes.NOT_VERIFIED:
            return await self._not_verified(ended, target, way)
        phase = self._tape.phase or Phase.CONNECT
        if ended.code == WROTE_LESS and receiver.too_large:
            cap = self._options.max_bytes
            return Failed(Cause.BODY_TOO_LARGE, f"The body of {where(target)} is larger than {cap} bytes.")
        if ended.code == causes.OUT_OF_TIME:
            raise TimeoutError
        number = self._curl.getinfo(pycurl.OS_ERRNO)
        cause = causes.of_curl(ended.code, ended.words, number, phase)
        return Failed(cause, sentences.broken(cause, where(target), ended.words))

    async def _not_verified(self, ended: Ended, target: Target, way: Way) -> Failed:
        """Tell what is wrong with the certificates; libcurl does not hand over those it refused."""
        tape = self._tape
        code = self._curl.getinfo(pycurl.SSL_VERIFYRESULT)
        if way.proxy is None and tape.address:
            tape.chain = await read_untrusted(Handshake(target, Trust()), tape.address, self._standpoint)
        name = "no alternative certificate" in ended.words or "does not match" in ended.words
        return failed(target, causes.WRONG_NAME if name else code, ended.words, tape, self._standpoint)
