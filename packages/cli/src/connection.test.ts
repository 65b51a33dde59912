import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withClient } from "./connection.js";
import { exitCode } from "./exit-code.js";
import { processIo } from "./io.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "capstan-connection-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function kubeconfigFor(port: number): Promise<string> {
  const path = join(directory, `kubeconfig-${port}`);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "u", user: {} }],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

async function listening(): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

const io = () => processIo(new AbortController().signal);

describe("withClient", () => {
  it("tells what the API refused in the API's words, without a stack", async () => {
    const server = await listening();
    const kubeconfig = await kubeconfigFor(server.port);
    const work = withClient({ kubeconfig }, io(), (client) => client.list({ apiVersion: "v1", kind: "Pod" }));
    await expect(work).rejects.toMatchObject({
      name: "CommandError",
      message: 'no matches for kind "Pod" in version "v1"',
      code: exitCode.failure,
    });
    await server.close();
  });

  it("says that nobody answers, with a code of its own", async () => {
    const server = await listening();
    const kubeconfig = await kubeconfigFor(server.port);
    await server.close();
    const work = withClient({ kubeconfig }, io(), (client) => client.list({ apiVersion: "v1", kind: "Pod" }));
    await expect(work).rejects.toMatchObject({ name: "CommandError", code: exitCode.unreachable });
  });

  it("says how to start one where none runs", async () => {
    const work = withClient({ dataDir: join(directory, "none") }, io(), async () => undefined);
    await expect(work).rejects.toMatchObject({
      code: exitCode.unreachable,
      message: expect.stringContaining("capstan up"),
    });
  });
});
