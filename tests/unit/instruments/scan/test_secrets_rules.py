import re
from pathlib import Path

import pytest

from vedette.core.errors import Invalid
from vedette.instruments.scan.secrets.loading import load, ours
from vedette.instruments.scan.secrets.matching import search
from vedette.instruments.scan.secrets.types import Hit

pytestmark = pytest.mark.xdist_group("secrets")  # rules are compiled once
TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def found(text: str, path: str = "src/shop.py", engine: str = "auto") -> list[Hit]:
    return search(ours(), engine)(text.encode(), path, "")


def ids(text: str, path: str = "src/shop.py") -> list[str]:
    return [hit.rule.id for hit in found(text, path)]


def test_what_is_shipped_tells_what_it_opens_and_how_to_revoke() -> None:
    rules = ours().rules
    assert len({rule.id.partition("-")[0] for rule in rules}) >= 120
    assert all(rule.opens and rule.revoke.startswith("https://") and 0 < rule.risk <= 10 for rule in rules)
    assert [rule.id for rule in rules if not rule.keywords and rule.path is None] == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"token = '{TOKEN}'", "github-pat"),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzq8sK2LmQ1", "aws-secret-key"),
        ("DATABASE_URL=postgres://shop:Xk29-vlqa77@db.internal:5432/shop", "database-url-password"),
        ("curl https://shop:Xk29vlqa77z@api.shop.io/v1", "url-basic-auth"),
        ('password = "kT9#vL2!qW"', "generic-password"),
        ("SECRET_KEY = 'j3x!k9$w2pq8zr5t7y1u4i6o0a'", "django-secret-key"),
        ("[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", "wireguard-private-key"),
        ("shop:$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC", "htpasswd"),
    ],
)
def test_known_forms_are_found(text: str, rule: str) -> None:
    assert rule in ids(text)


@pytest.mark.parametrize(
    "text",
    [
        'password = "password"', 'password = "<your-password>"', 'api_key = os.environ["API_KEY"]', 'token: "${{ secrets.GITHUB_TOKEN }}"',
        "postgres://user:password@localhost/db", 'SECRET_KEY = "django-insecure-example-key-123456"', "password = settings.SMTP_PASSWORD_FIELD",
        'sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"', f"x = '{TOKEN[:-1]}'", f"x = '{TOKEN[:20]}xxxxxxxxxxxxxxxxxxxx'",
    ],
)  # fmt: skip
def test_what_merely_looks_like_one_is_not(text: str) -> None:
    assert ids(text) == []


def test_engines_agree() -> None:
    text = f"a = '{TOKEN}'\n" + "b = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'\n"
    both = [
        [(hit.rule.id, hit.line) for hit in found(text, engine=engine)] for engine in ("hyperscan", "re2")
    ]
    assert both[0] == both[1] == [("github-pat", 1), ("stripe-secret-key", 2)]


def test_a_line_that_a_person_marked_is_let_pass() -> None:
    assert ids(f"x = '{TOKEN}'  # vedette:allow\ny = '{TOKEN}'  # gitleaks:allow") == []


def test_base64_is_looked_into_one_level_deep() -> None:
    import base64

    inner = base64.b64encode(f"token={TOKEN}\n".encode() * 2)
    hit = next(
        hit for hit in search(ours())(b"a\nblob: " + inner, "k8s.yaml", "") if hit.rule.id == "github-pat"
    )
    assert (hit.line, hit.encoded) == (2, True)
    assert search(ours())(b"blob: " + base64.b64encode(inner), "k8s.yaml", "") == []


def written(folder: Path, text: str) -> Path:
    path = folder / "gitleaks.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rules]]\nid = 'a'\nregex = '''a(?=b)'''\n", "line 2, rule 'a': the regex"),
        ("[[rules]]\nid = 'a'\n", "neither a regex nor a path"),
        ("[[rules]]\nid = 'a'\nregex = 'x'\n[[rules]]\nid = 'b'\nregex = 'x'\nentropy = 'high'\n", "line 4"),
        ("[[rules]]\nid = 'a'\nregex = 'x'\nsecretGroup = 2\n", "names a group"),
        ("[[rules]]\nid = 'a'\nregex = 'x'\n[[rules.allowlists]]\ncondition = 'XOR'\n", "OR or AND"),
        ("[[rules]]\nid = 'a'\nregex = 'x'\n[[rules.allowlists]]\nregexTarget = 'page'\n", "secret, match or line"),
        ("[extend]\nurl = 'https://example.org'\n", "not fetched"),
        ("[extend]\npath = 'gitleaks.toml'\n", "more than 2 files"),
        ("rules = [\n", "gitleaks.toml"),
        ("[[rules]]\nid = 'a'\nregex = 'x'\nwhatever = 1\n", "whatever"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_by_line_and_rule(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=re.escape(said)):
        load(written(tmp_path, text))


@pytest.mark.parametrize(
    ("allow", "passes"),
    [
        ("paths = ['''fixtures/''']\nstopwords = ['zz']", True),
        ("condition = 'AND'\npaths = ['''fixtures/''']\nstopwords = ['zz']", False),
        ("condition = 'AND'\npaths = ['''fixtures/''']\nstopwords = ['abc']", True),
        ("regexTarget = 'line'\nregexes = ['''never sent''']", True),
        ("regexes = ['''never sent''']", False),
        ("regexTarget = 'match'\nregexes = ['''^key=''']", True),
        ("commits = ['c0ffee']", True),
    ],
)  # fmt: skip
def test_an_allowlist_lets_pass(allow: str, passes: bool, tmp_path: Path) -> None:
    rules = load(
        written(tmp_path, f"[[rules]]\nid = 'a'\nregex = '''key=(\\w+)'''\n[[rules.allowlists]]\n{allow}\n")
    )
    assert (search(rules)(b"key=abc9 never sent", "fixtures/a.txt", "c0ffee") == []) is passes


def test_a_file_of_rules_extends_ours_and_switches_some_off(tmp_path: Path) -> None:
    rules = load(written(tmp_path, "[extend]\nuseDefault = true\ndisabledRules = ['github-pat']\n"))
    assert len(rules.rules) == len(ours().rules) - 1
    assert [hit.rule.id for hit in search(rules)(TOKEN.encode(), "a", "")] == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("curl -u sk_live_4eC39HqLyjWDarjtT1zdp7dc: https://api.stripe.com", "stripe-secret-key"), ("key = 'rk_test_BTcL0d1gwhsBjF6edwgQok';", "stripe-test-key"),
        ("x = 'sk_live_4eC39HqLyj!WDarjtT1zdp7dc'", ""), ("x = '3d04af7f4062414cd89096c164fa4d95-us6'", "mailchimp-api-key"),
        ("x = '3d04af7f4062414cd89096c164fa4d95-us0'", ""),
        ("https://acme.webhook.office.com/webhookb2/k3elge04-qihe-nhnl-xvxxxmfpf335o18qh@qbuq2y9g-zq14-vx7y-bg33-2cfqdnw0s1mr/IncomingWebhook/dgc4mdriouhanhgw6uvv675k53uepgb5/2v61tdwu-rinq-7kq4-g6xu-lrfcbk9qht0p", ""),
    ],
)  # fmt: skip
def test_keys_of_a_form_are_told_from_what_is_nearly_one(text: str, rule: str) -> None:
    assert [hit.rule.id for hit in search(ours())(f"\n{text}\n".encode(), "src/a.py", "")] == (
        [rule] if rule else []
    )
