import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "./testing/controller-home.js";
import { chartFiles, HelmHome } from "./testing/helm-home.js";

let home: HelmHome;
beforeEach(async () => {
  home = await HelmHome.open();
});
afterEach(async () => {
  await home.close();
});

const hook = (name: string, events: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, annotations: {helm.sh/hook: "${events}"}}\n`;

const CHART = chartFiles("1.0.0", {
  "templates/pre.yaml": hook("pre", "pre-install,pre-upgrade,pre-delete"),
  "templates/post.yaml": hook("post", "post-install,post-upgrade,post-delete"),
});
const REF = {
  apiVersion: "helm.toolkit.fluxcd.io/v2",
  kind: "HelmRelease",
  namespace: "flux-system",
  name: "app",
};

/** Runs until the n-th write, as if it was killed there, and starts again; false: it was done before. */
async function killedAt(
  write: number,
  act: () => Promise<unknown>,
  done: () => Promise<boolean>,
): Promise<boolean> {
  home.stopAtWrite = write;
  await home.start();
  await act();
  await until(async () => home.stopped || (await done()));
  const stopped = home.stopped;
  home.stopAtWrite = undefined;
  await home.stop();
  return stopped;
}

/** What must hold of every history, wherever it was cut off. */
async function expectSound(release: string): Promise<void> {
  const records = await home.records(release);
  const versions = records.map(({ version }) => version);
  expect(versions).toEqual(versions.map((_, index) => (versions[0] ?? 0) + index));
  expect(records.filter(({ info }) => info.status === "deployed")).toHaveLength(1);
  expect(records.at(-1)?.info.status).toBe("deployed");
  expect(records.some(({ info }) => info.status?.startsWith("pending"))).toBe(false);
}

const isDone = async () => (await home.condition("app")).startsWith("True ");

describe("a process that ends at any write", () => {
  it("goes on with an install, nothing stuck, no revision twice", async () => {
    await home.publish(CHART);
    for (let write = 1; ; write += 1) {
      const cut = await killedAt(write, () => home.release("app"), isDone);
      await home.start();
      await home.untilReady("app");
      await expectSound("app");
      expect(await home.get("v1", "ConfigMap", "app-config")).toBeDefined();
      await home.client.delete(REF);
      await until(async () => (await home.client.tryGet(REF)) === undefined);
      expect(await home.history("app")).toBe("");
      await home.stop();
      for (const name of ["pre", "post"]) {
        await home.client
          .delete({ apiVersion: "v1", kind: "ConfigMap", namespace: "flux-system", name })
          .catch(() => undefined);
      }
      if (!cut) break;
      expect(write).toBeLessThan(40);
    }
  }, 120_000);

  it("goes on with an upgrade", async () => {
    await home.publish(CHART);
    for (let write = 1; ; write += 1) {
      await home.start();
      await home.release("app", { values: { message: "before" } });
      await home.untilReady("app");
      await home.stop();
      const message = async () => (await home.get("v1", "ConfigMap", "app-config"))?.["data"];
      const upgraded = async () => {
        const { status, metadata } = await home.read("app");
        return status?.observedGeneration === metadata.generation && (await isDone());
      };
      const cut = await killedAt(
        write,
        () => home.release("app", { values: { message: `after ${write}` } }),
        upgraded,
      );
      await home.start();
      await home.untilReady("app");
      await expectSound("app");
      expect(await message()).toMatchObject({ message: `after ${write}` });
      await home.stop();
      if (!cut) break;
      expect(write).toBeLessThan(40);
    }
  }, 120_000);

  it("goes on with an uninstall", async () => {
    await home.publish(CHART);
    for (let write = 1; ; write += 1) {
      await home.start();
      await home.release("app");
      await home.untilReady("app");
      await home.stop();
      const gone = async () => (await home.client.tryGet(REF)) === undefined;
      const cut = await killedAt(write, () => home.client.delete(REF), gone);
      await home.start();
      await until(gone);
      expect(await home.history("app")).toBe("");
      expect(await home.get("v1", "ConfigMap", "app-config")).toBeUndefined();
      await home.stop();
      if (!cut) break;
      expect(write).toBeLessThan(40);
    }
  }, 120_000);
});
