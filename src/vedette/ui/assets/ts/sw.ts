// The service worker, served at /sw.js: shows what was pushed (`notify/channels/webpush/message.py`) and opens its links.
interface Act { kind: string; label: string; url: string }
interface Shown { title: string; text: string; link: string; tag: string; quiet: boolean; actions: Act[] }
interface Waits extends Event { waitUntil(done: Promise<unknown>): void }
interface Pushed extends Waits { data: { json(): Shown } | null }
interface Clicked extends Waits { action: string; notification: Notification }

const worker = self as unknown as {
  addEventListener(name: string, act: (event: any) => void): void;
  registration: ServiceWorkerRegistration;
  clients: { openWindow(url: string): Promise<unknown> };
  skipWaiting(): Promise<void>;
};

worker.addEventListener("install", (event: Waits) => { event.waitUntil(worker.skipWaiting()); });

worker.addEventListener("push", (event: Pushed) => {
  const told = event.data?.json();
  if (!told) return;
  const options = {
    body: told.text, tag: told.tag, renotify: true, silent: told.quiet, data: told,
    actions: told.actions.map(act => ({ action: act.kind, title: act.label })),
  };
  event.waitUntil(worker.registration.showNotification(told.title, options));
});

worker.addEventListener("notificationclick", (event: Clicked) => {
  const told = event.notification.data as Shown;
  event.notification.close();
  const url = told.actions.find(act => act.kind === event.action)?.url ?? told.link;
  if (/^https?:/.test(url)) event.waitUntil(worker.clients.openWindow(url));
});
