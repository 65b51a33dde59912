import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { Capstan, capstan, temporaryDirectory } from "./support/capstan.js";
import { configMap, Flux, namespace } from "./support/flux.js";
import { until } from "./support/run.js";

const scratch = temporaryDirectory();
const homes: Capstan[] = [];
const servers: Server[] = [];

afterEach(async () => {
  for (const home of homes.splice(0)) await home.stop("SIGKILL");
  for (const server of servers.splice(0)) server.close();
});

afterAll(() => scratch.remove());

async function up(dataDir: string): Promise<Capstan> {
  const home = await Capstan.up(dataDir);
  homes.push(home);
  return home;
}

/** Takes a port, and one whose next is free as well. */
async function takePort(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return (server.address() as AddressInfo).port;
}

/** `capstan up` ends at once with this code and these words, in a line or two and without a stack. */
async function refuses(args: readonly string[], code: number, ...says: (string | RegExp)[]): Promise<void> {
  const { code: ended, stdout, stderr } = await capstan(["up", ...args]);
  expect(ended, stderr).toBe(code);
  expect(stdout).toBe("");
  for (const words of says) expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
}

describe("a home that cannot start", () => {
  it("names the port that is taken, and how to take another", async () => {
    const port = await takePort();
    const data = join(scratch.path, "port");
    await refuses(["--data-dir", data, "--port", `${port}`], 5, `port ${port} is taken`, "--port");
    const next = await takePort();
    await refuses(["--data-dir", data, "--port", `${next - 1}`], 5, `port ${next} is taken`, "--port");
    // Nothing of it is left in the way.
    await (await up(data)).stop();
  });

  it("names the directory that is in use, by whom, and how to end that", async () => {
    const home = await up(join(scratch.path, "locked"));
    const at = `--data-dir ${home.dataDir}`;
    const words = [`${home.dataDir} is in use by process ${home.state.pid}`, `capstan down ${at}`];
    await refuses(["--data-dir", home.dataDir, "--port", "0"], 5, ...words);
    expect((await home.kubectl(["get", "--raw", "/readyz"])).trim()).toBe("ok");
    await home.stop("SIGKILL");
    // The lock of a process that was killed does not count.
    await (await up(home.dataDir)).stop();
  });

  it.each([
    ["cut off", (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096)],
    ["overwritten", (file: string) => writeFileSync(file, randomBytes(statSync(file).size))],
  ])("names the store file that is %s, touches nothing, and says what helps", async (how, damage) => {
    const dataDir = join(scratch.path, `corrupt-${how.replace(" ", "-")}`);
    const home = await up(dataDir);
    await home.kubectl(["create", "configmap", "kept"]);
    await home.stop();
    const file = join(dataDir, "store", "data.mdb");
    damage(file);
    const { size, mtimeMs } = statSync(file);
    const words = [
      "the store is damaged",
      "data.mdb",
      "backup",
      `capstan restore FILE --data-dir ${dataDir}`,
    ];
    await refuses(["--data-dir", dataDir, "--port", "0"], 1, ...words);
    expect(statSync(file)).toMatchObject({ size, mtimeMs });
    expect(readdirSync(dataDir)).toContain("kubeconfig");
  });
});

/** Mounts small file systems: as root, and where that is not possible not at all. */
const mounts = (() => {
  const probe = join(scratch.path, "probe");
  mkdirSync(probe);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", probe]).status !== 0) return false;
  return spawnSync("umount", [probe]).status === 0;
})();
if (!mounts) console.warn("skipped: a full disk, as this user cannot mount a small file system");

describe("a disk that gets full", () => {
  const directory = join(scratch.path, "small");

  it.runIf(mounts)(
    "refuses writes with the reason, keeps what there is, and goes on once there is space",
    async () => {
      mkdirSync(directory);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=40m", "none", directory]);
      try {
        const home = await up(directory);
        const flux = new Flux(home, scratch.path);
        await home.kubectl(["create", "namespace", namespace]);
        const repository = await flux.running("full", { "a.yaml": configMap("full", { v: "1" }) });

        // An artifact that does not fit: the one before stays, and so does what runs.
        const before = (await flux.get("gitrepository", "full"))?.status.artifact;
        writeFileSync(join(repository.path, "noise.bin"), randomBytes(50 * 1024 * 1024));
        await flux.change(repository, "full", { "a.yaml": configMap("full", { v: "2" }) });
        const failed = {
          status: "False",
          reason: "ArchiveOperationFailed",
          says: ["no space left"],
        } as const;
        await flux.is("gitrepository", "full", failed);
        await flux.is("gitrepository", "full", { ...failed, type: "StorageOperationFailed", status: "True" });
        expect((await flux.get("gitrepository", "full"))?.status.artifact).toEqual(before);
        expect(await flux.data("full")).toEqual({ v: "1" });

        // A store that has no room for one more write.
        const filler = join(directory, "filler");
        expect(spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k"]).status).toBe(1);
        const refused = await until("a write is refused", async () => {
          const name = `noise-${randomBytes(4).toString("hex")}`;
          const input = configMap(name, { noise: randomBytes(300_000).toString("base64") });
          const { code, stderr } = await home.tryKubectl(["create", "-f", "-"], { input });
          return code === 0 ? undefined : stderr;
        });
        expect(refused).toContain(`no space left in the data directory ${directory}`);
        expect(await flux.data("full")).toEqual({ v: "1" });
        expect((await home.kubectl(["get", "--raw", "/readyz"])).trim()).toBe("ok");
        expect(home.output).not.toMatch(/^\s+at /m);

        // Space comes back: writes work again, and the source catches up by itself.
        execFileSync("mount", ["-o", "remount,size=400m", directory]);
        await until(
          "writes work again",
          async () => (await home.tryKubectl(["create", "configmap", "after"])).code === 0,
        );
        await flux.reconcile("gitrepository", "full", "space");
        await flux.is("gitrepository", "full", { status: "True", reason: "Succeeded" });
        await home.has("configmap", "full", "default", (object) => object.data?.["v"] === "2");
        expect(await home.stop()).toBe(0);
        homes.splice(0);
      } finally {
        for (const home of homes.splice(0)) await home.stop("SIGKILL");
        execFileSync("umount", ["-l", directory]);
      }
    },
  );

  it("says that the data directory is a file", async () => {
    const file = join(scratch.path, "file");
    writeFileSync(file, "");
    await refuses(
      ["--data-dir", file, "--port", "0"],
      1,
      `cannot use the data directory ${file}: it is not a directory`,
    );
  });

  it.runIf(mounts)("says at the start that there is no space", async () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", directory]);
    try {
      await refuses(
        ["--data-dir", directory, "--port", "0"],
        1,
        `cannot use the data directory ${directory}: no space left`,
      );
    } finally {
      execFileSync("umount", ["-l", directory]);
    }
  });
});
