import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, capstan, temporaryDirectory } from "./support/capstan.js";
import { succeed } from "./support/run.js";

const configMap = (name: string) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data: { name },
});

describe("backup and restore", () => {
  const scratch = temporaryDirectory();
  const file = join(scratch.path, "backup.tar.gz");
  const restored = join(scratch.path, "restored");
  let home: Capstan;

  beforeAll(async () => {
    home = await Capstan.up(join(scratch.path, "home"));
    await home.has("deployment", "hello", "demo");
    await home.apply(configMap("before"));
    const backedUp = await capstan(["backup", file, "--data-dir", home.dataDir]);
    expect(backedUp.code, backedUp.stderr).toBe(0);
    await home.apply(configMap("after"));
  });

  afterAll(async () => {
    await home.stop();
    scratch.remove();
  });

  it("gives back objects, credentials and the Git remote, as they were", async () => {
    const oldKubeconfig = await readFile(home.state.kubeconfig, "utf8");
    const uid = (await home.get("configmap", "before"))?.metadata.uid;
    await home.stop();
    const done = await capstan(["restore", file, "--data-dir", restored]);
    expect(done.code, done.stderr).toBe(0);
    const again = await Capstan.up(restored);
    try {
      expect((await again.get("configmap", "before"))?.metadata.uid).toBe(uid);
      expect(await again.get("configmap", "after")).toBeUndefined();
      const authority = /certificate-authority-data: (\S+)/.exec(oldKubeconfig)?.[1];
      expect(await readFile(again.state.kubeconfig, "utf8")).toContain(authority);
      const clone = join(scratch.path, "clone");
      await succeed("git", ["clone", "-q", `${again.state.gitRemote}/demo.git`, clone]);
      await again.has("kustomization", "demo", "capstan-system", ({ status }) =>
        (status?.conditions ?? []).some(
          (condition: { type: string; status: string }) =>
            condition.type === "Ready" && condition.status === "True",
        ),
      );
    } finally {
      await again.stop();
    }
  });

  it("overwrites nothing", async () => {
    const target = join(scratch.path, "taken");
    await mkdir(target);
    await writeFile(join(target, "mine"), "kept");
    const refused = await capstan(["restore", file, "--data-dir", target]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/taken is not empty/);
    expect(await readFile(join(target, "mine"), "utf8")).toBe("kept");
  });

  it("refuses what is damaged or no backup at all, and leaves nothing behind", async () => {
    const bytes = await readFile(file);
    const cut = join(scratch.path, "cut.tar.gz");
    await writeFile(cut, bytes.subarray(0, bytes.length >> 1));
    const other = join(scratch.path, "other.tar.gz");
    await succeed("tar", ["-czf", other, "-C", scratch.path, "taken"]);
    const text = join(scratch.path, "text.tar.gz");
    await copyFile(new URL(import.meta.url), text);
    for (const [path, message] of [
      [cut, /cut\.tar\.gz: .*cannot be unpacked/],
      [other, /other\.tar\.gz is not a backup made by capstan backup/],
      [text, /text\.tar\.gz: .*cannot be unpacked/],
      [join(scratch.path, "none.tar.gz"), /none\.tar\.gz does not exist/],
    ] as const) {
      const target = join(scratch.path, "never");
      const refused = await capstan(["restore", path, "--data-dir", target]);
      expect(refused.code, refused.stderr).toBe(1);
      expect(refused.stderr).toMatch(message);
      await expect(readFile(join(target, "format"))).rejects.toThrow(/ENOENT/);
    }
  });

  it("says so where there is nothing to back up", async () => {
    const refused = await capstan(["backup", join(scratch.path, "x.tar.gz"), "--data-dir", scratch.path]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/there is no store in/);
  });
});
