"""What to paste into an application so that it reports to Vedette: one entry a platform.

The SDKs are Sentry's own open-source ones; Vedette speaks their protocol. `{dsn}` in a text is replaced by the
project's address, `{script}` by that of our own browser client. Adding a platform is adding one entry to `PLATFORMS`.
"""

import msgspec


class Step(msgspec.Struct, frozen=True):
    """One block to copy: what it is for, its language (for highlighting) and its text."""

    title: str
    language: str
    text: str


class Platform(msgspec.Struct, frozen=True):
    """A platform a person may choose; `key` is stored on the project, `family` sorts the picker."""

    key: str
    label: str
    family: str
    steps: tuple[Step, ...]
    docs: str = ""


_WITHOUT_A_BUILD = Step(
    "Or, without a build: Vedette's own client, 3 KB",
    "html",
    '<script crossorigin src="{script}"></script>\n',
)
_PYTHON_INSTALL = "pip install --upgrade sentry-sdk"
_PYTHON_INIT = 'import sentry_sdk\n\nsentry_sdk.init(dsn="{dsn}")\n'

PLATFORMS: tuple[Platform, ...] = (
    Platform(
        key="python",
        label="Python",
        family="Python",
        docs="https://docs.sentry.io/platforms/python/",
        steps=(
            Step("Install", "bash", _PYTHON_INSTALL),
            Step("Put this where the program starts", "python", _PYTHON_INIT),
            Step("See that it works", "python", "division = 1 / 0\n"),
        ),
    ),
    Platform(
        key="django",
        label="Django",
        family="Python",
        docs="https://docs.sentry.io/platforms/python/integrations/django/",
        steps=(
            Step("Install", "bash", 'pip install --upgrade "sentry-sdk[django]"'),
            Step("Put this into settings.py", "python", _PYTHON_INIT),
            Step(
                "See that it works: add to urls.py and open /break/",
                "python",
                'path("break/", lambda request: 1 / 0),\n',
            ),
        ),
    ),
    Platform(
        key="fastapi",
        label="FastAPI",
        family="Python",
        docs="https://docs.sentry.io/platforms/python/integrations/fastapi/",
        steps=(
            Step("Install", "bash", 'pip install --upgrade "sentry-sdk[fastapi]"'),
            Step(
                "Put this above the application",
                "python",
                f"{_PYTHON_INIT}\nfrom fastapi import FastAPI\n\napp = FastAPI()\n",
            ),
            Step(
                "See that it works: open /break",
                "python",
                '@app.get("/break")\nasync def break_it():\n    return 1 / 0\n',
            ),
        ),
    ),
    Platform(
        key="flask",
        label="Flask",
        family="Python",
        docs="https://docs.sentry.io/platforms/python/integrations/flask/",
        steps=(
            Step("Install", "bash", 'pip install --upgrade "sentry-sdk[flask]"'),
            Step(
                "Put this above the application",
                "python",
                f"{_PYTHON_INIT}\nfrom flask import Flask\n\napp = Flask(__name__)\n",
            ),
            Step(
                "See that it works: open /break",
                "python",
                '@app.route("/break")\ndef break_it():\n    return str(1 / 0)\n',
            ),
        ),
    ),
    Platform(
        key="node",
        label="Node.js",
        family="JavaScript",
        docs="https://docs.sentry.io/platforms/javascript/guides/node/",
        steps=(
            Step("Install", "bash", "npm install @sentry/node"),
            Step(
                "Save this as instrument.js",
                "javascript",
                'const Sentry = require("@sentry/node");\n\nSentry.init({ dsn: "{dsn}" });\n',
            ),
            Step(
                "Require it before anything else",
                "javascript",
                'require("./instrument.js");\n',
            ),
            Step(
                "See that it works",
                "javascript",
                'setTimeout(() => { throw new Error("First light"); }, 100);\n',
            ),
        ),
    ),
    Platform(
        key="express",
        label="Express",
        family="JavaScript",
        docs="https://docs.sentry.io/platforms/javascript/guides/express/",
        steps=(
            Step("Install", "bash", "npm install @sentry/node"),
            Step(
                "Save this as instrument.js",
                "javascript",
                'const Sentry = require("@sentry/node");\n\nSentry.init({ dsn: "{dsn}" });\n',
            ),
            Step(
                "Around your routes",
                "javascript",
                'require("./instrument.js");\n\n'
                'const express = require("express");\n'
                'const Sentry = require("@sentry/node");\n'
                "const app = express();\n\n"
                "// your routes here\n\n"
                "Sentry.setupExpressErrorHandler(app);\n",
            ),
            Step(
                "See that it works: open /break",
                "javascript",
                'app.get("/break", () => { throw new Error("First light"); });\n',
            ),
        ),
    ),
    Platform(
        key="javascript",
        label="Browser",
        family="JavaScript",
        docs="https://docs.sentry.io/platforms/javascript/",
        steps=(
            Step("Install", "bash", "npm install @sentry/browser"),
            Step(
                "Put this where the page's script starts",
                "javascript",
                'import * as Sentry from "@sentry/browser";\n\nSentry.init({ dsn: "{dsn}" });\n',
            ),
            Step(
                "See that it works",
                "javascript",
                'setTimeout(() => { throw new Error("First light"); }, 100);\n',
            ),
            _WITHOUT_A_BUILD,
        ),
    ),
    Platform(
        key="react",
        label="React",
        family="JavaScript",
        docs="https://docs.sentry.io/platforms/javascript/guides/react/",
        steps=(
            Step("Install", "bash", "npm install @sentry/react"),
            Step(
                "Put this above the root's render",
                "jsx",
                'import * as Sentry from "@sentry/react";\n'
                'import { createRoot } from "react-dom/client";\n\n'
                'Sentry.init({ dsn: "{dsn}" });\n\n'
                'createRoot(document.getElementById("root")).render(\n'
                "  <Sentry.ErrorBoundary fallback={<p>Something failed here.</p>}>\n"
                "    <App />\n"
                "  </Sentry.ErrorBoundary>\n"
                ");\n",
            ),
            Step(
                "See that it works",
                "jsx",
                '<button onClick={() => { throw new Error("First light"); }}>Break</button>\n',
            ),
        ),
    ),
    Platform(
        key="php",
        label="PHP",
        family="Others",
        docs="https://docs.sentry.io/platforms/php/",
        steps=(
            Step("Install", "bash", "composer require sentry/sentry"),
            Step(
                "Put this where the program starts",
                "php",
                "<?php\nrequire 'vendor/autoload.php';\n\n\\Sentry\\init(['dsn' => '{dsn}']);\n",
            ),
            Step(
                "See that it works",
                "php",
                "<?php\ntry {\n    throw new \\Exception('First light');\n"
                "} catch (\\Throwable $e) {\n    \\Sentry\\captureException($e);\n}\n",
            ),
        ),
    ),
    Platform(
        key="ruby",
        label="Ruby",
        family="Others",
        docs="https://docs.sentry.io/platforms/ruby/",
        steps=(
            Step("Install", "bash", "bundle add sentry-ruby"),
            Step(
                "Put this where the program starts",
                "ruby",
                'require "sentry-ruby"\n\nSentry.init do |config|\n  config.dsn = "{dsn}"\nend\n',
            ),
            Step(
                "See that it works",
                "ruby",
                "begin\n  1 / 0\nrescue ZeroDivisionError => e\n  Sentry.capture_exception(e)\nend\n",
            ),
        ),
    ),
    Platform(
        key="go",
        label="Go",
        family="Others",
        docs="https://docs.sentry.io/platforms/go/",
        steps=(
            Step("Install", "bash", "go get github.com/getsentry/sentry-go"),
            Step(
                "Put this into main.go and run it",
                "go",
                "package main\n\n"
                'import (\n\t"errors"\n\t"log"\n\t"time"\n\n\t"github.com/getsentry/sentry-go"\n)\n\n'
                "func main() {\n"
                '\terr := sentry.Init(sentry.ClientOptions{Dsn: "{dsn}"})\n'
                '\tif err != nil {\n\t\tlog.Fatalf("sentry.Init: %s", err)\n\t}\n'
                "\tdefer sentry.Flush(2 * time.Second)\n\n"
                '\tsentry.CaptureException(errors.New("first light"))\n'
                "}\n",
            ),
        ),
    ),
    Platform(
        key="java",
        label="Java",
        family="Others",
        docs="https://docs.sentry.io/platforms/java/",
        steps=(
            Step(
                "Add to build.gradle",
                "groovy",
                "dependencies {\n    implementation 'io.sentry:sentry:8.+'\n}\n",
            ),
            Step(
                "Put this into main and run it",
                "java",
                "import io.sentry.Sentry;\n\n"
                "public class Main {\n"
                "  public static void main(String[] args) {\n"
                '    Sentry.init(options -> options.setDsn("{dsn}"));\n'
                "    try {\n"
                '      throw new IllegalStateException("First light");\n'
                "    } catch (Exception e) {\n"
                "      Sentry.captureException(e);\n"
                "    }\n"
                "  }\n"
                "}\n",
            ),
        ),
    ),
    Platform(
        key="dotnet",
        label=".NET",
        family="Others",
        docs="https://docs.sentry.io/platforms/dotnet/",
        steps=(
            Step("Install", "bash", "dotnet add package Sentry"),
            Step(
                "Put this into Program.cs and run it",
                "csharp",
                "using Sentry;\n\n"
                'using var sentry = SentrySdk.Init(options => options.Dsn = "{dsn}");\n\n'
                'throw new InvalidOperationException("First light");\n',
            ),
        ),
    ),
    Platform(
        key="other",
        label="Something else",
        family="Others",
        docs="https://docs.sentry.io/platforms/",
        steps=(
            Step("Give any Sentry SDK this address (DSN)", "text", "{dsn}\n"),
            Step(
                "See that it works: send an event by hand",
                "bash",
                "curl {store} \\\n  -H 'Content-Type: application/json' \\\n"
                "  -H 'X-Sentry-Auth: Sentry sentry_version=7, sentry_key={key}' \\\n"
                '  -d \'{"message": "First light", "level": "error", "platform": "other"}\'\n',
            ),
        ),
    ),
)

_BY_KEY = {platform.key: platform for platform in PLATFORMS}


def platform(key: str) -> Platform:
    """Return the platform of a key; anything unknown is `other`."""
    return _BY_KEY.get(key.lower(), _BY_KEY["other"])


def families() -> tuple[tuple[str, tuple[Platform, ...]], ...]:
    """Return the platforms as the picker shows them: (family, members), in order of the table."""
    names = dict.fromkeys(p.family for p in PLATFORMS)
    return tuple((name, tuple(p for p in PLATFORMS if p.family == name)) for name in names)


def steps(key: str, dsn: str) -> tuple[Step, ...]:
    """Return the steps of a platform with the project's address filled in."""
    public, store, script = _parts(dsn)
    return tuple(
        msgspec.structs.replace(
            step,
            text=step.text.replace("{dsn}", dsn)
            .replace("{store}", store)
            .replace("{script}", script)
            .replace("{key}", public),
        )
        for step in platform(key).steps
    )


def _parts(dsn: str) -> tuple[str, str, str]:
    """Split `scheme://key@host/prefix/project` into the key and the addresses of the store endpoint and of our script."""
    scheme, _, rest = dsn.partition("://")
    public, _, place = rest.rpartition("@")
    base, _, project = place.rpartition("/")
    return public, f"{scheme}://{base}/api/{project}/store/", f"{scheme}://{base}/js/{public}.js"
