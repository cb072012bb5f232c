// Runs pieces of the browser client in node: a JSON list of [piece, ...arguments] on stdin, a JSON list of what they return on stdout.
import { readFileSync } from "node:fs";
import { address, clean, describe } from "../../browser/client/src/clean";
import { frames } from "../../browser/client/src/stack";

(globalThis as any).location = { href: "https://shop.example/cart?user=ann", toString: () => "https://shop.example/cart?user=ann" };
const pieces: Record<string, (...given: any[]) => unknown> = { address, clean, describe, frames };
const asked = JSON.parse(readFileSync(0, "utf8")) as [string, ...unknown[]][];
console.log(JSON.stringify(asked.map(([piece, ...given]) => pieces[piece]!(...given) ?? null)));
