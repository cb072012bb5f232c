"""What is judged: one server's answer, with its certificate read and the instant it was looked at."""

import msgspec

from vedette.instruments.scan.tls.answering import Answer, Deployment
from vedette.instruments.scan.tls.certifying import Leaf, leaves


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One server: the name it was asked for, where it answers, and all that was seen of it at the instant `now`.

    `chain` is the first deployment's, `private` says that an authority of one's own is trusted instead of the public ones.
    """

    name: str
    place: str
    now: float
    answer: Answer
    chain: tuple[Leaf, ...] = ()
    profile: str = "intermediate"
    private: bool = False

    @property
    def leaf(self) -> Leaf | None:
        """Return the server's own certificate."""
        return self.chain[0] if self.chain else None

    @property
    def deployment(self) -> Deployment | None:
        """Return how the certificate is deployed."""
        return self.answer.certificates[0] if self.answer.certificates else None


def deployed(seen: Seen) -> tuple[Seen, ...]:
    """Return what was seen once for each certificate of a server: one of RSA may stand beside one of EC.

    Raises ValueError for a certificate that cannot be read.
    """
    answer = seen.answer
    return tuple(
        msgspec.structs.replace(
            seen, answer=msgspec.structs.replace(answer, certificates=(one,)), chain=leaves(one.chain)
        )
        for one in answer.certificates
    ) or (seen,)
