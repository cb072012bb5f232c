"""What scripts of journeys try and must not get: time, memory, processes, files, networks, secrets; and that nothing of them stays."""

import asyncio
import base64
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from tests.integration.test_probes_journey import BUYS
from tests.support.browser import CHROMIUM
from tests.support.journeys import PASSWORD, USER, Shop, go, left, request_of, standpoint
from tests.support.server import Vedette

from vedette.core.settings import Settings
from vedette.instruments.probe.journey import trial
from vedette.instruments.probe.journey.ability import rules_of
from vedette.instruments.probe.running import run

pytestmark = [pytest.mark.deep, pytest.mark.timeout(200)]
ROOT = os.getuid() == 0
HIDES = "subprocess.Popen([sys.executable, '-c', 'import time, os, signal; \"journey/apart/\"; signal.signal(15, 1); os.setsid(); time.sleep(99)'])"
NOBODY, DAEMON = 65_534, 1
HEAD = "import os, socket, subprocess, sys, time\nasync def journey(page, step):\n"


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.close()


def script(*lines: str) -> str:
    return HEAD + "\n".join(f"    {line}" for line in lines) + "\n"


def printed(*lines: str, url: str = "") -> str:
    """Return what the lines print, of a journey that goes well."""
    found = go(script(*lines), url)
    assert found.ok, found.sentence
    return found.evidence.body


def test_a_journey_that_goes_well_is_fine(shop: Shop) -> None:
    found = go(BUYS, shop.url)
    assert found.ok, found.sentence
    assert found.sentence.startswith("3 steps of the journey went as expected in ")
    assert 0 < (found.phases.transfer or 0) <= found.phases.total
    assert found.evidence.picture == b""


def test_an_endless_script_is_ended_in_time_and_all_of_it() -> None:
    found = go(script(HIDES, "with step('wait'):", "    while True: pass"), deadline=2)
    assert (found.code, found.sentence) == (
        "timeout-in-step", "Step 1, “wait”, was not over when the 2 s of the check were.",
    )  # fmt: skip
    assert left() == []


def test_what_eats_memory_is_ended() -> None:
    eats = "held = [bytearray(1 << 20) for _ in range(4_000)]"
    found = go(script("with step('eat'):", f"    {eats}"), megabytes=600)
    assert (found.code, found.sentence) == (
        "over-limit", "Step 1, “eat”, used more than 600 MB of memory and was ended.",
    )  # fmt: skip
    assert left() == []


def test_a_page_that_eats_memory_is_ended(shop: Shop) -> None:
    """It eats in bites: so the limit comes before the page's own, at which it would crash."""
    eats = "await page.evaluate('async () => { const held = []; for (let n = 0; n < 4000; n++) { held.push(new Uint8Array(1 << 20).fill(n)); if (n % 20 === 0) await new Promise((go) => setTimeout(go, 40)) } }')"
    found = go(script(f"await page.goto({shop.url!r})", "with step('eat'):", f"    {eats}"), megabytes=600)
    assert (found.code, found.sentence) == (
        "over-limit", "Step 1, “eat”, used more than 600 MB of memory and was ended.",
    )  # fmt: skip
    assert left() == []


@pytest.mark.skipif(not ROOT, reason="only root makes file systems")
def test_what_is_written_into_memory_counts_and_is_bounded() -> None:
    """All folders share one file system of 256 MiB: they cannot be filled one after the other."""
    writes = "for folder in ('/tmp', '/var/tmp', '/dev/shm', '/run', os.path.expanduser('~')):\n        "
    fills = script(
        "full = []",
        f"{writes}try:\n            with open(folder + '/eaten', 'wb') as file:\n                for _ in range(100):\n                    file.write(bytes(1 << 20))"
        "\n        except OSError as error:\n            full.append(error.errno)",
        "print(full)",
        "import shutil",
        "print(shutil.disk_usage('/dev/shm').total >> 20)",
    )
    found = go(fills)
    assert json.loads(found.evidence.body)["printed"].splitlines() == ["[28, 28, 28]", "256"], found.sentence
    for size, code in ((0, ""), (250, "over-limit")):
        held = f"with open('/var/tmp/held', 'wb') as file: [file.write(bytes(1 << 20)) for _ in range({size})] and time.sleep(1)"
        assert go(script("with step('fill'):", f"    {held}"), megabytes=650).code == code


def test_processor_time_is_counted_over_all_processes() -> None:
    burns = "subprocess.Popen([sys.executable, '-c', 'while True: pass'])"
    found = go(script(burns, "while True: pass"), deadline=60, seconds=4)
    assert (found.code, found.sentence) == (
        "over-limit", "The journey used more than 4 s of processor time and was ended.",
    )  # fmt: skip


def test_what_forks_without_end_is_ended() -> None:
    forks = "for _ in range(600):\n        if os.fork() == 0:\n            time.sleep(60)"
    found = go(script("with step('fork'):", "    pass", forks))
    assert (found.code, "started too many processes" in found.sentence) == ("over-limit", True), (
        found.sentence
    )
    assert left() == []


@pytest.mark.skipif(not ROOT, reason="only root becomes another user")
def test_files_of_others_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_PLANTED", "planted")  # of the process that checks
    key = tmp_path / "vedette.key"
    key.write_text("planted")
    key.chmod(0o600)
    for path in ("/etc/shadow", str(key), "/root/.profile"):
        tries = (
            "try:",
            f"    print('read', open({path!r}).read(9))",
            "except OSError as e:",
            "    print('not', e)",
        )
        body = printed(*tries)
        assert "not [Errno" in body, body
    environment = printed("print(open('/proc/self/environ').read())")
    assert ("PATH=" in environment, "planted" in environment) == (True, False), "nothing of Vedette's"
    assert f"{os.getpid()}" not in printed("print(os.listdir('/proc'))").split("'")


@pytest.mark.skipif(not ROOT, reason="only root becomes another user")
def test_it_is_somebody_else_without_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_PLANTED", "planted")
    body = printed("print(os.getuid() > 0, os.getgroups(), open('/proc/self/status').read())")
    assert "True []" in body
    for line in ("CapPrm:\\t0000000000000000", "CapEff:\\t0000000000000000", "NoNewPrivs:\\t1"):
        assert line in body
    assert "HOME': '/tmp/home'" in printed("print({k: v for k, v in os.environ.items() if k != 'PATH'})")
    assert "VEDETTE" not in printed("print(dict(os.environ))")
    files = "print('open', [at for n in os.listdir('/proc/self/fd') if os.path.lexists(f'/proc/self/fd/{n}') and (at := os.readlink(f'/proc/self/fd/{n}'))[0] == '/'])"
    assert "open []" in printed(files)


def test_the_network_is_that_of_the_browser_alone(shop: Shop) -> None:
    port = int(shop.url.rpartition(":")[2])
    tries = (
        "try:",
        f"    socket.create_connection(('127.0.0.1', {port}), 2); print('reached')",
        "except OSError as e:",
        "    print('not', e)",
    )
    body = printed(*tries, f"await page.goto({shop.url!r})")
    assert ("not [Errno" in body, shop.asked[0]) == (True, "/"), body


def test_private_addresses_are_refused_whatever_leads_there(shop: Shop) -> None:
    for lines in (
        (f"await page.goto({shop.secret_url!r})",),
        (f"await page.goto({shop.url!r} + '/redirect')",),
    ):
        found = go(script("with step('in'):", *(f"    {line}" for line in lines)))
        assert (found.code, found.sentence) == (
            "blocked-address",
            "Step 1, “in”, failed: 127.0.0.2 was not asked: 127.0.0.2 is private. An administrator can allow private addresses.",
        )  # fmt: skip
    fetched = printed(
        f"await page.goto({shop.url!r} + '/fetching')", "await page.wait_for_function('said.textContent')",
        "print(await page.text_content('#said'))",
    )  # fmt: skip
    assert '"printed":"out\\n"' in fetched
    assert shop.inside == []


def test_files_are_no_pages() -> None:
    found = go(script("with step('peek'):", "    await page.goto('file:///etc/passwd')"))
    assert (found.code, "opens http and https alone" in found.sentence) == ("bad-redirect", True), (
        found.sentence
    )


def test_names_that_do_not_resolve_are_named() -> None:
    found = go(script("with step('open'):", "    await page.goto('http://nowhere.invalid/')"))
    assert found.code in {"nxdomain", "resolver-unreachable", "servfail", "resolver-timeout"}, found.sentence
    assert found.sentence.startswith("Step 1, “open”, failed: "), found.sentence


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("await page.click('#none', timeout=300)", "no-element", "Step 1, “x”, failed: no element #none within 300 ms."),
        ("assert await page.title() == 'Till'", "step-failed", "Step 1, “x”, failed: line 5: assert await page.title() == 'Till' does not hold."),
        ("nothing", "script-failed", "Step 1, “x”, failed: line 5: NameError: name 'nothing' is not defined."),
        ("os._exit(3)", "script-failed", "Step 1, “x”, ended before it was over (status 3)."),
    ],
)  # fmt: skip
def test_what_fails_is_named(shop: Shop, line: str, code: str, told: str) -> None:
    found = go(script(f"await page.goto({shop.url!r})", "with step('x'):", f"    {line}"))
    assert (found.code, found.sentence) == (code, told)


def test_secrets_are_dots_wherever_they_come_from(shop: Shop) -> None:
    lines = (f"await page.goto({shop.url!r})", "await page.evaluate('x => console.error(x)', secrets['password'])",
             "await page.evaluate('x => document.title = x', secrets['password'])", "with step(secrets['password']):",
             "    raise ValueError(secrets['password'])")  # fmt: skip
    found = go(script(*lines))
    assert (PASSWORD in repr(found), "••••" in found.sentence) == (False, True)


def test_a_secret_is_dots_before_it_is_cut(shop: Shop) -> None:
    fits = "x" * 290
    lines = (f"await page.goto({shop.url!r})", f"await page.evaluate('x => console.error(x)', {fits!r} + secrets['password'])",
             f"with step({fits[:190]!r} + secrets['password']):",
             f"    raise ValueError({fits!r} + secrets['password'])")  # fmt: skip
    found = go(script(*lines))
    assert (found.code, PASSWORD[:4] in repr(found)) == ("script-failed", False), found.sentence


def test_a_caught_error_closes_its_own_step() -> None:
    lines = ("with step('all'):", "    try:", "        with step('in'):", "            raise KeyError('no')",
             "    except KeyError:", "        time.sleep(0.1)", "with step('next'):", "    time.sleep(60)")  # fmt: skip
    found = go(script(*lines), deadline=2)
    assert found.sentence == "Step 3, “next”, was not over when the 2 s of the check were."
    times = [step["ms"] for step in json.loads(found.evidence.body)["steps"]]
    assert (times[0] > 100, times[1:]) == (True, [None, None])


COUNTS = """async source => {
    const image = new Image(); image.src = source; await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d"); canvas.drawImage(image, 0, 0);
    const data = canvas.getImageData(0, 0, image.width, image.height).data, found = { all: data.length / 4, red: 0, grey: 0 };
    for (let n = 0; n < data.length; n += 4) {
        found.red += data[n] > 200 && data[n + 1] < 80; found.grey += Math.abs(data[n] - 0x88) < 9 && Math.abs(data[n + 1] - 0x88) < 9;
    }
    return found; }"""


def colours(picture: bytes) -> dict[str, int]:
    """Return how many pixels of a picture there are, how many are red, and how many are as grey as what covers."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False)
        found: dict[str, int] = browser.new_page().evaluate(
            COUNTS, f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"
        )
        browser.close()
    return found


def test_fields_of_forms_are_covered_wherever_they_are(shop: Shop) -> None:
    """What is red in this page is what somebody wrote or chose; its picture has no red."""
    red = "position:absolute;background:red;color:red;border:0;padding:0;width:200px;height:80px"
    fields = f"<input style='{red};top:0' value=a><select style='{red};top:100px'><option>b</select><div contenteditable style='{red};top:200px'>c</div>"
    page = f"<body>{fields}<iframe style='position:absolute;left:400px;width:300px;height:300px;border:0' srcdoc=\"{fields}\"></iframe>"
    found = go(
        script(
            f"await page.goto({shop.url!r})",
            f"await page.set_content({page!r})",
            "await page.wait_for_timeout(300)",
            "raise ValueError",
        )
    )
    assert colours(found.evidence.picture) == {
        "all": 1280 * 720,
        "red": 0,
        "grey": pytest.approx(2 * 3 * 200 * 80, rel=0.05),
    }


def test_a_check_that_is_called_off_leaves_nothing() -> None:
    async def called_off() -> None:
        task = asyncio.create_task(run(request_of(script("time.sleep(60)")), standpoint()))
        while not any("driving.py" in line for line in left()):
            await asyncio.sleep(0.05)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(called_off())
    assert left() == []


def test_one_waits_for_another(tmp_path: Path) -> None:
    async def both() -> None:
        where = standpoint(folder=str(tmp_path / "journeys"))
        asked = request_of(script("print(time.monotonic())", "time.sleep(0.5)", "print(time.monotonic())"))
        found = await asyncio.gather(run(asked, where), run(asked, where))
        assert all(one.ok for one in found), found
        (a, b), (c, d) = sorted(
            tuple(float(text) for text in one.evidence.body.split('"printed":"')[1].split("\\n")[:2]) for one in found
        )  # fmt: skip
        assert a < b < c < d

    asyncio.run(both())


PLAIN = """
import asyncio, sys
from tests.support.journeys import left
from vedette.instruments.probe.journey import ability
from vedette.instruments.probe.journey.proxying import Proxy
from vedette.instruments.probe.journey.undertaking import Course, Plan, undertake
from vedette.instruments.probe.types import JourneyRules, Request, Standpoint

async def go(namespaces):
    rules = JourneyRules(user="nobody")
    able = ability.able(rules)
    job = {"script": sys.argv[1], "variables": {}, "secrets": {}, "chromium": able.chromium, "trial": False, "hidden": []}
    course = Course()
    try:
        async with asyncio.timeout(40) as limit:
            begun = lambda: limit.reschedule(asyncio.get_running_loop().time() + 1.5)
            await undertake(Plan(job, able, rules, namespaces), Proxy(Request(url="journey://x"), Standpoint()), course, begun)
    except TimeoutError:
        print(course.report.began, course.apart, course.text.strip(), left())

for namespaces in (True, False):
    asyncio.run(go(namespaces))
"""


OTHERS_PYTHON = pytest.mark.skipif(
    not ROOT or not Path("/usr/bin/python3").exists(), reason="only root becomes another user"
)


def as_user(uid: int, capabilities: str, *lines: str) -> list[str]:
    """Return what `PLAIN` prints of a journey that an ordinary user runs, by the system's Python, which everybody may run."""
    root = Path(__file__).parents[2]
    held = f"-all{capabilities}"
    with tempfile.TemporaryDirectory(dir="/var/tmp") as made:
        subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", f"{made}/venv"], check=True)
        (site,) = Path(made).glob("venv/lib/*/site-packages")
        (site / "ours.pth").write_text("\n".join([*site_packages(), str(root / "src"), str(root)]))
        Path(made).chmod(0o755)
        become = [
            "setpriv",
            f"--reuid={uid}",
            f"--regid={uid}",
            "--clear-groups",
            f"--inh-caps={held}",
            f"--ambient-caps={held}",
        ]
        done = subprocess.run(
            [*become, f"{made}/venv/bin/python", "-c", PLAIN, script(*lines)], cwd="/", capture_output=True, text=True, check=False,
            env={"PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@OTHERS_PYTHON
def test_an_ordinary_user_runs_journeys_as_itself_and_nothing_stays() -> None:
    """With namespaces of users, as far as the system lets users make them, and with none at all."""
    apart, plain = as_user(NOBODY, "", HIDES, "print(os.getpid() == 1)", "time.sleep(60)")
    assert apart in {"True True True []", "True False False []"}
    assert plain == "True False False []"


@OTHERS_PYTHON
def test_the_right_to_become_another_user_is_not_the_journeys() -> None:
    before = set(Path("/tmp").glob("vedette-journey-*"))
    rights = ",+setuid,+setgid,+chown,+kill"
    shows = "print(os.getuid(), [line[7:].strip() for line in open('/proc/self/status') if line[:6] in ('CapPrm', 'CapEff', 'CapAmb', 'CapInh')])"
    none = f"{NOBODY} {['0' * 16] * 4}"
    for more, apart in (("", "False"), (",+sys_admin,+net_admin", "True")):
        told = as_user(DAEMON, rights + more, "os.makedirs('left/behind')", shows, "time.sleep(60)")
        assert told == [f"True {apart} {none} []", f"True False {none} []"]
    assert set(Path("/tmp").glob("vedette-journey-*")) <= before


def site_packages() -> list[str]:
    return [path for path in sys.path if path.endswith("site-packages")]


def test_a_monitor_goes_on_its_journey(start_vedette: Callable[..., Vedette], shop: Shop) -> None:
    server = start_vedette(env={"VEDETTE_JOURNEY_USER": USER, "VEDETTE_ALLOW_PRIVATE_ADDRESSES": "true"})
    text = script(
        "with step('open'):",
        f"    await page.goto({shop.url!r})",
        "with step('pay'):",
        "    await page.click('#pay', timeout=300)",
    )
    config = {
        "interval": 60,
        "tolerance": {"failures": 1},
        "request": {"url": "journey://buy", "options": {"script": text}},
    }
    status, made = server.api("POST", "/monitors", {"name": "Buy", "kind": "journey", "config": config})
    assert status == 201, made
    server.wait(lambda: server.api("GET", "/monitors/buy")[1]["state"] == "down", 60)
    assert server.api("GET", "/monitors/buy")[1]["reason"].startswith(
        "Step 2, “pay”, failed: no element #pay within 300 ms."
    )
    code, _, picture = server.request(
        "GET", "/monitors/buy/picture/", headers={"Authorization": f"Bearer {server.token}"}
    )
    assert (code, picture[:3]) == (200, b"\xff\xd8\xff")
    assert (server.data / "journeys/place-0").stat().st_mode & 0o777 == 0o600
    server.stop()
    assert left() == []


def test_the_doctor_starts_the_browser_once(tmp_path: Path) -> None:
    user = standpoint().journeys.user
    found = trial.tried(rules_of(Settings(data=tmp_path, journey_user=user)))
    assert found.version[0].isdigit()
    assert found.apart or not ROOT
    assert left() == []
