import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inClusterConfig } from "./in-cluster.js";
import { KubeconfigError, loadKubeconfig, parseKubeconfig } from "./kubeconfig.js";

const base64 = (text: string) => Buffer.from(text).toString("base64");

function config(user: Record<string, unknown>, cluster: Record<string, unknown> = {}) {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "main",
    contexts: [
      { name: "main", context: { cluster: "c", user: "u", namespace: "apps" } },
      { name: "bare", context: { cluster: "c" } },
      { name: "broken", context: { cluster: "nope" } },
    ],
    clusters: [{ name: "c", cluster: { server: "https://h:6443", ...cluster } }],
    users: [{ name: "u", user }],
  });
}

describe("parseKubeconfig", () => {
  it("reads certificates, name checks, proxy and namespace", async () => {
    const user = { "client-certificate-data": base64("CERT"), "client-key-data": base64("KEY") };
    const cluster = {
      "certificate-authority-data": base64("CA"),
      "tls-server-name": "api",
      "proxy-url": "http://proxy:3128",
    };
    expect(await parseKubeconfig(config(user, cluster))).toEqual({
      server: "https://h:6443",
      tls: { ca: "CA", cert: "CERT", key: "KEY", serverName: "api" },
      proxyUrl: "http://proxy:3128",
      namespace: "apps",
    });
  });

  it("prefers a token file to a token, and either to a password", async () => {
    const both = { token: "t", tokenFile: "token", username: "u", password: "p" };
    const read = async (user: Record<string, unknown>) =>
      (await parseKubeconfig(config(user), { directory: "/etc" })).credentials;
    expect(await read(both)).toEqual({ kind: "tokenFile", path: "/etc/token" });
    expect(await read({ ...both, tokenFile: "" })).toEqual({ kind: "token", token: "t" });
    expect(await read({ username: "u", password: "p" })).toEqual({
      kind: "basic",
      username: "u",
      password: "p",
    });
  });

  it.each([
    ["a token file", { tokenFile: "/var/run/secrets/kubernetes.io/serviceaccount/token" }, {}, "tokenFile"],
    ["a key", { "client-certificate-data": "QQ==", "client-key": "/etc/key.pem" }, {}, "client-key"],
    ["an authority", { token: "t" }, { "certificate-authority": "/etc/passwd" }, "certificate-authority"],
  ])("reads no file where that is refused: %s", async (_, user, cluster, field) => {
    const refused = parseKubeconfig(config(user, cluster), { refuseFiles: true });
    await expect(refused).rejects.toThrow(
      new KubeconfigError(`the kubeconfig names a file as its ${field}, which is not allowed here`),
    );
    const inline = config({ token: "t" }, { "certificate-authority-data": base64("CA") });
    expect(await parseKubeconfig(inline, { refuseFiles: true })).toMatchObject({ tls: { ca: "CA" } });
  });

  it("reads plugins and impersonation", async () => {
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "aws",
      args: ["eks"],
      env: [{ name: "A", value: "b" }],
    };
    const parsed = await parseKubeconfig(config({ exec, as: "jane", "as-groups": ["g"] }));
    expect(parsed.credentials).toMatchObject({
      kind: "exec",
      exec: { command: "aws", args: ["eks"], env: { A: "b" } },
    });
    expect(parsed.impersonate).toEqual({ user: "jane", groups: ["g"] });
  });

  it("takes another context, and says what is missing", async () => {
    expect((await parseKubeconfig(config({}), { context: "bare" })).credentials).toBeUndefined();
    await expect(parseKubeconfig(config({}), { context: "broken" })).rejects.toThrow('has no cluster "nope"');
    await expect(parseKubeconfig(config({}), { context: "none" })).rejects.toThrow('has no context "none"');
    await expect(parseKubeconfig("[]")).rejects.toBeInstanceOf(KubeconfigError);
  });
});

describe("files", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "capstan-kubeconfig-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("are found beside the kubeconfig that names them", async () => {
    await writeFile(join(directory, "ca.pem"), "CA");
    await writeFile(
      join(directory, "config"),
      config({ tokenFile: "t" }, { "certificate-authority": "ca.pem" }),
    );
    const loaded = await loadKubeconfig(join(directory, "config"));
    expect(loaded.tls?.ca).toBe("CA");
    expect(loaded.credentials).toEqual({ kind: "tokenFile", path: join(directory, "t") });
    await expect(loadKubeconfig(join(directory, "none"))).rejects.toThrow("cannot read the kubeconfig");
  });

  it("of a pod's service account make the in-cluster config", async () => {
    for (const [name, text] of [
      ["ca.crt", "CA"],
      ["namespace", "flux-system\n"],
    ] as const) {
      await writeFile(join(directory, name), text);
    }
    const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
    expect(await inClusterConfig(env, directory)).toEqual({
      server: "https://[fd00::1]:443",
      tls: { ca: "CA" },
      credentials: { kind: "tokenFile", path: join(directory, "token") },
      namespace: "flux-system",
    });
    expect(await inClusterConfig({}, directory)).toBeUndefined();
  });
});
