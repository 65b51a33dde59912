import { describe, expect, it } from "vitest";
import { compareVersions, formatVersion, parseVersion, tryParseVersion, VersionError } from "./semver.js";
import { parseConstraint, satisfies } from "./semver-constraint.js";

describe("versions", () => {
  it.each([
    ["v1.2", "1.2.0"],
    ["01.0.0", "1.0.0"],
    ["1", "1.0.0"],
    ["1.2.3-rc.1+b", "1.2.3-rc.1+b"],
    ["18446744073709551615.0.0", "18446744073709551615.0.0"],
  ])("%s is %s", (text, full) => {
    expect(formatVersion(parseVersion(text))).toBe(full);
  });

  it.each([
    ["1.0.0-", "invalid semantic version"],
    ["1.0.0+", "invalid semantic version"],
    ["1.2.3.4", "invalid semantic version"],
    ["V1.0.0", "invalid semantic version"],
    ["latest", "invalid semantic version"],
    ["18446744073709551616.0.0", "invalid semantic version"],
    ["1.0.0-01", "version segment starts with 0"],
  ])("%s is refused: %s", (text, message) => {
    expect(() => parseVersion(text)).toThrow(new VersionError(message));
    expect(tryParseVersion(text)).toBeUndefined();
  });

  it("come in order", () => {
    const ordered = [
      "1.0.0-1",
      "1.0.0-a",
      "1.0.0-a.1",
      "1.0.0-a.9",
      "1.0.0-a.10",
      "1.0.0-alpha10",
      "1.0.0-alpha9",
      "1.0.0",
      "1.0.1",
    ];
    const shuffled = [...ordered].reverse().map(parseVersion).sort(compareVersions);
    expect(shuffled.map((version) => version.original)).toEqual(ordered);
    expect(compareVersions(parseVersion("1.0.0+a"), parseVersion("1.0.0+b"))).toBe(0);
  });
});

const yes = (constraint: string, ...versions: string[]) =>
  versions.map((version) => [constraint, version, true] as const);
const no = (constraint: string, ...versions: string[]) =>
  versions.map((version) => [constraint, version, false] as const);

describe("constraints", () => {
  it.each([
    ...yes("1.2", "1.2.9"),
    ...no("1.2", "1.3.0"),
    ...yes("v1.2.3", "1.2.3", "v1.2.3+x"),
    ...no("!=1.2", "1.2.9"),
    ...yes("!=1", "2.0.0"),
    ...no("!=1.2.3", "1.2.3-a"),
    ...no(">1.2", "1.2.5"),
    ...yes(">1.2", "1.3.0"),
    ...no(">1", "1.5.0"),
    ...yes("<=1.2", "1.2.9"),
    ...yes("<=1", "1.9.0"),
    ...no("<1.2", "1.2.0"),
    ...yes("=>1.2.3", "1.2.3"),
    ...yes("~1.2.3", "1.2.9"),
    ...no("~1.2.3", "1.3.0"),
    ...yes("~>1", "1.5.0"),
    ...yes("~0.0.0", "5.0.0"),
    ...yes("~*", "5.0.0"),
    ...yes("^1.2.3", "1.9.0"),
    ...no("^0.2.3", "0.3.0"),
    ...no("^0.0.3", "0.0.4"),
    ...no("^0.0", "0.1.0"),
    ...yes("^0", "0.9.9"),
    ...no("^*", "0.5.0", "9.0.0"),
    ...yes("^*", "0.0.0"),
    ...yes("*", "1.0.0"),
    ...no("*", "1.0.0-a"),
    ...yes("*-0", "1.0.0-a"),
    ...yes("1.*.5", "1.3.0"),
    ...no("<*", "1.0.0"),
    ...no("<=*", "1.0.0"),
    ...yes(">*", "1.0.0"),
    ...yes("!=*", "1.0.0"),
    ...no(">=1.0.0", "1.1.0-alpha"),
    ...yes(">=1.0.0-alpha", "1.0.1-beta"),
    ...no("^1.2.3-0", "2.0.0-beta"),
    ...no("^0.0.0-0", "0.0.1-a"),
    ...no("<1.30.0-0", "1.30.0-alpha"),
    ...yes("<=1.5-0", "1.5.3-a"),
    ...no(">1-0", "1.5.0-a"),
    ...yes("1.2 - 1.4.5", "1.4.5"),
    ...no("1.2 - 1.4.5", "1.4.6"),
    ...yes("1.2.0 - 1.4", "1.4.9"),
    ...yes("1.2.3 - 1.2.5 || 2.0.0", "2.0.0"),
    ...no("1.2-1.4", "1.3.0"),
    ...yes(">=1.0.0  ,  <2.0.0", "1.5.0"),
    ...yes("<1.0.0||>=2.0.0", "0.5.0", "2.5.0"),
    ...no("<1.0.0||>=2.0.0", "1.5.0"),
    ...yes(">= v1.0.0", "1.0.0"),
    ...yes(">=1.2.3, >=1.0.0-0", "1.3.0-a"),
    ...yes(">=9007199254740993.0.0", "9007199254740993.0.0"),
  ])("%j and %s: %s", (constraint, version, expected) => {
    expect(satisfies(version, constraint)).toBe(expected);
  });

  it.each([
    "",
    "==1.2.3",
    "!1.2.3",
    "<>1.2.3",
    ">=1.0.0<2.0.0",
    ">=1.0.0,",
    ",>=1.0.0",
    ">=1.0.0 ||",
    "||",
    "latest",
    "1.2.3.4",
    ">=V1.0.0",
    "1.2.3-",
  ])("refuses %j", (text) => {
    expect(() => parseConstraint(text)).toThrow(/^improper constraint: /);
  });

  it("answers fast to hostile input", () => {
    const start = performance.now();
    expect(() => parseConstraint(`${"1.".repeat(500)}!`)).toThrow(VersionError);
    expect(() => parseConstraint(`1-${"a.".repeat(500)}!`)).toThrow(VersionError);
    expect(performance.now() - start).toBeLessThan(200);
  });
});
