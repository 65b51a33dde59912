import type { Clock, Random } from "@capstan/kube";
import type { TemplateFunction } from "./function.js";

/** A template whose text differs from rendering to rendering. */
export interface UnstableTemplate {
  readonly template: string;
  /** The functions it owes that to. */
  readonly functions: readonly string[];
}

/** Functions that make keys and salts of their own. */
const alwaysNew = new Set([
  ...["genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey"],
  ...["genSignedCert", "genSignedCertWithKey", "bcrypt", "htpasswd", "encryptAES"],
]);

/** Sees which templates ask for the time or for randomness, and through which functions. */
export class StabilityWatch {
  readonly clock: Clock;
  readonly random: Random;
  /** The template that is rendered. */
  template = "";
  private calling = "";
  private readonly found = new Map<string, Set<string>>();

  constructor(clock: Clock, random: Random) {
    this.clock = {
      now: () => {
        this.note();
        return clock.now();
      },
      after: (ms, run) => clock.after(ms, run),
    };
    this.random = {
      float: () => {
        this.note();
        return random.float();
      },
      bytes: (length) => {
        this.note();
        return random.bytes(length);
      },
    };
  }

  /** The functions, each noted when it uses what differs. */
  watch(functions: Readonly<Record<string, TemplateFunction>>): Record<string, TemplateFunction> {
    return Object.fromEntries(
      Object.entries(functions).map(([name, known]) => {
        const run: TemplateFunction["run"] = (...args) => {
          this.calling = name;
          if (alwaysNew.has(name)) this.note();
          return known.run(...args);
        };
        return [name, { ...known, run }];
      }),
    );
  }

  get unstable(): UnstableTemplate[] {
    return [...this.found].map(([template, functions]) => ({ template, functions: [...functions].sort() }));
  }

  private note(): void {
    const known = this.found.get(this.template);
    if (known === undefined) this.found.set(this.template, new Set([this.calling]));
    else known.add(this.calling);
  }
}
