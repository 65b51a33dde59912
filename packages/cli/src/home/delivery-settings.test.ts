import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { CommandError } from "../exit-code.js";
import { addDeliveryFlags } from "./delivery-flags.js";
import { deliverySettings } from "./delivery-settings.js";

function settings(...args: readonly string[]) {
  const command = addDeliveryFlags(new Command()).exitOverride();
  return deliverySettings(command.parse(args, { from: "user" }).opts(), "capstan-system");
}

describe("deliverySettings", () => {
  it("are Flux's defaults where nothing is said", () => {
    expect(settings()).toMatchObject({
      noCrossNamespaceRefs: false,
      defaultServiceAccount: undefined,
      insecureKubeConfigExec: false,
      insecureKubeConfigTls: false,
      dependencyRetryMs: 30_000,
      intervalJitter: 0.05,
      overrideManagers: [],
      customStageKinds: [],
    });
    expect(settings()).not.toHaveProperty("sopsAgeSecret");
  });

  it("lock down and open up as they are told", () => {
    const flags = [
      "--no-cross-namespace-refs",
      "--default-service-account=default",
      "--sops-age-secret=keys",
      "--override-manager=a",
      "--override-manager=b",
      "--custom-apply-stage-kinds=rbac.authorization.k8s.io/Role, x.dev/Y",
      "--requeue-dependency=5s",
      "--interval-jitter-percentage=0",
      "--insecure-kubeconfig-tls",
      "--feature-gates=ObjectLevelWorkloadIdentity=true",
      "--default-kubeconfig-service-account=remote",
    ];
    expect(settings(...flags)).toMatchObject({
      noCrossNamespaceRefs: true,
      defaultServiceAccount: "default",
      sopsAgeSecret: { namespace: "capstan-system", name: "keys" },
      overrideManagers: ["a", "b"],
      customStageKinds: ["rbac.authorization.k8s.io/Role", "x.dev/Y"],
      dependencyRetryMs: 5000,
      intervalJitter: 0,
      insecureKubeConfigTls: true,
      objectLevelWorkloadIdentity: true,
      defaultKubeConfigServiceAccount: "remote",
    });
  });

  it.each([
    [["--default-kubeconfig-service-account=x"], "needs --feature-gates=ObjectLevelWorkloadIdentity=true"],
    [["--default-decryption-service-account=x"], "needs --feature-gates=ObjectLevelWorkloadIdentity=true"],
    [["--requeue-dependency=soon"], '"soon" is no duration'],
    [["--interval-jitter-percentage=100"], "below 100"],
    [["--feature-gates=X=true"], "is no feature gate"],
  ])("refuses %j", (flags, reason) => {
    expect(() => settings(...flags)).toThrow(CommandError);
    expect(() => settings(...flags)).toThrow(reason);
  });
});
