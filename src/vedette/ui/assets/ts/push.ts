// Web Push: `form[data-push]` asks the browser for a subscription under our key, puts it into the form, then posts it.
import { $$ } from "./dom";

async function subscribe(form: HTMLFormElement): Promise<void> {
  if (!("serviceWorker" in navigator && "PushManager" in window)) throw new Error("This browser takes no pushed notices here: they need HTTPS, and on an iPhone or iPad Vedette on the home screen.");
  if (await Notification.requestPermission() !== "granted") throw new Error("Notifications are not allowed here: allow them for this address in the browser's settings, then press again.");
  await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  const worker = await navigator.serviceWorker.ready;
  await (await worker.pushManager.getSubscription())?.unsubscribe(); // one made under an older key cannot be used again
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: form.dataset.push ?? "" });
  form.querySelector<HTMLInputElement>("[name=subscription]")!.value = JSON.stringify(made);
  form.submit();
}

function say(form: HTMLFormElement, error: Error): void {
  const box = form.querySelector<HTMLElement>("[data-told]");
  delete form.dataset.sent;
  if (!box) return;
  box.hidden = false;
  box.textContent = error instanceof DOMException ? `The browser's push service gave no subscription: ${error.message}` : error.message;
}

export function wirePush(): void {
  for (const form of $$<HTMLFormElement>("form[data-push]")) {
    form.addEventListener("submit", e => { e.preventDefault(); subscribe(form).catch((error: Error) => { say(form, error); }); });
  }
}
