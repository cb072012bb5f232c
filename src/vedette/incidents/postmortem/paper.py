"""A post-mortem as one file of HTML, which needs nothing else: to be handed on, and to be printed. Pure."""

from html import escape

_STYLE = """
:root { color-scheme: light; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1.25rem; font: 11pt/1.5 Geist, "Helvetica Neue", Arial, sans-serif; color: #17181c; }
h2 { margin: 0 0 .75rem; font-size: 1.6rem; line-height: 1.25; letter-spacing: -.01em; } h3 { margin: 1.75rem 0 .5rem; font-size: 1.1rem; break-after: avoid; }
ul, ol { padding-left: 1.25rem; } li { margin: .2rem 0; } a { color: inherit; text-decoration: underline; }
table { border-collapse: collapse; } td, th { padding: .25rem 1.25rem .25rem 0; border-bottom: 1px solid #d9dbe1; text-align: left; vertical-align: top; } thead { display: none; }
pre { padding: .6rem .8rem; border: 1px solid #d9dbe1; border-radius: 6px; background: #f5f6f8; font: 9pt/1.5 "Geist Mono", Menlo, monospace; white-space: pre-wrap; overflow-wrap: anywhere; break-inside: avoid; }
code { font: .9em "Geist Mono", Menlo, monospace; } blockquote { margin-left: 0; padding-left: 1rem; border-left: 2px solid #d9dbe1; color: #565a66; }
tr, li { break-inside: avoid; } .meta { color: #565a66; font-size: .85rem; margin-bottom: 1.5rem; } em { color: #565a66; }
@page { size: A4; margin: 18mm 18mm 20mm; } @media print { body { margin: 0; padding: 0; max-width: none; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def whole(title: str, meta: str, body: str) -> str:
    """Return the file: title and `meta` (one line below it) as text, `body` as the HTML that the renderer made."""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n<style>{_STYLE}</style>\n</head>\n'
        f'<body>\n<p class="meta">{escape(meta)}</p>\n{body}</body>\n</html>\n'
    )
