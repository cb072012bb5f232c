// Passkeys: `form[data-passkey]` asks the browser for one (create) or for a proof with one (get), then posts what it answered.
import { $$ } from "./dom";

interface Options { publicKey: any }

const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
const text = (data: ArrayBuffer | null | undefined): string | undefined =>
  data ? btoa(String.fromCharCode(...new Uint8Array(data))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") : undefined;

/** Options come as JSON with base64url texts; parseCreationOptionsFromJSON is missing in Safari before 18.4. */
function unpacked({ publicKey: o }: Options): any {
  o.challenge = bytes(o.challenge);
  if (o.user) o.user.id = bytes(o.user.id);
  for (const list of [o.excludeCredentials, o.allowCredentials]) for (const known of list ?? []) known.id = bytes(known.id);
  return { publicKey: o };
}

function packed(key: PublicKeyCredential): string {
  const r = key.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const response = {
    clientDataJSON: text(r.clientDataJSON), attestationObject: text(r.attestationObject),
    authenticatorData: text(r.attestationObject ? null : r.authenticatorData), signature: text(r.signature), userHandle: text(r.userHandle),
  };
  return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: key.getClientExtensionResults() });
}

async function options(form: HTMLFormElement): Promise<Options> {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.from ?? "", { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail ?? "Vedette did not answer; try again.");
  return told;
}

async function ask(form: HTMLFormElement): Promise<void> {
  const asked = unpacked(await options(form));
  const key = await (form.dataset.passkey === "create" ? navigator.credentials.create(asked) : navigator.credentials.get(asked));
  if (!key) throw new Error("The browser gave no passkey.");
  form.querySelector<HTMLInputElement>("[name=credential]")!.value = packed(key as PublicKeyCredential);
  form.submit();
}

function say(form: HTMLFormElement, error: Error): void {
  const box = form.querySelector<HTMLElement>("[data-told]");
  delete form.dataset.sent;
  if (!box) return;
  box.hidden = false;
  box.textContent = error.name === "InvalidStateError" ? "This device holds a passkey of yours for this Vedette already."
    : error instanceof DOMException ? "The browser made no use of a passkey: it was cancelled, took too long, or knows none for this place." : error.message;
}

export function wirePasskeys(): void {
  const forms = "PublicKeyCredential" in window ? $$<HTMLFormElement>("form[data-passkey]") : [];
  for (const form of forms) {
    form.hidden = false;
    form.addEventListener("submit", e => { e.preventDefault(); ask(form).catch((error: Error) => { say(form, error); }); });
  }
}
