// The feedback form: a `<dialog>` in a shadow root, in the page's own colours; what is written goes to the event it is about.
import type { Client, FeedbackOptions, Words } from "./types";

const WORDS: Words = {
  title: "What happened?", message: "What did you do, and what went wrong?", name: "Name (optional)", email: "E-mail, for an answer (optional)",
  send: "Send", cancel: "Cancel", thanks: "Thank you. It is on its way.", close: "Close",
};
// A constructed sheet: no policy has to allow inline styles. Set the properties on `vedette-feedback`, or style its parts.
const CSS = `dialog{box-sizing:border-box;width:min(26rem,calc(100% - 2rem));padding:1.25rem;font:var(--vedette-font,1rem/1.5 system-ui,sans-serif);
color:var(--vedette-text,CanvasText);background:var(--vedette-background,Canvas);border:1px solid var(--vedette-border,GrayText);border-radius:var(--vedette-radius,.5rem)}
dialog::backdrop{background:rgb(0 0 0/.5)}h2{margin:0 0 1rem;font-size:1.25em}label{display:block;margin-bottom:.75rem}
input,textarea{box-sizing:border-box;display:block;width:100%;margin-top:.25rem;padding:.5rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--vedette-border,GrayText);border-radius:inherit}
dialog *{border-radius:calc(var(--vedette-radius,.5rem)/2)}textarea{min-height:6em;resize:vertical}
button{min-height:2.75rem;margin-right:.5rem;padding:0 1rem;font:inherit;cursor:pointer;border:1px solid;color:inherit;background:transparent}
button[type=submit]{color:var(--vedette-accent-text,#fff);background:var(--vedette-accent,#1d4ed8);border-color:transparent}
:focus-visible{outline:2px solid var(--vedette-accent,Highlight);outline-offset:2px}`;

let open: HTMLDialogElement | undefined;

/** Open the form, unless it is open; focus goes back where it was when it closes. */
export function begin(client: Client, { eventId = client.last(), words }: FeedbackOptions = {}): void {
  if (open) return;
  const text = { ...WORDS, ...words }, host = document.createElement("vedette-feedback"), root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
  host.lang = words ? "" : "en";

  const field = (name: string, label: string, tag: "input" | "textarea", more: object) => {
    const control = make(tag, { name, ...more });
    return make("label", {}, label, control);
  };
  const button = (word: string, type: "submit" | "button") => make("button", { type, part: type }, word);
  const cancel = button(text.cancel, "button"), title = make("h2", { id: "title", part: "title" }, text.title), said = make("p", { role: "status" });
  const form = make("form", { part: "form" },
    title,
    field("message", text.message, "textarea", { required: true, maxLength: 4096 }),
    field("name", text.name, "input", { autocomplete: "name", maxLength: 200 }),
    field("email", text.email, "input", { type: "email", autocomplete: "email", maxLength: 200 }),
    button(text.send, "submit"), cancel, said,
  );
  const dialog = open = make("dialog", { part: "dialog" }, form);
  dialog.setAttribute("aria-labelledby", "title");
  const close = () => { dialog.close(); };
  cancel.onclick = close;
  dialog.onclose = () => { host.remove(); open = undefined; };
  form.onsubmit = event => {
    event.preventDefault();
    const { message, name, email } = Object.fromEntries(new FormData(form)) as Record<string, string>;
    if (!message!.trim()) { form.querySelector("textarea")!.focus(); return; }
    const base = client.base();
    client.send("feedback", {
      ...base, contexts: { feedback: { message, name, contact_email: email, url: base.request!.url, associated_event_id: eventId || undefined } },
    } as typeof base);
    const done = button(text.close, "button");
    done.onclick = close;
    form.replaceChildren(title, said, done);
    said.textContent = text.thanks; // after it stands there, so that it is read out
    done.focus();
  };
  root.append(dialog);
  document.body.append(host);
  dialog.showModal();
}

function make<T extends keyof HTMLElementTagNameMap>(tag: T, attributes: object, ...children: (Node | string)[]): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  const { part, ...rest } = attributes as { part?: string };
  if (part) made.setAttribute("part", part);
  Object.assign(made, rest);
  made.append(...children);
  return made;
}
