"""From a Markdown file with front matter to a document: TOML between two lines `+++`, and the text below them. Pure."""

from vedette.wire.ascode.reading import LONGEST, Document, Fault, Path, parse

FENCE = "+++"


def document(name: str, text: str, folder: str = "", *, section: str) -> Document | Fault:
    """Return a file as one `section`: the keys of its front matter, the text below it, and its own name as the slug."""
    if len(text) > LONGEST:
        return Fault(name, 1, f"The file is longer than {LONGEST:,} characters; split it.")
    lines = text.splitlines(keepends=True)
    fences = [number for number, line in enumerate(lines) if line.strip() == FENCE][:2]
    if len(fences) < 2 or fences[0] != 0:
        return Fault(
            name, 1, f'It begins with its front matter: a line {FENCE}, then name = "…", and {FENCE}.'
        )
    # The line of the fence stays as an empty one, so that lines are told as they are in the file.
    head = parse(name, "\n" + "".join(lines[1 : fences[1]]), folder)
    if isinstance(head, Fault):
        return head
    if "text" in head.table:
        return head.fault(("text",), "The text stands below the front matter.")
    return _whole(head, "".join(lines[fences[1] + 1 :]), section, below=fences[1] + 2)


def _whole(head: Document, text: str, section: str, *, below: int) -> Document:
    """Return the one section that a file is; its text begins at the line `below`."""
    here: Path = (section, 0)
    slug = head.name.rpartition("/")[2].removesuffix(".md")
    table = {section: [{"slug": slug, **head.table, "text": text}]}
    lines = {(*here, *path): line for path, line in head.lines.items()}
    return Document(head.name, table, {**lines, here: 1, (*here, "text"): below}, head.folder)
