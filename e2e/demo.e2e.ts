import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, capstan, temporaryDirectory } from "./support/capstan.js";
import { git } from "./support/git.js";
import { succeed, until } from "./support/run.js";

const scratch = temporaryDirectory();
const dataDir = join(scratch.path, "data");
const clone = join(scratch.path, "capstan-demo");
let home: Capstan;

beforeAll(async () => {
  home = await Capstan.up(dataDir);
});

afterAll(async () => {
  await home?.stop("SIGKILL");
  scratch.remove();
});

const ready = (replicas: number) =>
  home.has("deployment", "hello", "demo", (object) => object.status?.readyReplicas === replicas);

async function reasons(): Promise<string[]> {
  const text = await home.kubectl([
    "get",
    "events",
    "-n",
    "capstan-system",
    "-o",
    "jsonpath={.items[*].reason}",
  ]);
  return text.split(" ");
}

describe("capstan up without a repository", () => {
  it("rolls out the demo", async () => {
    await ready(2);
    await home.has("kustomization", "demo", "capstan-system", (object) =>
      object.status?.conditions?.some(
        (each: { type: string; status: string }) => each.type === "Ready" && each.status === "True",
      ),
    );
  });

  it("can be cloned with the command that it prints", async () => {
    const line = /^ {2}clone {3}(git clone .+) capstan-demo$/m.exec(home.output)?.[1];
    expect(line).toBeDefined();
    await succeed("sh", ["-c", `${line} capstan-demo`], { cwd: scratch.path });
    expect(existsSync(join(clone, "app/deployment.yaml"))).toBe(true);
  });

  it("rolls out what is pushed", async () => {
    const file = join(clone, "app/deployment.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("replicas: 2", "replicas: 3"));
    await git(clone, "commit", "--quiet", "-am", "three replicas");
    await git(clone, "push", "--quiet");
    await ready(3);
  });

  it("repairs what is scaled by hand, and says so", async () => {
    await home.kubectl(["scale", "deployment/hello", "-n", "demo", "--replicas=5"]);
    await until("the event tells of it", async () => (await reasons()).includes("DriftCorrected"));
    await home.has("deployment", "hello", "demo", (object) => object.spec.replicas === 3);
  });

  it("brings back what is deleted by hand", async () => {
    const before = await home.get("deployment", "hello", "demo");
    await home.kubectl(["delete", "deployment/hello", "-n", "demo"]);
    const after = await ready(3);
    expect(after.metadata.uid).not.toBe(before?.metadata.uid);
  });

  it("prunes what leaves Git", async () => {
    rmSync(join(clone, "app/service.yaml"));
    const file = join(clone, "app/kustomization.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("  - service.yaml\n", ""));
    await git(clone, "commit", "--quiet", "-am", "no service");
    await git(clone, "push", "--quiet");
    await home.gone("service", "hello", "demo");
    expect(await home.get("deployment", "hello", "demo")).toBeDefined();
  });

  it("refuses a push without the token", async () => {
    await git(clone, "commit", "--quiet", "--allow-empty", "-m", "more");
    const pushed = git(clone, "-c", "http.extraHeader=", "push", "--quiet");
    await expect(pushed).rejects.toThrow(/401|Authentication|could not read Username/);
  });

  it("holds its data directory against a second process", async () => {
    const second = await capstan(["up", "--data-dir", dataDir, "--port", "0"]);
    expect(second.code).toBe(5);
    expect(second.stderr).toContain(`${home.dataDir} is in use by process ${home.state.pid}`);
    expect(second.stderr).not.toMatch(/^\s+at /m);
    await home.kubectl(["get", "--raw", "/readyz"]);
  });

  it("ends cleanly when told to, and keeps everything for the next start", async () => {
    const before = await home.get("deployment", "hello", "demo");
    expect(await home.stop("SIGTERM")).toBe(0);
    expect(existsSync(join(dataDir, "capstan.json"))).toBe(false);
    home = await Capstan.up(dataDir);
    const after = await ready(3);
    expect(after.metadata.uid).toBe(before?.metadata.uid);
    expect(after.metadata.generation).toBe(before?.metadata.generation);
    expect(await home.get("service", "hello", "demo")).toBeUndefined();
  });
});
