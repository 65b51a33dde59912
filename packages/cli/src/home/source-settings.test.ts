import { describe, expect, it } from "vitest";
import { CommandError } from "../exit-code.js";
import { sourceSettings } from "./source-settings.js";

describe("the flags about sources", () => {
  it("have Flux's defaults, and a bound on repositories", () => {
    expect(sourceSettings({})).toEqual({
      maxRepositoryBytes: 100 * 1024 * 1024,
      algorithm: "sha256",
      retention: { ttlMs: 60_000, records: 2 },
    });
  });

  it("are read as Kubernetes and Go write sizes and times", () => {
    const flags = { maxRepositorySize: "1.5Gi", artifactDigestAlgo: "sha512", artifactRetentionTtl: "1h30m" };
    expect(sourceSettings(flags)).toMatchObject({
      maxRepositoryBytes: 1.5 * 1024 ** 3,
      algorithm: "sha512",
      retention: { ttlMs: 5_400_000 },
    });
  });

  it.each([
    [{ maxRepositorySize: "much" }, "--max-repository-size"],
    [{ maxRepositorySize: "0" }, "--max-repository-size"],
    [{ artifactDigestAlgo: "md5" }, "--artifact-digest-algo"],
    [{ artifactRetentionTtl: "soon" }, "--artifact-retention-ttl"],
    [{ artifactRetentionRecords: "0" }, "--artifact-retention-records"],
    [{ artifactRetentionRecords: "x" }, "--artifact-retention-records"],
  ])("refuse %j", (flags, flag) => {
    expect(() => sourceSettings(flags)).toThrow(CommandError);
    expect(() => sourceSettings(flags)).toThrow(flag);
  });
});
