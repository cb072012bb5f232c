"""Checks of calls."""

import ast
import re
from collections.abc import Callable, Iterator

from vedette.instruments.scan.code.plain import dotted
from vedette.instruments.scan.code.sources import Scope, fixed, holds_star, is_constant, keyword

_EXECUTES = frozenset({"execute", "executemany", "executescript", "raw", "extra", "RawSQL"})
_SQL = re.compile(
    r"\b(?:select|insert|update|delete|from|where|drop|create|alter|with|pragma|truncate|set|values)\b",
    re.IGNORECASE,
)
_APPS = frozenset({"FastAPI", "Starlette", "Litestar", "Quart", "Flask"})
_FETCHES = re.compile(
    r"^(?:requests|httpx)\.(?:get|post|put|patch|delete|head|options|request|stream|Client|AsyncClient)$"
)
_READS = frozenset({"open", "send_file", "FileResponse", "Path"})
_SAFE_LOADERS = ("SafeLoader", "CSafeLoader", "BaseLoader")
_PASSWORD = re.compile(r"passw|passwd|pwd|passphrase", re.IGNORECASE)
_HASHES = frozenset({"md5", "sha1", "sha256", "sha512", "sha224", "sha384"})


def of_call(call: ast.Call, scope: Scope) -> Iterator[str]:
    """Yield the ids of the checks that hold for a call."""
    name = dotted(call.func)
    if name:
        for check, holds in _CHECKS:
            if holds(name, call, scope):
                yield check


def _first(call: ast.Call) -> ast.expr | None:
    return call.args[0] if call.args else None


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _debug(name: str, call: ast.Call, _scope: Scope) -> bool:
    served = _last(name) in {"run", *_APPS} or name in {"bottle.debug"}
    return served and (
        is_constant(keyword(call, "debug"), True)
        or (name == "bottle.debug" and is_constant(_first(call), True))
    )


def _secret_key(name: str, call: ast.Call, _scope: Scope) -> bool:
    value = keyword(call, "secret_key", "SECRET_KEY", "session_secret")
    return (
        _last(name)[:1].isupper()
        and isinstance(value, ast.Constant)
        and isinstance(value.value, str)
        and len(value.value) >= 8
    )


def _all_hosts(_name: str, call: ast.Call, _scope: Scope) -> bool:
    return holds_star(keyword(call, "allowed_hosts"))


def _cookie(flag: str) -> Callable[[str, ast.Call, Scope], bool]:
    def holds(name: str, call: ast.Call, _scope: Scope) -> bool:
        return _last(name) == "set_cookie" and is_constant(keyword(call, flag), False)

    return holds


def _cors(name: str, call: ast.Call, _scope: Scope) -> bool:
    return _every_origin(name, call) and not _credentials(call)


def _cors_signed_in(name: str, call: ast.Call, _scope: Scope) -> bool:
    return _every_origin(name, call) and _credentials(call)


def _every_origin(name: str, call: ast.Call) -> bool:
    about = _last(name) in {"CORS", "CORSMiddleware", "CORSConfig", "cross_origin", "cors"}
    added = _last(name) == "add_middleware" and any(
        dotted(each).endswith("CORSMiddleware") for each in call.args
    )
    return (about or added) and holds_star(keyword(call, "allow_origins", "origins", "allow_origin"))


def _credentials(call: ast.Call) -> bool:
    return is_constant(keyword(call, "allow_credentials", "supports_credentials"), True)


def _sql(name: str, call: ast.Call, scope: Scope) -> bool:
    return _statement(name, call, scope) and not _sent_part(call.args[0], scope)


def _sql_request(name: str, call: ast.Call, scope: Scope) -> bool:
    return _statement(name, call, scope) and _sent_part(call.args[0], scope)


def _sent_part(statement: ast.expr, scope: Scope) -> bool:
    return scope.sent(statement) or any(
        scope.sent(node) for node in ast.walk(statement) if isinstance(node, ast.Name)
    )


def _statement(name: str, call: ast.Call, scope: Scope) -> bool:
    statement = _first(call)
    if statement is None or (
        _last(name) not in _EXECUTES and name not in {"text", "sqlalchemy.text", "sa.text"}
    ):
        return False
    if isinstance(statement, ast.Name):
        return scope.built(statement)
    return scope.built(statement) and bool(_SQL.search(ast.unparse(statement)[:2_000]))


def _eval_request(name: str, call: ast.Call, scope: Scope) -> bool:
    return name in {"eval", "exec"} and bool(call.args) and scope.sent(call.args[0])


def _eval(name: str, call: ast.Call, scope: Scope) -> bool:
    return (
        name in {"eval", "exec"}
        and bool(call.args)
        and not fixed(call.args[0])
        and not scope.sent(call.args[0])
    )


def _unpickle(name: str, call: ast.Call, scope: Scope) -> bool:
    made = name in {
        "pickle.loads",
        "pickle.load",
        "cPickle.loads",
        "dill.loads",
        "marshal.loads",
        "jsonpickle.decode",
        "shelve.open",
        "cloudpickle.loads",
    }
    return made and any(scope.sent(each) for each in call.args)


def _yaml(name: str, call: ast.Call, _scope: Scope) -> bool:
    if name in {"yaml.unsafe_load", "yaml.unsafe_load_all"}:
        return True
    loader = keyword(call, "Loader") or (call.args[1] if len(call.args) > 1 else None)
    return name in {"yaml.load", "yaml.load_all"} and (
        loader is None or not any(safe in ast.unparse(loader) for safe in _SAFE_LOADERS)
    )


def _html(name: str, call: ast.Call, scope: Scope) -> bool:
    value = _first(call)
    return (
        _last(name) in {"mark_safe", "Markup", "SafeString"}
        and value is not None
        and (scope.built(value) or scope.sent(value))
    )


def _autoescape(name: str, call: ast.Call, _scope: Scope) -> bool:
    value = keyword(call, "autoescape")
    return is_constant(value, False) or (name in {"jinja2.Environment", "jinja2.Template"} and value is None)


def _template(name: str, call: ast.Call, scope: Scope) -> bool:
    value = _first(call)
    made = _last(name) in {"render_template_string", "from_string"} or name in {
        "Template",
        "jinja2.Template",
        "bottle.template",
        "SimpleTemplate",
    }
    return made and value is not None and scope.sent(value)


def _shell(name: str, call: ast.Call, scope: Scope) -> bool:
    command = _first(call)
    if command is None:
        return False
    if name in {
        "os.system",
        "os.popen",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "commands.getoutput",
    }:
        return not fixed(command) and (
            scope.built(command) or scope.sent(command) or isinstance(command, ast.Name)
        )
    shell = keyword(call, "shell") or (call.args[1] if _last(name) == "create_subprocess_shell" else None)
    return (is_constant(shell, True) or _last(name) == "create_subprocess_shell") and not fixed(command)


def _unverified(name: str, call: ast.Call, _scope: Scope) -> bool:
    session = _last(name) in {
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "request",
        "head",
        "Client",
        "AsyncClient",
        "ClientSession",
        "stream",
        "send",
    }
    return (session and (is_constant(keyword(call, "verify"), False) or is_constant(keyword(call, "verify_ssl"), False))) or name in {
        "ssl._create_unverified_context", "urllib3.disable_warnings_and_checks",
    }  # fmt: skip


def _password_hash(name: str, call: ast.Call, _scope: Scope) -> bool:
    if (
        _last(name) not in _HASHES
        or not (name.startswith("hashlib.") or "." not in name)
        or is_constant(keyword(call, "usedforsecurity"), False)
    ):
        return False
    named = (
        dotted(node)
        for each in call.args
        for node in ast.walk(each)
        if isinstance(node, (ast.Name, ast.Attribute))
    )
    return any(_PASSWORD.search(each) for each in named)


def _redirect(name: str, call: ast.Call, scope: Scope) -> bool:
    value = _first(call)
    made = _last(name) in {"redirect", "HttpResponseRedirect", "RedirectResponse"}
    return made and value is not None and scope.sent(value) and not _of_ours(value)


def _of_ours(value: ast.expr) -> bool:
    """Whether an address is worked out by a router (`url_for`, `reverse`) or is the path of the request itself."""
    names = {_last(dotted(node.func)) for node in ast.walk(value) if isinstance(node, ast.Call)}
    return bool(names & {"url_for", "reverse", "get_absolute_url", "resolve_url"}) or dotted(value).endswith(
        (".path", ".path_info")
    )


def _path(name: str, call: ast.Call, scope: Scope) -> bool:
    value = _first(call)
    return (
        (name in _READS or _last(name) in {"send_file", "FileResponse"})
        and value is not None
        and scope.sent(value)
        and not _named_safely(value)
    )


def _named_safely(value: ast.expr) -> bool:
    return any(
        isinstance(node, ast.Call) and _last(dotted(node.func)) in {"secure_filename", "basename"}
        for node in ast.walk(value)
    )


def _fetch(name: str, call: ast.Call, scope: Scope) -> bool:
    value = keyword(call, "url") or (call.args[0] if call.args else None)
    fetches = bool(_FETCHES.match(name)) or name in {"urllib.request.urlopen", "urlopen"}
    return fetches and value is not None and scope.sent(value)


def _jwt(name: str, call: ast.Call, _scope: Scope) -> bool:
    if name not in {"jwt.decode", "jose.jwt.decode"}:
        return False
    options = keyword(call, "options")
    off = isinstance(options, ast.Dict) and any(
        isinstance(key, ast.Constant) and key.value == "verify_signature" and is_constant(value, False)
        for key, value in zip(options.keys, options.values, strict=True)
    )
    return off or is_constant(keyword(call, "verify"), False)


_CHECKS: tuple[tuple[str, Callable[[str, ast.Call, Scope], bool]], ...] = (
    ("debug-on", _debug), ("secret-key", _secret_key), ("all-hosts", _all_hosts), ("cookie-insecure", _cookie("secure")),
    ("cookie-scripts", _cookie("httponly")), ("cors-all", _cors), ("cors-all-signed-in", _cors_signed_in), ("sql-built", _sql), ("sql-request", _sql_request),
    ("eval-request", _eval_request), ("eval", _eval), ("unpickle-request", _unpickle), ("yaml-load", _yaml),
    ("html-unescaped", _html), ("autoescape-off", _autoescape), ("template-request", _template), ("shell", _shell),
    ("tls-unverified", _unverified), ("weak-password-hash", _password_hash), ("open-redirect", _redirect),
    ("path-request", _path), ("fetch-request", _fetch), ("jwt-unverified", _jwt),
)  # fmt: skip
