import pytest

from vedette.instruments.scan.code import reading, texts
from vedette.instruments.scan.code.checks import CHECKS

BAD = {
    "debug-on": ["app.run(debug=True)", "app = FastAPI(debug=True)", "bottle.debug(True)", 'app.config["DEBUG"] = True'],
    "secret-key": ["SECRET_KEY = 'j3xk9w2pq8'", "app.secret_key = 'j3xk9w2pq8'", "app.config['SECRET_KEY'] = 'j3xk9w2pq8'", "app.add(SessionMiddleware(secret_key='j3xk9w2pq8'))"],
    "all-hosts": ["ALLOWED_HOSTS = ['*']", "TrustedHostMiddleware(app, allowed_hosts=['*'])"],
    "cookie-insecure": ["SESSION_COOKIE_SECURE = False", "r.set_cookie('a', 'b', secure=False)"],
    "cookie-scripts": ["SESSION_COOKIE_HTTPONLY = False", "r.set_cookie('a', 'b', httponly=False)"],
    "csrf-off": ["@csrf_exempt\ndef view(request): ...", "app.config['WTF_CSRF_ENABLED'] = False"],
    "cors-all": ["CORS_ALLOW_ALL_ORIGINS = True", "app.add_middleware(CORSMiddleware, allow_origins=['*'])"],
    "cors-all-signed-in": ["CORS(app, origins='*', supports_credentials=True)", "app.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)"],
    "sql-built": ["def f(t): cursor.execute(f'SELECT * FROM {t}')", "def f(t): cursor.execute('SELECT * FROM ' + t)", "def f(t): cursor.execute('DELETE FROM %s' % t)", "def f(t):\n    s = f'SELECT {t}'\n    db.execute(s)",
        "def f(t, n: int):\n    s = f'SELECT {n} FROM '\n    s += t\n    db.execute(s)", "def f(rows):\n    for row in rows: db.execute(f'DROP TABLE {row}')",
        "TABLE = 'a'\ndef f(TABLES, own):\n    t = 'a'\n    t = own\n    db.execute(f'SELECT * FROM {t}')", "def f(a): db.execute('SELECT {}'.format(a))",
        "def f(names): db.execute(f\"SELECT {', '.join(names)}\")"],
    "sql-request": ["def f(request): cursor.execute(f\"SELECT * FROM a WHERE b = '{request.GET['b']}'\")", "def f(request):\n    b = request.POST['b']\n    cursor.execute(f'SELECT * FROM {b}')", "def f(request):\n    b = request.args.get('b')\n    cursor.execute('SELECT * FROM a WHERE b=' + b)"],
    "eval-request": ["def f(): return eval(request.args['x'])", "def f():\n    code = request.form.get('c')\n    exec(code)"],
    "eval": ["def f(x): return eval(x)"],
    "unpickle-request": ["def f(): pickle.loads(request.data)", "def f(): pickle.loads(base64.b64decode(request.cookies['s']))"],
    "yaml-load": ["yaml.load(x)", "yaml.load(x, Loader=yaml.Loader)", "yaml.unsafe_load(x)"],
    "html-unescaped": ["def f(x): return mark_safe(f'<b>{x}</b>')", "def f(): return Markup(request.args['x'])"],
    "autoescape-off": ["jinja2.Environment()", "Environment(autoescape=False)"],
    "template-request": ["def f(): return render_template_string(request.args['t'])"],
    "shell": ["def f(x): subprocess.run(f'ls {x}', shell=True)", "def f(x): os.system('ls ' + x)"],
    "tls-unverified": ["requests.get(url, verify=False)", "ssl._create_unverified_context()", "context.verify_mode = ssl.CERT_NONE", "context.check_hostname = False"],
    "weak-password-hash": ["hashlib.md5(password.encode())", "PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']"],
    "open-redirect": ["def f(request): return redirect(request.GET['next'])", "def f(request):\n    to = request.GET.get('next')\n    return HttpResponseRedirect(to)"],
    "path-request": ["def f(): return send_file(request.args['name'])", "def f(): return open(request.args['name'])"],
    "fetch-request": ["def f(): return requests.get(request.args['url'])"],
    "jwt-unverified": ["jwt.decode(t, options={'verify_signature': False})"],
}  # fmt: skip

GOOD = [
    "app.run(debug=settings.DEBUG)", "SECRET_KEY = os.environ['SECRET_KEY']", "SECRET_KEY = ''", "ALLOWED_HOSTS = ['shop.example']",
    "cursor.execute('SELECT * FROM a WHERE b = %s', (b,))", "cursor.execute(f'SELECT * FROM {TABLE}')", "cursor.execute('SELECT ' + 'a')",
    "cursor.execute(f'SELECT * FROM {Model._meta.db_table}')", "def f(ids): db.execute(f'SELECT 1 WHERE id IN ({marks(len(ids))})', ids)",
    "def f(ids):\n    inside = f\"IN ({', '.join('?' * len(ids))})\"\n    db.execute(f'DELETE FROM a WHERE id {inside}', ids)",
    "_table = 'shop'\ndef f(): db.execute(f'SELECT * FROM {_table}')", "def f(n: int): db.execute(f'PRAGMA user_version = {n}')", "def f(n): db.execute(f'LIMIT {n:d}')",
    "def f():\n    for table, unit in (('a', 'b'), ('c', 'd')): db.execute(f'SELECT {unit} FROM {table}')", "def f(kind): db.execute(f'SELECT * FROM {TABLES[kind]}')",
    "def f(row):\n    for at, (name, value) in enumerate(zip(COLUMNS, row)): pass\n    db.execute(f\"SET {', '.join(f'{c} = ?' for c in COLUMNS)}\", row)",
    "def f(a): db.execute('DELETE FROM b' + (' WHERE a' if a else ''))", "def f(rows):\n    for name, row in zip(NAMES, rows): db.execute(f'INSERT INTO {name} VALUES (?)', row)",
    "s = 'SELECT 1'\ndef f():\n    t = s\n    t += ' LIMIT 1'\n    db.execute(t)", "yaml.load(x, Loader=yaml.SafeLoader)", "yaml.safe_load(x)", "yaml.load(x, yaml.CSafeLoader)",
    "mark_safe('<b>x</b>')", "jinja2.Environment(autoescape=True)", "subprocess.run(['ls', x])", "subprocess.run('ls', shell=True)", "os.system('ls')",
    "requests.get(url)", "hashlib.sha256(content)", "hashlib.sha1(password, usedforsecurity=False)", "redirect('home')", "redirect(request.path)",
    "def f(request): return redirect(checked(request.GET['next']))", "def f(request): return redirect(reverse('a', args=[request.GET['a']]))",
    "open('a.txt')", "send_file(secure_filename(request.args['name']))", "ast.literal_eval(request.args['x'])", "model.eval()", "eval('1 + 1')",
    "executor.execute(task)", "jwt.decode(t, key, algorithms=['HS256'])", "CORS(app, origins=['https://shop.example'])", "DEBUG = True",
    "def f(request):\n    b = request.args.get('b')\n    b = 1\n    eval(1)", "r.set_cookie('a', 'b', secure=True, httponly=True)",
]  # fmt: skip


def ids(source: str, path: str = "shop/views.py") -> set[str]:
    return {check for check, _ in reading.read(source.encode(), path)[0]}


@pytest.mark.parametrize(
    ("check", "source"), [(check, source) for check, sources in BAD.items() for source in sources]
)
def test_a_weak_spot_is_found_by_its_check_alone(check: str, source: str) -> None:
    assert ids(source) == {check}


@pytest.mark.parametrize("source", GOOD)
def test_what_is_right_is_not_told(source: str) -> None:
    assert ids(source) == set()


def test_every_check_has_a_weak_spot_that_proves_it() -> None:
    assert {*BAD, "guard-missing"} == set(CHECKS)
    assert all(each.why and each.fix and each.cwe for each in CHECKS.values())


def test_debug_counts_in_settings_that_are_not_the_developers() -> None:
    assert (
        ids("DEBUG = True", "shop/settings.py")
        == ids("DEBUG = True", "shop/settings/production.py")
        == {"debug-on"}
    )
    assert ids("DEBUG = True", "shop/settings/dev.py") == set()


@pytest.mark.parametrize(
    "source", ["x = (", "x = '\0'", "(" * 500, "-" * 200_000 + "1", "if x:\n\ty\n        z\n"]
)
def test_what_is_no_python_is_told(source: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        reading.read(source.encode(), "a.py")


@pytest.mark.parametrize(
    ("path", "line", "check"),
    [
        ("a.html", "<p>{{ name|safe }}</p>", "html-unescaped"),
        ("a.html", "{% autoescape off %}", "autoescape-off"),
        ("a.tsx", "<div dangerouslySetInnerHTML={{__html: x}} />", "html-unescaped"),
        ("a.vue", '<div v-html="x"></div>', "html-unescaped"),
        ("a.js", "box.innerHTML = name;", "html-unescaped"),
        ("a.js", "eval(code)", "eval"),
        ("a.js", "eval(req.body.code)", "eval-request"),
        ("a.js", "exec(`ls ${name}`)", "shell"),
        ("a.ts", "db.query(`SELECT * FROM a WHERE b = ${b}`)", "sql-built"),
        ("a.js", "https.get({ rejectUnauthorized: false })", "tls-unverified"),
        ("a.js", "app.use(cors({ origin: '*' }))", "cors-all"),
        ("a.js", "res.redirect(req.query.next)", "open-redirect"),
        ("a.php", "{!! $name !!}", "html-unescaped"),
    ],
)
def test_lines_of_templates_and_scripts(path: str, line: str, check: str) -> None:
    assert texts.spots(line.encode(), path) == [(check, 1)]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.html", "<p>{{ name }}</p>"), ("a.js", "box.innerHTML = '';"), ("a.js", "box.textContent = name;"), ("a.js", "pattern.exec(`a${b}`)"),
        ("a.js", "// eval(code)"), ("a.js", "if (box.innerHTML == name) {"), ("a.js", "db.query('SELECT 1')"), ("a.js", "x = 1; " * 200 + "eval(a)"),
    ],
)  # fmt: skip
def test_lines_that_are_right(path: str, line: str) -> None:
    assert texts.spots(line.encode(), path) == []
