// The nouns of the client. What goes over the wire is Sentry's event (https://develop.sentry.dev/sdk/data-model/event-payloads/).
export type Level = "fatal" | "error" | "warning" | "info" | "debug";

/** What happened shortly before an event; `timestamp` is filled in. */
export interface Crumb {
  category: string;
  message?: string;
  level?: Level;
  type?: string;
  data?: Record<string, unknown>;
  timestamp?: Date;
}

export interface Frame { filename: string; function?: string; lineno: number; colno: number }

export interface Exception {
  type: string;
  value: string;
  stacktrace?: { frames: Frame[] };
  mechanism?: { type: string; handled: boolean };
}

/** An event as it is sent, and as `beforeSend` sees it. */
export interface Report {
  event_id: string;
  timestamp: Date;
  level: Level;
  platform: string;
  exception?: { values: Exception[] };
  release?: string;
  environment?: string;
  user?: Record<string, unknown>;
  tags?: Record<string, string>;
  extra?: Record<string, unknown>;
  contexts?: Record<string, Record<string, unknown>>;
  fingerprint?: string[];
  request?: { url: string; headers?: Record<string, string> };
  breadcrumbs?: { values: Crumb[] };
  [more: string]: unknown;
}

export interface Options {
  /** `https://KEY@host/PROJECT`, from the project's settings. Without one nothing is reported. */
  dsn?: string;
  release?: string;
  environment?: string;
  /** Who uses the page; nothing is said of them unless you do. */
  user?: Record<string, unknown>;
  tags?: Record<string, string>;
  /** The share of events that is sent, 0 to 1; 1 unless said. */
  sampleRate?: number;
  /** The share of page loads whose web vitals are sent, 0 to 1; 1 unless said. */
  vitalsSampleRate?: number;
  /** Load and measure web vitals and long tasks. */
  vitals?: boolean;
  /** Sees every event last; what it returns is sent, and nothing when it returns null or throws. */
  beforeSend?: (report: Report, cause: unknown) => Report | null;
  /** Messages that are not reported, beside "Script error." and "ResizeObserver…". */
  ignore?: RegExp;
  /** From how many milliseconds on a request is reported as slow; 10,000 unless said. */
  slow?: number;
  /** Keep query strings, fragments and credentials in addresses. */
  pii?: boolean;
}

/** What an application tells of a failure by itself; further fields become the event's extra data. */
export interface Logged {
  errorCode?: string | number;
  message?: string;
  stack?: string;
  url?: string;
  userAgent?: string;
  /** Milliseconds since 1970, or a text `Date` understands. */
  timestamp?: number | string;
  level?: Level;
  [more: string]: unknown;
}

/** What the parts loaded later (vitals, feedback) need of the core. */
export interface Client {
  options: Options;
  /** Return the fields all that is sent has in common. */
  base: () => Pick<Report, "event_id" | "timestamp" | "platform" | "release" | "environment" | "request"> & Record<string, unknown>;
  send: (type: string, payload: { event_id: string; [more: string]: unknown }) => void;
  crumb: (...given: Crumb[]) => void;
  /** The id of the event sent last, empty before. */
  last: () => string;
}

export interface FeedbackOptions {
  /** The event it is about; the last one unless said. */
  eventId?: string;
  /** Words of the form, to translate or change them. */
  words?: Partial<Words>;
}

export interface Words {
  title: string;
  message: string;
  name: string;
  email: string;
  send: string;
  cancel: string;
  thanks: string;
  close: string;
}

/** A part that is loaded later. */
export interface Part { begin: (client: Client, options?: FeedbackOptions) => void }
