import type { Random } from "@capstan/kube";
import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import type { GoInt } from "../value/go-value.js";
import { int } from "./cast.js";

const digits = "0123456789";
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join("");

/** Sprig's random functions. */
export function randomFunctions(random: Random): Readonly<Record<string, TemplateFunction>> {
  const below = (limit: number): number => {
    const bound = 256 - (256 % limit);
    for (;;) {
      const [byte = 0] = random.bytes(1);
      if (byte < bound) return byte % limit;
    }
  };
  const text = (alphabet: string) =>
    fn("int", (count: GoInt) => {
      if (count.value > 1_000_000n) throw new FunctionError("result exceeds the maximum size");
      return Array.from(
        { length: Math.max(0, Number(count.value)) },
        () => alphabet[below(alphabet.length)],
      ).join("");
    });
  return {
    randAlphaNum: text(letters + digits),
    randAlpha: text(letters),
    randNumeric: text(digits),
    randAscii: text(ascii),
    randBytes: fn("int", (count: GoInt) =>
      Buffer.from(random.bytes(Math.min(1_000_000, Math.max(0, Number(count.value))))).toString("base64"),
    ),
    randInt: fn("int int", (from: GoInt, to: GoInt) => {
      const span = Number(to.value - from.value);
      if (span <= 0) throw new FunctionError("invalid argument to Intn");
      return int(from.value + BigInt(Math.floor(random.float() * span)));
    }),
    shuffle: fn("string", (source: string) => {
      const points = [...source];
      for (let index = points.length - 1; index > 0; index -= 1) {
        const other = Math.floor(random.float() * (index + 1));
        [points[index], points[other]] = [points[other] ?? "", points[index] ?? ""];
      }
      return points.join("");
    }),
    uuidv4: fn("", () => {
      const bytes = random.bytes(16);
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
      return Buffer.from(bytes)
        .toString("hex")
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    }),
  };
}
