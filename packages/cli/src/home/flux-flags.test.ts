import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addFluxFlags, isOn, notesOnFluxFlags } from "./flux-flags.js";

function parsed(...args: readonly string[]): Record<string, unknown> {
  const command = addFluxFlags(new Command("controllers").exitOverride());
  return command.parse(args, { from: "user" }).opts();
}

describe("flags of Flux's controllers that have no part here", () => {
  it("are taken, and it is said what holds instead", () => {
    const given = parsed(
      "--events-addr=http://notification-controller.flux-system.svc.cluster.local./",
      "--log-level=info",
      "--log-encoding=json",
      "--watch-all-namespaces=true",
      "--kube-api-qps=500",
      "--enable-leader-election",
    );
    expect(notesOnFluxFlags(given)).toEqual([
      "--events-addr does nothing here: events are written to the Kubernetes API alone",
      "--log-level does nothing here: everything is logged",
      expect.stringContaining("--kube-api-qps does nothing here"),
    ]);
    expect(isOn(given["enableLeaderElection"])).toBe(true);
    expect(isOn(parsed("--enable-leader-election=false")["enableLeaderElection"])).toBe(false);
    expect(isOn(parsed()["enableLeaderElection"])).toBe(false);
  });

  it.each([
    ["--watch-all-namespaces=false", "all namespaces are watched"],
    ["--log-encoding=console", "logs are JSON"],
    ["--sops-vault-configmap=vaults", "Vaults are asked with the sops.vault-token"],
    ["--snapshot-digest-algo=sha512", "releases are digested with sha256"],
  ])("are refused where they would promise what is not done: %s", (flag, reason) => {
    expect(() => notesOnFluxFlags(parsed(flag))).toThrow(`${flag} is not supported: ${reason}`);
  });

  it("are not in the help", () => {
    expect(addFluxFlags(new Command("controllers")).helpInformation()).not.toContain("events-addr");
  });
});
