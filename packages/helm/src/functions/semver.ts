import {
  compareVersions,
  formatVersion,
  parseConstraint,
  parseVersion,
  satisfies,
  type Version,
  VersionError,
} from "@capstan/kube";
import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import { GoInt, type GoMethod, GoStruct, type GoValue } from "../value/go-value.js";
import { strval } from "../value/print.js";

function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof VersionError) throw new FunctionError(error.message);
    throw error;
  }
}

/** `*semver.Version`: prints normalized, compares by its methods. */
export class SemverValue extends GoStruct {
  readonly typeName = "*semver.Version";
  override readonly kind = "ptr" as const;
  readonly version: Version;

  constructor(version: Version) {
    super();
    this.version = version;
  }

  text(): string {
    return formatVersion(this.version);
  }

  toPlain(): unknown {
    return this.text();
  }

  override method(name: string): GoMethod | undefined {
    const { version } = this;
    const number = (value: bigint): GoMethod => ({ params: [], run: () => new GoInt(value, "uint64") });
    const text = (value: string): GoMethod => ({ params: [], run: () => value });
    const bumped = (change: Partial<Version>): GoMethod => ({
      params: [],
      run: () => new SemverValue({ ...version, prerelease: "", metadata: "", ...change }),
    });
    const compared = (test: (order: number) => GoValue): GoMethod => ({
      params: ["semver"],
      run: (other) => (other instanceof SemverValue ? test(compareVersions(version, other.version)) : null),
    });
    switch (name) {
      case "Major":
        return number(version.major);
      case "Minor":
        return number(version.minor);
      case "Patch":
        return number(version.patch);
      case "Prerelease":
        return text(version.prerelease);
      case "Metadata":
        return text(version.metadata);
      case "Original":
        return text(version.original);
      case "String":
        return text(this.text());
      case "IncMajor":
        return bumped({ major: version.major + 1n, minor: 0n, patch: 0n });
      case "IncMinor":
        return bumped({ minor: version.minor + 1n, patch: 0n });
      case "IncPatch":
        return bumped(version.prerelease === "" ? { patch: version.patch + 1n } : {});
      case "Compare":
        return compared((order) => new GoInt(BigInt(Math.sign(order))));
      case "GreaterThan":
        return compared((order) => order > 0);
      case "LessThan":
        return compared((order) => order < 0);
      case "Equal":
        return compared((order) => order === 0);
      case "GreaterThanEqual":
        return compared((order) => order >= 0);
      case "LessThanEqual":
        return compared((order) => order <= 0);
      default:
        return undefined;
    }
  }
}

/** Sprig's functions on semantic versions. */
export const semverFunctions: Readonly<Record<string, TemplateFunction>> = {
  semver: fn("string", (text: string) => guarded(() => new SemverValue(parseVersion(text)))),
  semverCompare: fn("string string", (constraint: string, version: string) =>
    guarded(() => {
      const wanted = parseConstraint(constraint);
      return satisfies(parseVersion(strval(version)), wanted);
    }),
  ),
};
