"""What the rules of gitleaks are held against: values of their making, near misses, and which of their rules we do not ship."""

import base64
import hashlib
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.support.secret_samples import sample

from vedette.instruments.scan.secrets.loading import load
from vedette.instruments.scan.secrets.matching import entropy, search
from vedette.instruments.scan.secrets.types import SecretRule

# An id or a key that is meant to be public is no secret; what is generic has other forms of ours, which tests of ours prove.
NOT_SHIPPED = {
    "adobe-client-id": "an id", "asana-client-id": "an id", "discord-client-id": "an id", "linkedin-client-id": "an id",
    "looker-client-id": "an id", "messagebird-client-id": "an id", "new-relic-user-api-id": "an id", "plaid-client-id": "an id",
    "sendbird-access-id": "an id", "flutterwave-public-key": "public", "lob-pub-api-key": "public", "mailgun-pub-key": "public",
    "curl-auth-header": "generic", "curl-auth-user": "generic", "generic-api-key": "generic", "hashicorp-tf-password": "generic",
    "jwt-base64": "generic", "kubernetes-secret-yaml": "generic", "nuget-config-password": "generic",
    "nytimes-access-token": "its rule takes a comma into the name, by mistake",
    "sourcegraph-access-token": "its rule takes every 40 hexadecimal digits, which is a commit",
}  # fmt: skip


# A mutation that is a secret by its provider's own words is no near miss, though gitleaks' rule is narrower.
SECRET_ALL_THE_SAME = {
    # data centres have one digit or two: https://mailchimp.com/developer/marketing/docs/fundamentals/#api-structure
    "mailchimp-api-key": re.compile(r"\b[0-9a-f]{32}-us[1-9]\d?\b"),
    # a name and a password stand before the host, whoever they are of (RFC 3986, section 3.2.1)
    "sidekiq-sensitive-url": re.compile(r"https?://[^\s:@/]+:[^\s:@/]{8,}@[\w.-]+"),
}


class Sample(NamedTuple):
    """A value, and the rule of gitleaks that it was made of."""

    rule: str
    text: str


def samples(corpus: Path, each: int, seed: int) -> Iterator[Sample]:
    """Yield values that gitleaks' own rules hit: those of too little entropy for anybody's key are made again."""
    theirs = {rule.id: rule for rule in load(corpus).rules}
    chance = Random(seed)
    for written in tomllib.loads(corpus.read_text())["rules"]:
        rule = theirs[written["id"]]
        if rule.pattern is None or rule.id in NOT_SHIPPED:
            continue
        made = (_in_context(rule, sample(written["regex"], chance)) for _ in range(each * 10))
        good = [text for text in made if is_one(rule, text)]
        yield from (Sample(rule.id, text) for text in good[:each])


def is_one(rule: SecretRule, text: str) -> bool:
    """Whether a rule hits a text with a value that is random enough."""
    secret = _secret(rule, text)
    return bool(secret) and entropy(secret.encode("latin-1", "replace")) >= max(
        rule.entropy, 3.0 if len(secret) >= 16 else 0.0
    )


def _secret(rule: SecretRule, text: str) -> str:
    content = text.encode("latin-1", "replace")
    match = rule.pattern.search(content) if rule.pattern else None
    if match is None:
        return ""
    return next((held for held in match.groups() if held), content[match.start() : match.end()]).decode(
        "latin-1"
    )


def near_misses(corpus: Path, each: int, seed: int) -> list[Sample]:
    """Return mutations of values that no rule of gitleaks hits, and what merely looks like secrets."""
    chance = Random(seed)
    rules = load(corpus)
    theirs, by_id = search(rules), {rule.id: rule for rule in rules.rules}
    mutated = [
        Sample(one.rule, one.text.replace(secret, text, 1))
        for one in samples(corpus, each, seed + 1)
        if (secret := _secret(by_id[one.rule], one.text)) for text in _mutations(secret, chance)
    ]  # fmt: skip
    return [
        *(
            one
            for one in mutated
            if not (one.rule in SECRET_ALL_THE_SAME and SECRET_ALL_THE_SAME[one.rule].search(one.text))
            and not theirs(f"\n{one.text}\n".encode("latin-1", "replace"), "src/a.py", "")
        ),
        *_alike(chance),
    ]


def _in_context(rule: SecretRule, text: str) -> str:
    named = not rule.keywords or any(word.decode() in text.lower() for word in rule.keywords)
    return text if named else f"{rule.keywords[0].decode()} {text}"


def _mutations(secret: str, chance: Random) -> Iterator[str]:
    yield secret[:-1]  # one short
    yield secret[:-3]
    yield chance.choice("zqxj") + chance.choice("zqxj") + secret[2:]  # another prefix
    half = len(secret) // 2
    yield secret[:half] + "x" * (len(secret) - half)  # no entropy
    yield secret[:half] + "-your-key-here"
    yield secret[:half] + "!" + secret[half:]


def _alike(chance: Random) -> Iterator[Sample]:
    for number in range(60):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        wide = base64.b64encode(hashlib.sha512(str(number).encode()).digest()).decode()
        uuid = f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
        word = "".join(chance.choice(string.ascii_lowercase) for _ in range(9))
        yield from (
            Sample("hash", f'sha256 = "{digest}"'), Sample("commit", f"commit {digest[:40]}"), Sample("uuid", f'id: "{uuid}"'),
            Sample("integrity", f'"integrity": "sha512-{wide}"'), Sample("hash", f"--hash=sha256:{digest}"),
            Sample("name", f'password = settings.{word}_password'), Sample("word", f'password = "{word}"'),
            Sample("call", f'api_key = os.environ["{word.upper()}_API_KEY"]'), Sample("hole", 'token: "${{ secrets.TOKEN_' + word.upper() + ' }}"'),
            Sample("hole", f'secret_key = "<your-{word}-key>"'), Sample("minified", f"!function(e,t){{var n=t.{word},r={number};e.token=n(r)}}(window,{word});"),
            Sample("url", f'url = "https://{word}.example.org/{digest[:12]}?page={number}"'),
        )  # fmt: skip
