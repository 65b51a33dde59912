/** What one rendering may use up. */
export interface RenderLimits {
  /** Statements executed and functions called; those that make keys count many times. Default 20 million. */
  readonly steps?: number;
  /** UTF-16 units written, includes counted each time. Default 128 million. */
  readonly output?: number;
  /** Size of what functions make: a unit a character, 64 an element of a list. Default 512 million. */
  readonly values?: number;
}

/** A rendering that uses more than it may. */
export class BudgetError extends Error {
  override readonly name = "BudgetError";
}

/** Functions that take long: how many steps each call counts for. */
const costs = new Map<string, number>([
  ...["derivePassword", "bcrypt", "htpasswd"].map((name) => [name, 20_000] as const),
  ...["genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey"].map(
    (name) => [name, 100_000] as const,
  ),
  ...["genSignedCert", "genSignedCertWithKey"].map((name) => [name, 100_000] as const),
  ["genPrivateKey", 400_000],
]);

/** Functions whose lists are new. */
const listMakers = new Set(
  "list tuple until untilStep concat append mustAppend push mustPush prepend mustPrepend splitList toStrings sortAlpha reverse mustReverse uniq mustUniq without mustWithout compact mustCompact rest mustRest initial mustInitial chunk mustChunk regexFindAll mustRegexFindAll regexSplit mustRegexSplit keys values fromJson mustFromJson fromJsonArray fromYaml fromYamlArray deepCopy mustDeepCopy".split(
    " ",
  ),
);

const elementSize = 64;

/** Counts what a rendering uses; shared by everything a chart executes. */
export class Budget {
  private steps: number;
  private output: number;
  private values: number;

  constructor(limits: RenderLimits = {}) {
    this.steps = limits.steps ?? 20_000_000;
    this.output = limits.output ?? 128_000_000;
    this.values = limits.values ?? 512_000_000;
  }

  /** A statement runs. Throws BudgetError. */
  step(count = 1): void {
    this.steps -= count;
    if (this.steps < 0) throw new BudgetError("template runs longer than the maximum number of steps");
  }

  /** Text is written. Throws BudgetError. */
  write(length: number): void {
    this.output -= length;
    if (this.output < 0) throw new BudgetError("output exceeds the maximum size");
  }

  /** A function is called. Throws BudgetError. */
  call(name: string): void {
    this.step(costs.get(name) ?? 1);
  }

  /** A function gave a result. Throws BudgetError. */
  result(name: string, result: unknown): void {
    if (typeof result === "string") this.values -= result.length;
    else if (Array.isArray(result) && listMakers.has(name)) this.values -= result.length * elementSize;
    else return;
    if (this.values < 0) throw new BudgetError("values exceed the maximum size");
  }
}
