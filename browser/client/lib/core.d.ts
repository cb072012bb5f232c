import type { Client, Crumb, Logged, Report } from "./types";
export declare const VERSION = "0.1.0";
/** Remember what happened, and that the page's address changed before; the newest are sent with the next event. */
export declare function crumb(...given: Crumb[]): void;
export declare const client: Client;
/** Return an error of this name; without a stack unless one is given. */
export declare const named: (name: string, message?: string, stack?: string) => Error;
/** Report a failure found in a way `how`; return its event's id, empty when it is not sent. Never throws. */
export declare function capture(error: unknown, how: string, handled: boolean, more?: Partial<Report>, skip?: number): string;
/** Report what the application caught: an error, or what it knows of one. Return the event's id. */
export declare function logError(what: Error | Logged, more?: Partial<Report>): string;
/** Report a failure that is no error: a sentence, and what makes two of them the same. */
export declare function tell(name: string, sentence: string, same: string[], warning?: boolean, stack?: string): void;
