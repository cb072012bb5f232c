// The service worker, served at /sw.js: shows what was pushed (`notify/channels/webpush/message.py`), does what its buttons say, opens its link.
interface Act { kind: string; label: string; url: string }
interface Shown { title: string; text: string; link: string; tag: string; quiet: boolean; actions: Act[] }
interface Waits extends Event { waitUntil(done: Promise<unknown>): void }
interface Pushed extends Waits { data: { json(): Shown } | null }
interface Clicked extends Waits { action: string; notification: Notification }

interface Outcome { ok: boolean; said: string }

const LONGEST = 300;
const worker = self as unknown as {
  addEventListener(name: string, act: (event: any) => void): void;
  registration: ServiceWorkerRegistration;
  clients: { openWindow(url: string): Promise<unknown> };
  skipWaiting(): Promise<void>;
};

worker.addEventListener("install", (event: Waits) => { event.waitUntil(worker.skipWaiting()); });

worker.addEventListener("push", (event: Pushed) => {
  const told = event.data?.json();
  if (told) event.waitUntil(show(told));
});

worker.addEventListener("notificationclick", (event: Clicked) => {
  const told = event.notification.data as Shown;
  event.notification.close();
  const act = told.actions.find(each => each.kind === event.action);
  event.waitUntil(act ? press(act, told) : open(told.link));
});

function show(told: Shown): Promise<void> {
  const options = {
    body: told.text, tag: told.tag, renotify: true, silent: told.quiet, data: told,
    actions: told.actions.map(act => ({ action: act.kind, title: act.label })),
  };
  return worker.registration.showNotification(told.title, options);
}

// What came of it takes the notification's place; what failed may be pressed again.
async function press(act: Act, told: Shown): Promise<unknown> {
  if (new URL(act.url).origin !== location.origin) return open(act.url); // subscribed at another of our addresses
  const { ok, said } = await ask(act.url);
  return show({ ...told, text: said, quiet: true, actions: ok ? [] : told.actions });
}

async function ask(url: string): Promise<Outcome> {
  try {
    const answer = await fetch(url, { method: "POST", credentials: "omit", headers: { Accept: "text/plain" } });
    const ours = answer.headers.get("Content-Type")?.startsWith("text/plain");
    const said = ours ? (await answer.text()).trim().slice(0, LONGEST) : "";
    return { ok: answer.ok, said: said || `The server answered HTTP ${answer.status}; open the alert to act there.` };
  } catch {
    return { ok: false, said: "Vedette cannot be reached from here; nothing was changed. Try again." };
  }
}

async function open(url: string): Promise<unknown> {
  return /^https?:/.test(url) ? worker.clients.openWindow(url) : undefined;
}
