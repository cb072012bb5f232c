// What waits to be sent: one at a time, kept in the page's storage while the server cannot be reached.
interface Item { id: string; rest: string }

const enum Limit {
  ITEMS = 30,
  KEPT_ALIVE = 20_000, // characters; a browser lets all requests that outlive their page hold 64 KiB together
  WAIT = 30_000,
}

/** Where items go; empty until `connect`. */
export let url = "";
let prefix = "";
let slot = "";
let real: typeof fetch;
let items: Item[] = [];
let sending: Item | undefined;
let wait = 0;

// Of 128 bits. These ids are no secrets, and crypto.randomUUID is missing on plain http.
export const id = (): string => Array.from({ length: 32 }, () => (Math.random() * 16 | 0).toString(16)).join("");

/** Call `act` on events of these kinds anywhere in the page, before the page's own listeners. */
export const on = (kinds: string, act: (event: any) => void): void => kinds.split(" ").forEach(kind => { addEventListener(kind, act, true); });

/** Begin to send to a DSN, what an earlier page could not send first; return whether it is a DSN. */
export function connect(dsn?: string): boolean {
  const [, scheme, key, host, project] = /^(.+\/\/)(\w+)[^@]*@(.+)\/(\d+)$/.exec(`${dsn}`) ?? [];
  if (!key) return false;
  url = `${scheme}${host}/api/${project}/envelope/?sentry_key=${key}`;
  prefix = `vedette-queue:${key}:`; // applications of one origin may report to several projects
  slot = prefix + id();
  real = fetch;
  restore();
  on("online", resume);
  on("visibilitychange", leave);
  flush();
  return true;
}

/** Send an item of an envelope as soon as that can be; of more than 30 that wait, the oldest go. */
export function push(type: string, payload: { event_id: string; [more: string]: unknown }): void {
  items = [...items, { id: payload.event_id, rest: `{"type":"${type}"}\n${JSON.stringify(payload)}` }].slice(-Limit.ITEMS);
  flush();
  leave();
}

// `sent_at` is of when it is sent: the server mends a wrong clock by it, and this may be a day after the event.
const envelope = (item: Item): string => `${JSON.stringify({ event_id: item.id, sent_at: new Date() })}\n${item.rest}`;

function flush(): void {
  const item = items[0];
  if (sending || wait || !item) return;
  sending = item;
  const body = envelope(item);
  real(url, { method: "POST", body, keepalive: body.length < Limit.KEPT_ALIVE, credentials: "omit" })
    .then(({ status, headers }) => status === 429 || status >= 500 ? +headers.get("Retry-After")! * 1000 || Limit.WAIT : 0, () => Limit.WAIT)
    .then(told => {
      sending = undefined;
      wait = told;
      if (!wait) items = items.filter(each => each !== item);
      save();
      setTimeout(resume, wait);
    });
}

function resume(): void {
  wait = 0;
  flush();
}

// What is being sent outlives the page by itself. While the server refuses or is away, the next page sends the rest.
function leave(): void {
  if (!document.hidden) return;
  if (!wait) items = items.filter(item => item === sending || !navigator.sendBeacon(url, envelope(item)));
  save();
}

// A page without storage (private windows, sandboxed frames) only loses what it could not send.
function save(): void {
  try {
    delete localStorage[slot];
    if (items[0]) localStorage[slot] = JSON.stringify(items);
  } catch { /* see above */ }
}

// Also what another page of this application holds: sent twice, the server counts it once.
function restore(): void {
  try {
    for (const key in localStorage) if (key.startsWith(prefix)) {
      items.push(...JSON.parse(localStorage[key]) as Item[]);
      delete localStorage[key];
    }
  } catch { /* see above */ }
}
