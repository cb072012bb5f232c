"""The form of a runbook."""

from collections.abc import Mapping, Sequence

from django import forms

from vedette.alerts import service as alerts
from vedette.core.errors import Invalid
from vedette.incidents.runbooks import reading
from vedette.incidents.runbooks.types import RunbookDraft
from vedette.incidents.types import Runbook

BEGINNING = """What it is for, and what goes wrong when nobody does anything.

- [ ] Is it one service or all of them?
  Look at [Monitors](/monitors/).
- [ ] Restart the service
  ```sh
  systemctl restart shop
  ```
"""
_PLAIN = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}


class RunbookForm(forms.Form):
    """A runbook: Markdown, whose it is, which incidents it is for, and what signs its webhooks."""

    name = forms.CharField(label="Name", max_length=120)
    slug = forms.SlugField(
        label="Short name", max_length=60, help_text="It stands in the address and in rules: small letters, digits, dashes."
    )  # fmt: skip
    text = forms.CharField(
        label="What to do", max_length=reading.LONGEST_TEXT, strip=False,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="Markdown. “- [ ] …” is a step; what is indented under it belongs to it: words, a block of code to copy, or a line"
        " “webhook: https://… (destructive)” that lets it do itself. {host} in a command is filled from the alert.",
    )  # fmt: skip
    owner = forms.ChoiceField(label="Owner", required=False)
    matchers = forms.CharField(
        label="Attach to incidents with", required=False, max_length=2_000, widget=forms.TextInput(attrs=_PLAIN),
        help_text='Labels of an alert, as service="checkout", severity=~"high|critical". Empty: by a rule or by hand.',
    )  # fmt: skip
    secret = forms.CharField(
        label="Signing secret of its webhooks", required=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="X-Vedette-Signature carries sha256=<HMAC of timestamp.body>. Left empty, the one there is stays.",
    )  # fmt: skip
    unsigned = forms.BooleanField(label="Take the secret away: its webhooks are not signed", required=False)

    def __init__(
        self,
        people: Sequence[tuple[int, str]],
        before: Runbook | None = None,
        data: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=_initial(before))
        owner = self.fields["owner"]
        if isinstance(owner, forms.ChoiceField):
            owner.choices = [("", "Nobody"), *((str(number), name) for number, name in people)]

    def draft(self) -> RunbookDraft:
        """Return the runbook that was filled in; raises `Invalid` naming the wrong field."""
        given = self.cleaned_data
        try:
            matchers = alerts.matchers_of(given["matchers"]) if given["matchers"].strip() else ()
        except Invalid as error:
            raise Invalid(str(error), {"matchers": str(error)}) from None
        return RunbookDraft(
            slug=given["slug"], name=given["name"], text=given["text"].replace("\r\n", "\n"), matchers=matchers,
            owner=int(given["owner"]) if given["owner"] else None,
            secret="" if given["unsigned"] else given["secret"] or None,
        )  # fmt: skip

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names, or above the form."""
        for name, text in error.fields.items():
            self.add_error(name if name in self.fields else None, text)
        if not error.fields:
            self.add_error(None, str(error))


def _initial(before: Runbook | None) -> dict[str, object]:
    if before is None:
        return {"text": BEGINNING}
    return {
        "name": before.name, "slug": before.slug, "text": before.text, "owner": str(before.owner or ""),
        "matchers": alerts.matchers_written(before.matchers),
    }  # fmt: skip
