import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tunnelScript } from "./proxy-command.js";
import { onCleanup, temporaryDirectory } from "./testing/fixtures.js";
import { connectProxy, socksProxy } from "./testing/proxies.js";

/** A server that greets at once, and answers in capitals. */
async function target(): Promise<number> {
  const server = createServer((socket) => {
    socket.write("hello ");
    socket.on("data", (chunk) => socket.end(chunk.toString().toUpperCase()));
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onCleanup(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function through(address: string, port: number, login: object = {}) {
  const directory = temporaryDirectory();
  const { protocol, hostname, port: proxyPort } = new URL(address);
  const proxy = { protocol, host: hostname, port: Number(proxyPort), ...login };
  writeFileSync(join(directory, "config"), JSON.stringify({ proxy, host: "127.0.0.1", port }));
  writeFileSync(join(directory, "tunnel.cjs"), tunnelScript(join(directory, "config")));
  const child = spawn(process.execPath, [join(directory, "tunnel.cjs")]);
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  child.stdin.on("error", () => undefined);
  child.stdin.write("abc");
  const code = await new Promise((done) => child.on("close", done));
  return { output, code };
}

const login = { username: "ada", password: "s3cret" };

describe("the tunnel through a proxy", () => {
  it.each([
    ["HTTP", () => connectProxy("ada:s3cret"), login],
    ["SOCKS with an account", () => socksProxy("ada:s3cret"), login],
    ["SOCKS for everybody", () => socksProxy(), {}],
    ["SOCKS for everybody, with an account that it does not want", () => socksProxy(), login],
  ])("carries both ways over %s", async (_name, proxy, account) => {
    expect(await through(await proxy(), await target(), account)).toEqual({ output: "hello ABC", code: 0 });
  });

  it.each([
    ["HTTP", () => connectProxy("ada:other")],
    ["SOCKS", () => socksProxy("ada:other")],
  ])("says that %s denies access, without the password", async (_name, proxy) => {
    const { output, code } = await through(await proxy(), await target(), login);
    expect(code).toBe(1);
    expect(output).toMatch(/^ssh: proxy: access denied/);
    expect(output).not.toContain("s3cret");
  });

  it("says that nobody answers", async () => {
    for (const protocol of ["http", "socks5"]) {
      const { output, code } = await through(`${protocol}://127.0.0.1:1`, 22);
      expect([code, output]).toEqual([
        1,
        expect.stringMatching(/^ssh: proxy: could not connect: .*ECONNREFUSED/),
      ]);
    }
  });
});
