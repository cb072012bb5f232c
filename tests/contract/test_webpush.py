"""Web Push as the RFCs have it: the example of RFC 8291, any text, who signed, what a browser that left does."""

import dataclasses
import json

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.push import PushBrowser, push_service, unpacked
from tests.support.services import Far

from vedette.core.errors import Invalid
from vedette.core.settings import Settings
from vedette.notify.channels import registry
from vedette.notify.channels.webpush import keys
from vedette.notify.channels.webpush.encryption import MOST, encrypted, sealed
from vedette.notify.channels.webpush.message import payload
from vedette.notify.channels.webpush.subscription import read
from vedette.notify.types import Action, ChannelError, Gone, Notice
from vedette.plumbing.net.client import NetClient
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports

NASTY = st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from('<&"\\😀\n')))
NOTICE = Notice(
    title="Boom", text="in cart", severity="high", link="https://v.example/issues/A-1/", at=0.0, group="1.abc",
    actions=(Action("acknowledge", "Acknowledge", "https://v.example/a/"), Action("silence", "Silence 1 h", "https://v.example/s/")),
)  # fmt: skip


def number(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(unpacked(text), "big"), ec.SECP256R1())


@pytest.fixture
def house() -> MemoryPorts:
    made = dataclasses.replace(
        memory_ports(settings=Settings(base_url="https://vedette.example")), net=NetClient(allow_private=True)
    )
    install(made)
    return made


def test_the_example_of_rfc_8291() -> None:
    """Appendix A."""
    browser = PushBrowser(
        number("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), unpacked("BTBZMqHH6r4Tts7J_aSIgg")
    )
    body = sealed(
        b"When I grow up, I want to be a watermelon", read(browser.subscription("https://push.example/x")),
        number("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), unpacked("DGv6ra1nlYgDCS1FRnbzlw"),
    )  # fmt: skip
    wanted = (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    assert body == unpacked(wanted)
    assert browser.read(body) == b"When I grow up, I want to be a watermelon"


@given(st.binary(max_size=MOST))
@settings(deadline=None)
def test_the_browser_reads_what_was_pushed(plain: bytes) -> None:
    browser = PushBrowser()
    body = encrypted(plain, read(browser.subscription("https://push.example/x")))
    assert len(body) <= 4_096
    assert browser.read(body) == plain


@given(NASTY, NASTY, st.integers(1, 3_000))
def test_whatever_the_notice_it_fits_and_keeps_its_links(title: str, text: str, times: int) -> None:
    notice = msgspec.structs.replace(NOTICE, title=title * times, text=text * times, reason=text * times)
    shown = payload(notice, "t" * 32)
    assert len(shown) <= MOST
    told = json.loads(shown)
    assert told["link"] == NOTICE.link
    assert [act["kind"] for act in told["actions"]] == ["acknowledge", "silence"]


def test_a_newer_notice_replaces_the_older_and_urgency_follows_severity(house: MemoryPorts) -> None:
    far, browser = Far({}), PushBrowser()
    with push_service(far, browser) as endpoint:
        config = {"subscription": browser.subscription(endpoint)}
        for key, notice in (
            ("k1", NOTICE),
            ("k2", msgspec.structs.replace(NOTICE, severity="info")),
            ("k3", msgspec.structs.replace(NOTICE, group="2.b", severity="low")),
        ):
            registry.kind("webpush").send(notice, config, key)
    assert far.got[0][1] == far.got[1][1] != far.got[2][1]
    assert [headers["Urgency"] for headers, _, _ in far.raw] == ["high", "low", "normal"]
    headers, claims, shown = far.raw[0]
    assert headers["TTL"] == "86400"
    assert claims["exp"] == int(house.clock.now()) + 43_200
    assert claims["sub"] == "https://vedette.example"
    assert shown["tag"] == headers["Topic"]
    assert {h["Authorization"].partition("k=")[2] for h, _, _ in far.raw} == {keys.public_key()}


def test_the_key_is_made_once_and_rests_sealed(house: MemoryPorts) -> None:
    assert keys.public_key() == keys.public_key()
    entry = house.kv.get("notify/vapid")
    assert entry is not None
    assert (entry.value or b"").startswith(b"v1.")
    assert len(unpacked(keys.public_key())) == 65


def test_a_browser_that_left_is_gone_and_nothing_tells_its_endpoint(house: MemoryPorts) -> None:
    far, browser = Far({}), PushBrowser()
    with push_service(far, browser) as endpoint:
        config = {"subscription": browser.subscription(endpoint)}
        far.answer = "gone"
        with pytest.raises(Gone, match="410"):
            registry.kind("webpush").send(NOTICE, config, "k")
        for answer in ("later", "never"):
            far.answer = answer
            with pytest.raises(ChannelError) as refused:
                registry.kind("webpush").send(NOTICE, config, "k")
            assert "hush" not in str(refused.value)
            assert not isinstance(refused.value, Gone)


@pytest.mark.parametrize(
    "wrong",
    [
        "", "{}", "[]", "nonsense", '{"endpoint": "https://x/", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}',
        PushBrowser(auth=b"short").subscription("https://push.example/x"),
        PushBrowser().subscription("ftp://push.example/x"), PushBrowser().subscription("https://x/" + "y" * 9_000),
    ],
    # Named, for the keys are new in each process, and the workers must know a test by the same name.
    ids=["nothing", "empty", "list", "words", "keys", "auth", "ftp", "long"],
)  # fmt: skip
def test_what_no_browser_gave_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        registry.kind("webpush").check({"subscription": wrong})
    assert list(refused.value.fields) == ["subscription"]


def test_a_lost_key_file_says_so_and_is_not_tried_again(house: MemoryPorts) -> None:
    house.kv.put("notify/vapid", b"v1.nonsense")
    config = {"subscription": PushBrowser().subscription("https://push.example/x")}
    with pytest.raises(ChannelError, match="key file") as refused:
        registry.kind("webpush").send(NOTICE, config, "k")
    assert refused.value.permanent
