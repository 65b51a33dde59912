import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, capstan, temporaryDirectory } from "./support/capstan.js";
import { LocalRepository } from "./support/git.js";
import { until } from "./support/run.js";

const binary =
  process.env["CAPSTAN_E2E_BINARY"] ??
  fileURLToPath(new URL("../packages/cli/bin/capstan.js", import.meta.url));
const scratch = temporaryDirectory();
let home: Capstan;

const pods = "spec: {containers: [{name: c, image: busybox}]}";
const selector = (app: string) => `selector: {matchLabels: {app: ${app}}}`;
const template = (app: string) => `template: {metadata: {labels: {app: ${app}}}, ${pods}}`;
const claim =
  "volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]";
const manifests = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec: {serviceName: db, replicas: 2, ${selector("db")}, ${template("db")}, ${claim}}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {selector: {app: db}, ports: [{port: 80}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick}
spec:
  schedule: "0 0 1 1 *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox}]}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 1, ${selector("web")}, ${template("web")}}
`;

beforeAll(async () => {
  const repository = await LocalRepository.create(join(scratch.path, "shop"));
  await repository.commit({ "app/all.yaml": manifests });
  home = await Capstan.up(join(scratch.path, "data"), [repository.path, "--path", "./app"]);
  await ready();
});

afterAll(async () => {
  await home?.stop("SIGKILL");
  scratch.remove();
});

const at = () => ["--data-dir", home.dataDir];
const ready = () =>
  home.has("kustomization", "shop", "capstan-system", (object) =>
    object.status?.conditions?.some(
      (each: { type: string; status: string }) => each.type === "Ready" && each.status === "True",
    ),
  );

async function lines(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await capstan([...args, ...at()]);
  expect(code, stderr).toBe(0);
  return stdout.split("\n").map((line) => line.replace(/^[│├└─ ]+/, ""));
}

describe("tree", () => {
  it("goes from a source down to what kinds make of each other", async () => {
    await home.kubectl(["create", "job", "now", "--from=cronjob/tick"]);
    await until("the job has its pod", async () =>
      (await lines("tree", "ks/shop")).some((line) => line.startsWith("Pod/default/now-")),
    );
    const shown = (await lines("tree", "gitrepository/shop")).map((line) => line.split(" ")[0]);
    const expected = [
      "GitRepository/capstan-system/shop",
      "Kustomization/capstan-system/shop",
      "Service/default/db",
      "Endpoints/default/db",
      /^EndpointSlice\/default\/db-/,
      "Deployment/default/web",
      /^ReplicaSet\/default\/web-/,
      /^Pod\/default\/web-/,
      "StatefulSet/default/db",
      "PersistentVolumeClaim/default/data-db-0",
      "PersistentVolumeClaim/default/data-db-1",
      "Pod/default/db-0",
      "Pod/default/db-1",
      "CronJob/default/tick",
      "Job/default/now",
      /^Pod\/default\/now-/,
    ];
    expect(shown.slice(0, -1)).toEqual(
      expected.map((each) => (typeof each === "string" ? each : expect.stringMatching(each))),
    );
  });
});

describe("diff", () => {
  it("shows what the next apply undoes, and leaves alone what is ignored", async () => {
    await lines("suspend", "ks/shop");
    await home.kubectl(["label", "deployment", "web", "extra=1"]);
    await home.kubectl(["scale", "deployment", "web", "--replicas=3"]);
    const all = await capstan(["diff", "ks/shop", ...at()]);
    expect(all.code, all.stderr).toBe(1);
    expect(all.stdout).toMatch(/► Deployment\/default\/web update\n[\s\S]*- {4}extra: "1"\n/);
    expect(all.stdout).toMatch(/- {2}replicas: 3\n\+ {2}replicas: 1\n/);
    expect(all.stdout.match(/►/g)).toHaveLength(1);

    const ignore = [{ paths: ["/spec/replicas"], target: { kind: "Deployment" } }];
    const patch = ["patch", "kustomization", "shop", "-n", "capstan-system", "--type=merge", "-p"];
    await home.kubectl([...patch, JSON.stringify({ spec: { ignore } })]);
    const rest = await capstan(["diff", "ks/shop", ...at()]);
    expect(rest.code).toBe(1);
    expect(rest.stdout).toContain('-    extra: "1"');
    expect(rest.stdout).not.toContain("replicas: 1");

    // What it said is what happens.
    await lines("resume", "ks/shop");
    const web = await home.get("deployment", "web");
    expect(web?.spec.replicas).toBe(3);
    expect(web?.metadata.labels).not.toHaveProperty("extra");
    expect((await capstan(["diff", "ks/shop", ...at()])).code).toBe(0);
  });
});

describe("watching", () => {
  /** Starts a command that goes on, and gives what it printed once that has `words`. */
  async function watching(words: (output: string) => boolean, ...args: string[]): Promise<string> {
    const child = spawn(process.execPath, [binary, ...args, ...at()], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    let count = 0;
    try {
      await until(`${args.join(" ")} prints`, async () => {
        count += 1;
        const token = `reconcile.fluxcd.io/requestedAt=${args.join("-")}-${count}`;
        await home.kubectl([
          "annotate",
          "ks",
          "shop",
          "-n",
          "capstan-system",
          "--overwrite",
          token.replaceAll(" ", ""),
        ]);
        return words(output);
      });
      return output;
    } finally {
      child.kill("SIGKILL");
    }
  }
  const count = (text: string, words: string) => text.split(words).length - 1;

  it("prints objects and events in the format that is asked for", async () => {
    const name = "kustomization.kustomize.toolkit.fluxcd.io/shop\n";
    expect(await watching((text) => count(text, name) > 2, "get", "ks", "-w", "-o", "name")).not.toContain(
      "NAME",
    );
    const json = await watching((text) => count(text, "\n}\n{") > 1, "get", "ks", "-w", "-o", "json");
    expect(JSON.parse(`${json.split("\n}\n{")[0]}\n}`)).toMatchObject({ kind: "Kustomization" });
    const table = await watching((text) => text.split("\n").length > 3, "get", "ks", "-w");
    const [head = "", row = ""] = table.split("\n");
    expect(row.indexOf("False")).toBe(head.indexOf("SUSPENDED"));
    const events = await watching((text) => count(text, "kind: Event\n") > 1, "events", "-w", "-o", "yaml");
    expect(events).toContain("\n---\n");
  });
});
