import { describe, expect, it } from "vitest";
import { CommandError } from "../exit-code.js";
import { featureGates } from "./feature-gates.js";

describe("featureGates", () => {
  it("turns gates into settings, the last one winning", () => {
    expect(
      featureGates("StrictPostBuildSubstitutions=false, DisableFailFastBehavior=true,GroupChangeLog=true"),
    ).toEqual({
      strictSubstitutions: false,
      failFast: false,
    });
    expect(featureGates("ExternalArtifact=true,ExternalArtifact=False")).toEqual({
      allowExternalArtifact: false,
    });
    expect(featureGates("")).toEqual({});
  });

  it.each([
    ["Nonsense=true", '"Nonsense" is no feature gate; there are AdditiveCELDependencyCheck,'],
    ["constructor=true", '"constructor" is no feature gate'],
    ["ExternalArtifact", 'is true or false, not ""'],
    ["ExternalArtifact=yes", 'is true or false, not "yes"'],
    ["CancelHealthCheckOnNewRevision=false", "cannot be false: a new revision is always taken up at once"],
  ])("refuses %s", (text, reason) => {
    expect(() => featureGates(text)).toThrow(CommandError);
    expect(() => featureGates(text)).toThrow(reason);
  });
});
