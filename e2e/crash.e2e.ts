import { createClient, httpTransport, loadKubeconfig } from "@capstan/controller";
import type { Clock, KubeObject } from "@capstan/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, temporaryDirectory } from "./support/capstan.js";

/** How often the process is killed; the long form sets this to 50. */
const CRASHES = Number(process.env["CAPSTAN_CRASHES"] ?? "6");
const WRITERS = 8;

const clock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

const configMap = (name: string, round: number): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data: { round: String(round), filler: "x".repeat(500) },
});

async function connect(home: Capstan) {
  return createClient(httpTransport(await loadKubeconfig(home.state.kubeconfig), { clock }));
}

/**
 * Writes until the API is gone, which is so long after the first answer. Gives the names whose writes were acknowledged; a write that was not
 * answered may be there or not.
 */
async function writeUntilKilled(
  home: Capstan,
  round: number,
  killAfterMs: number,
): Promise<readonly string[]> {
  const client = await connect(home);
  const acknowledged: string[] = [];
  let killed = false;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const writer = async (id: number) => {
    for (let count = 0; !killed; count += 1) {
      const name = `w-${round}-${id}-${count}`;
      try {
        await client.create(configMap(name, round));
        acknowledged.push(name);
        begin();
      } catch (error) {
        if (!killed) throw error;
      }
    }
  };
  const writers = Array.from({ length: WRITERS }, (_, id) => writer(id));
  await Promise.race([begun, Promise.all(writers)]);
  await new Promise((resolve) => setTimeout(resolve, killAfterMs));
  // Live edits keep the reconciler busy at the moment of the kill.
  const edit = client
    .patch(
      { apiVersion: "apps/v1", kind: "Deployment", name: "hello", namespace: "demo" },
      { type: "merge", body: { spec: { replicas: 7 } } },
    )
    .catch(() => undefined);
  killed = true;
  await home.stop("SIGKILL");
  await Promise.all([...writers, edit]);
  await client.close().catch(() => undefined);
  return acknowledged;
}

describe("kill -9 of the whole process", () => {
  const directory = temporaryDirectory();
  let home: Capstan;

  beforeAll(async () => {
    home = await Capstan.up(directory.path);
    await home.has("kustomization", "demo", "capstan-system", (object) => isReady(object.status));
  });
  afterAll(async () => {
    await home.stop();
    directory.remove();
  });

  it(`loses no acknowledged write in ${CRASHES} crashes, and reconciliation goes on by itself`, async () => {
    const written = new Map<string, number>();
    for (let round = 0; round < CRASHES; round += 1) {
      const killAfterMs = 20 + Math.floor(Math.random() * 400);
      for (const name of await writeUntilKilled(home, round, killAfterMs)) written.set(name, round);
      home = await Capstan.up(directory.path);
      const client = await connect(home);
      const found = new Map<string, KubeObject>();
      for await (const object of client.listAll(
        { apiVersion: "v1", kind: "ConfigMap" },
        { namespace: "default" },
      )) {
        found.set(object.metadata.name, object);
      }
      const lost = [...written.keys()].filter((name) => !found.has(name));
      expect(lost, `killed after ${killAfterMs} ms`).toEqual([]);
      for (const [name, object] of found) {
        if (!name.startsWith("w-")) continue;
        expect(object["data"]).toEqual(configMap(name, Number(name.split("-")[1]))["data"]);
      }
      await home.has("deployment", "hello", "demo", (object) => {
        return object.spec.replicas === 2 && object.status?.readyReplicas === 2;
      });
      await client.close();
    }
    expect(written.size).toBeGreaterThan(CRASHES);
    const sets = await home.kubectl(["get", "replicasets", "-n", "demo", "-o", "name"]);
    expect(sets.trim().split("\n")).toHaveLength(1);
    const pods = await home.kubectl(["get", "pods", "-n", "demo", "-o", "name"]);
    expect(pods.trim().split("\n")).toHaveLength(2);
  }, 600_000);
});

function isReady(status: { conditions?: { type: string; status: string }[] } | undefined): boolean {
  return status?.conditions?.some((each) => each.type === "Ready" && each.status === "True") ?? false;
}
