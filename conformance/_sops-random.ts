import type { SopsFormat } from "@capstan/sops";

/** A document, the format it is in, and the rule for what of it is encrypted. */
export interface SopsDocument {
  readonly format: SopsFormat;
  readonly text: string | Buffer;
  /** Fields of a creation rule of `.sops.yaml`. */
  readonly rule: Readonly<Record<string, unknown>>;
}

const texts = [
  ...["password", "a", "user name", "", "true", "yes", "on", "null", "~", "1", "1.0", "0x10", "012", "1e3"],
  ...["2020-01-01", "12:30:45", "- x", "a: b", "# no", "x #y", "x # y", "'q'", '"dq"', "ünïcode", "emoji 😀"],
  ...[
    "tab\there",
    "line1\nline2\n",
    "line1\n\nline2",
    "\nlead",
    " lead",
    "trail ",
    "multi \nline",
    "a\tb\nc",
  ],
  ...["=", "<<", "@at", "`tick", "%p", "!t", "&a", "*a", "{x}", "[x]", "<html>&", "back\\slash", "\\n"],
  ...["é".repeat(50), "x".repeat(300), "long words that go on and on ".repeat(8), "\u2028", "\u0085", "\r\n"],
  ...["_x", ".inf", ".nan", "0o7", "1_000", "+1", "-", "?", ":", "x:", "---", "--- a", "...", "|", ">"],
  ...["a\u00a0b", "\ufeffbom", "N", "Off", "00", "08", "0b11", "1.", ".5", "1:30", "ENC[fake]", "\u0007bell"],
];
const keys = [
  ...["a", "b", "data", "stringData", "password", "user_unencrypted", "x-y", "key with space", "123", "true"],
  ...[
    "é",
    "metadata",
    "a.b/c",
    "nested",
    "list",
    "q'uote",
    "col:on",
    "=eq",
    "_u",
    "tls.crt",
    "longkey".repeat(25),
  ],
];
const rules: readonly Readonly<Record<string, unknown>>[] = [
  {},
  {},
  { encrypted_regex: "^(data|stringData|a)$" },
  { unencrypted_regex: "^(b|x)" },
  { encrypted_suffix: "word" },
  { unencrypted_suffix: "a" },
  { mac_only_encrypted: true, encrypted_regex: "^(data|list|nested)$" },
];

/** Documents that follow from a seed. */
export class RandomDocuments {
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  next(): SopsDocument {
    const format = this.#pick(["yaml", "yaml", "json", "dotenv", "ini", "binary"] as const);
    const structured = format === "yaml" || format === "json";
    const rule = structured ? this.#pick(rules) : this.#pick([{}, { mac_only_encrypted: true }]);
    return { format, rule, text: this.#text(format) };
  }

  #text(format: SopsFormat): string | Buffer {
    switch (format) {
      case "json":
        return this.#json();
      case "yaml":
        // JSON is YAML, but for characters that YAML has no room for.
        return Array.from({ length: 1 + this.#int(2) }, () => this.#yaml()).join("---\n");
      case "dotenv":
        return this.#names(["A", "B_C", "DB_PASSWORD", "X_unencrypted", "Z9"])
          .map((name) => `${this.#comment("#")}${name}=${this.#line("\\n")}\n`)
          .join("");
      case "ini":
        return this.#names(["s1", "s two", "s.3", "x:y"])
          .map((name) => `${this.#comment(";")}[${name}]\n${this.#settings()}`)
          .join("\n");
      case "binary":
        return Buffer.from(Array.from({ length: this.#int(200) }, () => this.#int(256)));
    }
  }

  #settings(): string {
    return this.#names(["a", "bb", "ccc", "k_unencrypted", "sp ace"])
      .map((name) => `${this.#comment("#")}${name} = ${this.#line(" ")}\n`)
      .join("");
  }

  #comment(sign: string): string {
    return this.#random() < 0.2 ? `${sign} note ${this.#int(9)}\n` : "";
  }

  #line(newline: string): string {
    return this.#pick(texts).replace(/[\n\r]/g, newline);
  }

  #yaml(): string {
    const members = this.#names(keys).map((key) => `${JSON.stringify(key)}: ${this.#value(3)}\n`);
    return members.join("");
  }

  #json(): string {
    return `{${this.#names(keys).map((key) => `${JSON.stringify(key)}: ${this.#value(3)}`)}}`;
  }

  #value(depth: number): string {
    const choice = this.#random();
    if (depth === 0 || choice < 0.55) return this.#scalar();
    if (choice < 0.8) {
      return `{${this.#names(keys).map((key) => `${JSON.stringify(key)}: ${this.#value(depth - 1)}`)}}`;
    }
    return `[${Array.from({ length: this.#int(4) }, () => this.#value(depth - 1)).join(", ")}]`;
  }

  #scalar(): string {
    const numbers = [
      "0",
      "-7",
      "42",
      "9007199254740993",
      "1.5",
      "1e+21",
      "1.5e-9",
      "123456789.25",
      "1234567",
    ];
    return this.#random() < 0.6
      ? JSON.stringify(this.#pick(texts))
      : this.#pick([...numbers, "true", "false", "null"]);
  }

  #names(from: readonly string[]): readonly string[] {
    return [...new Set(Array.from({ length: 1 + this.#int(4) }, () => this.#pick(from)))];
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#int(from.length)] as T;
  }

  #int(below: number): number {
    return Math.floor(this.#random() * below) % below;
  }

  #random(): number {
    this.#seed = (Math.imul(this.#seed, 1103515245) + 12345) & 0x7fffffff;
    return (this.#seed >>> 8) / 0x7fffff;
  }
}
