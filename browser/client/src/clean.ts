// What is taken out of texts and addresses before they leave the page, and the options that say so.
import type { Options } from "./types";

const QUERY = /(\/[^\s?#]*)[?#](?!…)\S+/g;
const CREDENTIALS = /\/\/(?:[^\s/@]*@)+/g;
// What is replaced takes the square of the length: no more than twice what is kept is looked at.
const enum Limit { TEXT = 2048, SEEN = 4096 }

export const options: Options = {};

/** Return a text without the query strings, fragments and credentials of the addresses in it, cut. */
export const clean = (text: string): string =>
  (options.pii ? text : text.slice(0, Limit.SEEN).replace(CREDENTIALS, "//").replace(QUERY, "$1?…")).slice(0, Limit.TEXT);

/** Return an address in full and cleaned; what is none (a browser's `inline`) is cleaned as a text. */
export function address(url: unknown): string {
  try { url = new URL(url as string, location.href); } catch { /* a text */ }
  return clean(`${url}`);
}

/** Return a value in words. What objects hold may be anybody's: only their keys are named. */
export function describe(value: unknown): string {
  try {
    return value instanceof Error || Object(value) !== value ? String(value) : `{${Object.keys(value as object)}}`;
  } catch { return "?"; } // a revoked proxy, an error that cannot be read: no reason to fail where the page only says something
}
