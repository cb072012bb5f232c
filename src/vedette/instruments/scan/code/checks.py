"""The catalogue of our own checks of code."""

from collections.abc import Mapping
from types import MappingProxyType

from vedette.instruments.scan.code.types import CodeCheck


def _check(id: str, title: str, risk: float, cwe: int, why: str, fix: str, *like: str) -> CodeCheck:  # noqa: A002, PLR0917 - a table
    return CodeCheck(id=id, title=title, risk=risk, cwe=cwe, why=why, fix=fix, like=frozenset(like))


CHECKS: Mapping[str, CodeCheck] = MappingProxyType({
    each.id: each
    for each in (
        _check("debug-on", "Debugging is switched on", 7.5, 489, "An error's page shows code, settings and values to everyone; some debuggers run what is typed into them.", "Switch it off, and on by an environment variable of the developer's machine alone.", "B201"),
        _check("secret-key", "A secret key stands in the code", 8.0, 798, "Whoever reads the code can forge sessions, signatures and tokens.", "Read it from the environment or a vault, and make a new one.", "B105", "B106"),
        _check("all-hosts", "Every name of a host is taken", 5.0, 20, "A request can name any host: links in mails, caches and redirects can be led elsewhere.", "List the names that the application is served under."),
        _check("cookie-insecure", "A cookie goes over plain HTTP", 5.0, 614, "Whoever listens on the way can take the session.", "Set the Secure flag."),
        _check("cookie-scripts", "Scripts can read the cookie of the session", 4.5, 1004, "One injected script can take every session.", "Set the HttpOnly flag."),
        _check("csrf-off", "A view takes requests that other sites forge", 6.0, 352, "Another site can act as whoever is signed in.", "Leave the check on; where a machine calls, have it prove itself by a header."),
        _check("cors-all", "Every site may read the answers", 5.0, 942, "Pages of other sites can read what this one answers.", "List the origins that need it."),
        _check("cors-all-signed-in", "Every site may read answers as whoever is signed in", 8.0, 942, "Pages of other sites can read and do what the visitor can.", "List the origins that need it; never allow credentials to all."),
        _check("sql-request", "What a request sends becomes a part of SQL", 9.5, 89, "Whoever can send a request reads and changes the database.", "Pass values as parameters beside the statement.", "B608", "B610", "B611"),
        _check("sql-built", "SQL is put together from parts", 5.0, 89, "If any part comes from outside, it can become a part of the statement.", "Pass values as parameters beside the statement.", "B608", "B610", "B611"),
        _check("eval-request", "What a request sends is run as code", 9.8, 95, "Whoever can send a request runs what they like on the server.", "Read the value with a parser of its own; never eval or exec it.", "B307", "B102"),
        _check("eval", "Something that is not fixed is run as code", 5.0, 95, "If any of it comes from outside, whoever sends it runs what they like.", "Look the value up in a table, or use ast.literal_eval.", "B307", "B102"),
        _check("unpickle-request", "What a request sends is unpickled", 9.8, 502, "A pickle runs code when it is read.", "Take JSON.", "B301", "B302"),
        _check("yaml-load", "YAML is loaded with a loader that makes objects", 7.5, 502, "A document can name classes to make and functions to call.", "Use yaml.safe_load.", "B506"),
        _check("html-unescaped", "A value goes into a page as it is", 6.0, 79, "If any of it comes from outside, it can bring scripts.", "Let the template escape it; format_html for what you build.", "B308", "B703", "B704"),
        _check("autoescape-off", "A template does not escape what it shows", 6.5, 79, "Every value shown can bring scripts.", "Leave autoescape on, and mark single values.", "B701", "B702"),
        _check("template-request", "A template is made of what a request sends", 9.5, 1336, "A template can reach the objects of the server, and run code.", "Keep templates in files and pass values into them."),
        _check("shell", "A shell runs a command that is put together", 7.5, 78, "A value can bring a command of its own.", "Pass a list of words, without a shell.", "B602", "B604", "B605", "B609"),
        _check("tls-unverified", "The certificate of the other side is not checked", 7.0, 295, "Whoever stands in between reads and changes everything.", "Leave the check on; give the authority's certificate where it is your own.", "B501", "B323"),
        _check("weak-password-hash", "A password is hashed by a fast hash", 6.5, 916, "A stolen table is guessed by the thousand million a second.", "Use Argon2, scrypt or bcrypt by the framework's own functions.", "B303", "B324"),
        _check("open-redirect", "A redirect goes where the request says", 5.0, 601, "A link to your site can lead to somebody else's.", "Redirect to paths of your own, or check the host against a list."),
        _check("path-request", "A file is opened by a name that the request sends", 7.5, 22, "`../` can reach every file that the server can read.", "Look the name up in a list, or check that the resolved path is below its folder."),
        _check("fetch-request", "The server fetches an address that the request sends", 7.0, 918, "It can reach what only your servers can: metadata, databases, panels.", "Check the resolved address against a policy before connecting."),
        _check("jwt-unverified", "A token is read without its signature being checked", 8.5, 347, "Everyone can write a token.", "Name the key and the algorithms, and leave verify_signature on."),
        _check("guard-missing", "No guard stands before this application", 0.0, 693, "Vedette's guard keeps scanners, floods and stolen passwords out; no trace of it was found here.", "See docs/guard: one line of middleware."),
    )
})  # fmt: skip
