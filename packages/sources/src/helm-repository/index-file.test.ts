import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizeIndex } from "./index-file.js";
import { cutIndex } from "./index-pieces.js";

const chart = (name: string, version: string, more = "") =>
  `  - apiVersion: v2\n    dependencies:\n    - name: common\n      version: 2.x.x\n    name: ${name}\n    urls:\n    - ${name}-${version}.tgz\n    version: ${version}\n${more}`;

/** An index as `helm repo index` writes it, of a size in characters at least. */
function indexOf(size: number): string {
  const lines = ["apiVersion: v1\nentries:\n"];
  let length = 0;
  for (let number = 0; length < size; number++) {
    const part = `  chart${number}:\n${["2.0.0", "10.0.0", "1.0.0"].map((version) => chart(`chart${number}`, version)).join("")}`;
    lines.push(part);
    length += part.length;
  }
  return `${lines.join("")}generated: "2026-01-01T00:00:00Z"\n`;
}

const SMALL = { atOnce: 16 * 1024, versions: 20_000 };

describe("normalizeIndex", () => {
  it("gives the same text for another order, and keeps names that JavaScript treats specially", async () => {
    const one = await normalizeIndex(
      "apiVersion: v1\nentries: {a: [{name: a, version: '1'}], __proto__: [{name: __proto__, version: '2'}]}",
    );
    const two = await normalizeIndex(
      "entries: {__proto__: [{version: '2', name: __proto__}], a: [{version: '1', name: a}]}\napiVersion: v1",
    );
    expect(one).toBe(two);
    expect(one).toContain("__proto__");
  });

  it("reads a large index in pieces, and another form of it the same", async () => {
    const text = indexOf(1024 * 1024);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const normal = await normalizeIndex(text, undefined, SMALL);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
    const { entries, generated } = JSON.parse(normal);
    expect(generated).toBe("2026-01-01T00:00:00Z");
    expect(entries.chart0.map(({ version }: { version: string }) => version)).toEqual([
      "10.0.0",
      "2.0.0",
      "1.0.0",
    ]);
    expect(entries.chart0[0].dependencies).toEqual([{ name: "common", version: "2.x.x" }]);
    expect(await normalizeIndex(normal, undefined, SMALL)).toBe(normal);
    expect(await normalizeIndex(text)).toBe(normal);
  });

  it.each<[string, () => string, string]>([
    [
      "more versions than any has",
      () => `apiVersion: v1\nentries:\n  a:\n${"  - {name: a, version: 1.0.0}\n".repeat(20_001)}`,
      "more than 20000 versions",
    ],
    [
      "a version that never ends",
      () => `apiVersion: v1\nentries:\n  a:\n  - name: a\n${"    x: y\n".repeat(200_000)}`,
      "an entry is longer than",
    ],
    [
      "another form",
      () => `apiVersion: v1\nentries: {a: [${"[],".repeat(50_000)}]}`,
      "too large to be read in the form",
    ],
    [
      "JSON that is nothing but lists",
      () => `{"apiVersion":"v1","entries":{"a":[${"[],".repeat(4_000_000)}[]]}}`,
      "too large to be read in the form",
    ],
  ])("refuses %s", async (_name, make, text) => {
    await expect(normalizeIndex(make(), undefined, SMALL)).rejects.toThrow(text);
  });

  it("drops what is no version without keeping it", async () => {
    const text = `apiVersion: v1\nentries:\n  a:\n${"  - {}\n".repeat(50_000)}  - {name: a, version: 1.0.0}\n`;
    expect(await normalizeIndex(text)).toBe(
      '{"apiVersion":"v1","entries":{"a":[{"name":"a","version":"1.0.0"}]}}\n',
    );
  });

  it("stops when it is told to", async () => {
    const stop = AbortSignal.abort(new Error("enough"));
    await expect(normalizeIndex(indexOf(100_000), stop, SMALL)).rejects.toThrow("enough");
  });
});

describe("cutIndex", () => {
  it.each([
    ["lists as far left as their keys", "entries:\n  a:\n  - {name: a}\n  - {name: b}\n"],
    ["lists further right", "entries:\n  a:\n    - name: a\n      keywords:\n        - x\n    - name: b\n"],
    ["comments and blank lines", "# c\nentries:\n\n  # c\n  a:\n  # c\n  - name: a\n\n# c\n  - name: b\n"],
    [
      "text with lines of its own",
      "entries:\n  a:\n  - description: |-\n      - one\n\n      two: x\n    name: a\n  b: []\n",
    ],
    ["fields after the entries", "apiVersion: v1\nentries:\n  a:\n  - name: a\ngenerated: x\n"],
  ])("gives pieces that say the same, with %s", async (_name, text) => {
    const { parseYaml } = await import("@capstan/kube");
    const cut = cutIndex(text)!;
    const merged = Object.assign(
      {},
      ...[...cut.pieces].map((piece) => parseYaml(piece, { dialect: "helm" })),
    );
    const whole = parseYaml(text, { dialect: "helm" }) as Record<string, unknown>;
    expect(merged).toEqual(whole["entries"]);
    expect({ ...(parseYaml(cut.frame, { dialect: "helm" }) as object), entries: null }).toEqual({
      ...whole,
      entries: null,
    });
  });

  it("never loses a line of an index", () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const line = fc.oneof(
      name.map((text) => `  ${text}:`),
      name.map((text) => `  - name: ${text}`),
      name.map((text) => `    ${text}: x`),
      fc.constantFrom("", "  # c", "    - x"),
    );
    fc.assert(
      fc.property(name, fc.array(line, { maxLength: 30 }), (first, lines) => {
        const body = `  ${first}:\n${lines.map((each) => `${each}\n`).join("")}`;
        const pieces = [...(cutIndex(`entries:\n${body}`)?.pieces ?? [])];
        expect(pieces.join("")).toBe(body);
      }),
    );
  });
});
