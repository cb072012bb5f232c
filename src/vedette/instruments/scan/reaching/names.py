"""By which names code imports a package: what packages of Python and Node are called is not always what is imported. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

# Distribution → modules, where neither the name nor what is left of it without "python", "py" or "django" tells.
_PYTHON: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "attrs": ("attr", "attrs"), "antlr4-python3-runtime": ("antlr4",), "beautifulsoup4": ("bs4",), "biopython": ("bio",),
    "dnspython": ("dns",), "djangorestframework": ("rest_framework",), "django-cors-headers": ("corsheaders",),
    "django-debug-toolbar": ("debug_toolbar",), "django-filter": ("django_filters",), "faiss-cpu": ("faiss",),
    "gitpython": ("git",), "google-api-python-client": ("googleapiclient", "apiclient"), "google-re2": ("re2",),
    "graphene-django": ("graphene_django",), "grpcio": ("grpc",), "importlib-metadata": ("importlib_metadata",),
    "jupyter-client": ("jupyter_client",), "markdown-it-py": ("markdown_it",), "msgpack-python": ("msgpack",),
    "mysql-connector-python": ("mysql",), "mysqlclient": ("mysqldb",), "opencv-contrib-python": ("cv2",),
    "opencv-python": ("cv2",), "opencv-python-headless": ("cv2",), "paho-mqtt": ("paho",), "pillow": ("pil",),
    "protobuf": ("google.protobuf",), "psycopg-binary": ("psycopg",), "psycopg2-binary": ("psycopg2",),
    "pycryptodome": ("crypto",), "pycryptodomex": ("cryptodome",), "pygobject": ("gi",), "pyjwt": ("jwt",),
    "pymupdf": ("fitz", "pymupdf"), "pynacl": ("nacl",), "pyopenssl": ("openssl",), "pyserial": ("serial",),
    "pysocks": ("socks", "sockshandler"), "python-dateutil": ("dateutil",), "python-ldap": ("ldap",),
    "python-multipart": ("multipart", "python_multipart"), "pywin32": ("win32api", "win32com", "pythoncom"),
    "pyyaml": ("yaml",), "pyzmq": ("zmq",), "ruamel-yaml": ("ruamel",), "scikit-image": ("skimage",),
    "scikit-learn": ("sklearn",), "sentry-sdk": ("sentry_sdk",), "setuptools": ("setuptools", "pkg_resources"),
    "tree-sitter": ("tree_sitter",), "typing-extensions": ("typing_extensions",), "umap-learn": ("umap",),
    "websocket-client": ("websocket",), "xmlsec": ("xmlsec",),
})  # fmt: skip
_AROUND = ("python-", "django-", "py", "-python", "-py", "-binary", "python3-")


def python_modules(name: str) -> frozenset[str]:
    """Return the modules, in small letters, by which a distribution of Python (PEP 503) may be imported."""
    known = _PYTHON.get(name, ())
    bare = {name, *(name.removeprefix(each).removesuffix(each) for each in _AROUND)} - {""}
    guessed = {
        form
        for each in bare
        for form in (each.replace("-", "_"), each.replace("-", "."), each.replace("-", ""))
    }
    return frozenset({*known, *guessed})


def node_package(told: str) -> str:
    """Return the package of what is imported by `told` (`@scope/name/part`), empty of a file or a part of Node itself."""
    if told.startswith((".", "/", "#")) or ":" in told:
        return ""
    parts = told.split("/")
    return "/".join(parts[:2]) if told.startswith("@") else parts[0]
