import { describe, expect, it } from "vitest";
import { releasedVersion } from "./chart-source.js";
import { releaseNameOf, shortenName } from "./release-target.js";
import type { HelmRelease } from "./resource.js";
import { DEFAULT_HELM_SETTINGS } from "./settings.js";

const named = (name: string, spec: Record<string, unknown> = {}) =>
  ({ metadata: { name, namespace: "ns" }, spec: { interval: "1m", ...spec } }) as unknown as HelmRelease;

describe("release names", () => {
  it("are the object's, after the target namespace, unless the spec says otherwise", () => {
    expect(releaseNameOf(named("app"))).toBe("app");
    expect(releaseNameOf(named("app", { targetNamespace: "apps" }))).toBe("apps-app");
    expect(releaseNameOf(named("app", { targetNamespace: "apps", releaseName: "x" }))).toBe("x");
  });

  it("end in a hash of themselves where they are too long", () => {
    const long = "some-front-appended-namespace-release-with-a-very-long-name";
    expect(shortenName(long)).toHaveLength(53);
    expect(shortenName(long)).toMatch(/^some-front-appended-namespace-release-wi-[0-9a-f]{12}$/);
    expect(shortenName("x".repeat(53))).toBe("x".repeat(53));
  });
});

describe("released versions", () => {
  const digest = `sha256:${"ab".repeat(32)}`;
  const version = (kind: string, revision: string, chart = "1.2.3") =>
    releasedVersion({ kind, artifact: { url: "u", digest: "d", revision } }, chart, DEFAULT_HELM_SETTINGS)
      .version;

  it("carry the digest of artifacts that have one", () => {
    expect(version("OCIRepository", `1.2.3@${digest}`)).toBe("1.2.3+abababababab");
    expect(version("OCIRepository", `latest@${digest}`, "1.2.3-rc.1+old")).toBe("1.2.3-rc.1+abababababab");
    expect(version("ExternalArtifact", digest)).toBe("1.2.3+abababababab");
    expect(version("ExternalArtifact", "9.9.9")).toBe("1.2.3");
    expect(version("HelmChart", "1.2.3")).toBe("1.2.3");
  });

  it("are refused where the tag is another", () => {
    expect(() => version("OCIRepository", `2.0.0@${digest}`)).toThrow(
      "artifact revision 2.0.0 does not match chart version 1.2.3",
    );
  });
});
