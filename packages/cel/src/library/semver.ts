import type { FunctionDecl } from "../check/environment.js";
import type { Library } from "../environment.js";
import { boolType, intType, opaqueType, stringType } from "../types.js";
import { compareText } from "../value/compare.js";
import { type CelInt, normalizeInt } from "../value/number.js";
import { EvalFailure, noSuchOverload, Opaque, type Result, type Value } from "../value/value.js";
import { declare, method, overload } from "./declare.js";

const semverType = opaqueType("kubernetes.Semver");

/** A version of semver.org 2.0.0, which is stricter than the versions of charts. */
class SemverValue extends Opaque {
  readonly type = semverType;
  readonly numbers: readonly [CelInt, CelInt, CelInt];
  readonly prerelease: readonly string[];

  constructor(numbers: readonly [CelInt, CelInt, CelInt], prerelease: readonly string[]) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
  }

  equals(other: Opaque): boolean {
    return other instanceof SemverValue && compare(this, other) === 0;
  }
}

function compare(a: SemverValue, b: SemverValue): number {
  for (const [index, left] of a.numbers.entries()) {
    const right = b.numbers[index] ?? 0;
    if (left !== right) return left < right ? -1 : 1;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return Math.sign(b.prerelease.length - a.prerelease.length);
  for (const [index, left] of a.prerelease.entries()) {
    const right = b.prerelease[index];
    if (right === undefined) return 1;
    const result = compareIdentifiers(left, right);
    if (result !== 0) return result;
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0;
}

function compareIdentifiers(a: string, b: string): number {
  const left = /^\d+$/.test(a) ? BigInt(a) : undefined;
  const right = /^\d+$/.test(b) ? BigInt(b) : undefined;
  if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : 0;
  if (left !== undefined) return -1;
  return right === undefined ? Math.sign(compareText(a, b)) : 1;
}

const strict = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/;

function parse(text: string): SemverValue | EvalFailure {
  const match = text.length > 1000 ? null : strict.exec(text);
  const bad = () => new EvalFailure(`Invalid semantic version: ${JSON.stringify(text)}`);
  if (match === null) return bad();
  const [, major = "0", minor = "0", patch = "0", pre, build] = match;
  const prerelease = pre?.split(".") ?? [];
  const badPre = prerelease.some((part) => part === "" || /^0\d+$/.test(part));
  if (badPre || (build?.split(".") ?? []).includes("")) return bad();
  const numbers = [major, minor, patch].map((digits) => normalizeInt(BigInt(digits)));
  const [a, b, c] = numbers;
  return a === undefined || b === undefined || c === undefined
    ? bad()
    : new SemverValue([a, b, c], prerelease);
}

/** A loosely written version, `v1.2` or `01.2.3`, as a strict one. */
function normalized(text: string): string | EvalFailure {
  const [major = "", minor, ...rest] = text.replace(/^v/, "").split(".");
  const parts = [
    major,
    ...(minor === undefined ? [] : [minor]),
    ...(rest.length === 0 ? [] : [rest.join(".")]),
  ];
  const trimmed = parts.map((part) => part.replace(/^0+(?=\d)/, "").replace(/^0+(?=[^\d])/, "0"));
  if (trimmed.length < 3 && /[+-]/.test(trimmed.at(-1) ?? "")) {
    return new EvalFailure("short version cannot contain PreRelease/Build meta data");
  }
  while (trimmed.length < 3) trimmed.push("0");
  return trimmed.join(".");
}

function toSemver(text: Value = null, loose: Value = false): SemverValue | EvalFailure {
  if (typeof text !== "string" || typeof loose !== "boolean") return noSuchOverload();
  const strictText = loose ? normalized(text) : text;
  return typeof strictText === "string" ? parse(strictText) : strictText;
}

function isSemver(text: Value = null, loose: Value = false): Result {
  if (typeof text !== "string" || typeof loose !== "boolean") return noSuchOverload();
  return toSemver(text, loose) instanceof SemverValue;
}

function comparison(name: string, id: string, run: (order: number) => Result, isBool: boolean): FunctionDecl {
  return declare(
    name,
    method(id, [semverType, semverType], isBool ? boolType : intType, (a = null, b = null) =>
      a instanceof SemverValue && b instanceof SemverValue ? run(compare(a, b)) : noSuchOverload(),
    ),
  );
}

function part(name: string, index: 0 | 1 | 2): FunctionDecl {
  return declare(
    name,
    method(`semver_${name}`, [semverType], intType, (version = null) =>
      version instanceof SemverValue ? version.numbers[index] : noSuchOverload(),
    ),
  );
}

/** Kubernetes' `semver` and its methods. */
export const semverLibrary: Library = {
  types: [semverType],
  functions: [
    declare(
      "semver",
      overload("string_to_semver", [stringType], semverType, toSemver),
      overload("string_bool_to_semver", [stringType, boolType], semverType, toSemver),
    ),
    declare(
      "isSemver",
      overload("is_semver_string", [stringType], boolType, isSemver),
      overload("is_semver_string_bool", [stringType, boolType], boolType, isSemver),
    ),
    comparison("isGreaterThan", "semver_is_greater_than", (order) => order > 0, true),
    comparison("isLessThan", "semver_is_less_than", (order) => order < 0, true),
    comparison("compareTo", "semver_compare_to", (order) => order, false),
    part("major", 0),
    part("minor", 1),
    part("patch", 2),
  ],
};
