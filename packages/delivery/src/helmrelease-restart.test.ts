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
const HOOKED = chartFiles("1.0.0", {
  "templates/hooks.yaml": hook("around", "pre-upgrade,post-upgrade,pre-rollback,post-rollback"),
  "templates/refused.yaml":
    "{{ if .Values.bad }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: refused}\ndata: {a b: c}\n{{ end }}\n",
});
const TESTED = chartFiles("1.0.0", { "templates/tests/one.yaml": hook("checked", "test") });
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

/** What was made once is not made again: no success is like the one before it. */
async function expectNoneTwice(release: string): Promise<void> {
  const made = (await home.records(release))
    .filter(({ info }) => /^(Install|Upgrade) complete$/.test(info.description ?? ""))
    .map(({ config }) => JSON.stringify(config) ?? "");
  expect(made).toEqual(made.filter((config, index) => config !== made[index - 1]));
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
      await expectNoneTwice("app");
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
      await expectNoneTwice("app");
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

  it("goes on with an upgrade that fails and is rolled back", async () => {
    await home.publish(HOOKED);
    const upgrade = { remediation: { retries: 0, remediateLastFailure: true } };
    const message = async () => (await home.get("v1", "ConfigMap", "app-config"))?.["data"];
    const isBack = async () =>
      (await home.condition("app", "Remediated")) === "True RollbackSucceeded" &&
      (await home.condition("app", "Stalled")) === "True RetriesExceeded";
    for (let write = 1; ; write += 1) {
      await home.start();
      await home.release("app", { upgrade, values: { message: `good ${write}` } });
      await home.untilReady("app");
      await home.stop();
      const bad = { upgrade, values: { message: `bad ${write}`, bad: true } };
      const cut = await killedAt(write, () => home.release("app", bad), isBack);
      await home.start();
      await until(isBack, async () => `${write}: ${JSON.stringify((await home.read("app")).status)}`);
      await expectSound("app");
      const [failed, back] = (await home.records("app")).slice(-2);
      expect(failed?.info.status).toBe("failed");
      expect(back?.info.description).toMatch(/^Rollback to \d+$/);
      expect(await message()).toMatchObject({ message: `good ${write}` });
      expect(await home.get("v1", "ConfigMap", "refused")).toBeUndefined();
      await home.stop();
      if (!cut) break;
      expect(write).toBeLessThan(60);
    }
  }, 180_000);

  it("goes on with tests", async () => {
    await home.publish(TESTED);
    for (let write = 1; ; write += 1) {
      const spec = { test: { enable: true }, values: { message: `run ${write}` } };
      const tested = async () => {
        const { status, metadata } = await home.read("app");
        const settled = status?.observedGeneration === metadata.generation;
        return settled && (await home.condition("app", "TestSuccess")) === "True TestSucceeded";
      };
      const cut = await killedAt(write, () => home.release("app", spec), tested);
      await home.start();
      await home.untilReady("app");
      await until(tested, async () => `${write}: ${JSON.stringify((await home.read("app")).status)}`);
      await expectSound("app");
      await expectNoneTwice("app");
      const [run] = (await home.records("app")).at(-1)?.hooks ?? [];
      expect(run?.last_run?.phase).toBe("Succeeded");
      const [newest] = (await home.read("app")).status?.history ?? [];
      expect(newest?.testHooks?.["checked"]?.phase).toBe("Succeeded");
      await home.stop();
      if (!cut) break;
      expect(write).toBeLessThan(60);
    }
  }, 120_000);
});
