import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { gzipTexts, PackedText } from "./packed-text.js";

const read = (bytes: Uint8Array) => gunzipSync(bytes).toString("utf8");

it("reads back as the texts one after the other, packed ones any number of times", async () => {
  const texts = fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.boolean()), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(texts, async (parts) => {
      const given = parts.map(([text, packed]) => (packed ? new PackedText(text) : text));
      const whole = parts.map(([text]) => text).join("");
      expect(read(await gzipTexts(given))).toBe(whole);
      expect(read(await gzipTexts([...given, "", ...given]))).toBe(whole + whole);
    }),
    { numRuns: 50 },
  );
});

it("packs long texts too", async () => {
  const long = Array.from({ length: 20_000 }, (_, index) => `line ${index}`).join("\n");
  const chart = new PackedText(long);
  expect(read(await gzipTexts([long, chart, "end"]))).toBe(`${long}${long}end`);
  expect((await chart.packed()).length).toBeLessThan(long.length / 3);
});
