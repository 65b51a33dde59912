import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, request as httpRequest } from "node:http";
import { createServer, type ServerOptions } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { GitCredentials } from "./credentials.js";
import { GitRunner } from "./runner.js";
import { gitHttpHandler } from "./server.js";
import { type TestAuthority, testAuthority } from "./testing/certificates.js";
import {
  onCleanup,
  realClock,
  serveGit,
  temporaryDirectory,
  testClient,
  testRunner,
  WorkTree,
} from "./testing/fixtures.js";
import { connectProxy } from "./testing/proxies.js";

let made: TestAuthority | undefined;

/** The same authority for all tests: making one takes several processes. */
function authority(): TestAuthority {
  made ??= testAuthority();
  return made;
}

const SECRET = "s3cret-hunter2";

function repository(): { gitDir: string; commit: string } {
  const tree = new WorkTree();
  const commit = tree.commit("first", { a: "1" });
  return { gitDir: join(tree.directory, ".git"), commit };
}

async function serveTls(gitDir: string, options: ServerOptions = {}): Promise<string> {
  const { server } = authority();
  const handler = gitHttpHandler({ runner: testRunner(), repository: () => gitDir, readToken: SECRET });
  const listener = createServer(
    { ...server, ...options },
    (request, response) => void handler(request, response),
  );
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  onCleanup(() => listener.close());
  return `https://127.0.0.1:${(listener.address() as AddressInfo).port}/demo.git`;
}

const resolve = (url: string, credentials?: GitCredentials) =>
  testClient().resolve({
    url,
    reference: { branch: "main" },
    ...(credentials === undefined ? {} : { credentials }),
  });

describe("credentials over HTTPS", () => {
  it("opens with a user and password, a token, and the server's authority", async () => {
    const { gitDir, commit } = repository();
    const url = await serveTls(gitDir);
    const caCertificate = authority().ca;
    for (const login of [{ username: "ada", password: SECRET }, { bearerToken: SECRET }]) {
      expect(await resolve(url, { caCertificate, ...login })).toBe(`main@sha1:${commit}`);
    }
  });

  it("says that credentials are wrong or missing, and shows none", async () => {
    const url = await serveTls(repository().gitDir);
    const caCertificate = authority().ca;
    const wrong = [{}, { username: "ada", password: `wrong-${SECRET}` }, { bearerToken: `wrong-${SECRET}` }];
    for (const login of wrong) {
      const failure = await resolve(url, { caCertificate, ...login }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "auth-failed" });
      expect(String(failure)).not.toContain(SECRET);
    }
  });

  it("does not trust an unknown authority", async () => {
    const url = await serveTls(repository().gitDir);
    const failure = resolve(url, { username: "ada", password: SECRET });
    await expect(failure).rejects.toMatchObject({
      code: "tls-failed",
      message: expect.stringMatching(/certificate/),
    });
  });

  it("shows a client certificate to a server that wants one", async () => {
    const { gitDir, commit } = repository();
    const { ca, client } = authority();
    const url = await serveTls(gitDir, { ca, requestCert: true, rejectUnauthorized: true });
    const login = { caCertificate: ca, username: "ada", password: SECRET };
    const pair = { clientCertificate: client.cert, clientKey: client.key };
    expect(await resolve(url, { ...login, ...pair })).toBe(`main@sha1:${commit}`);
    await expect(resolve(url, login)).rejects.toMatchObject({ name: "GitError" });
  });

  it("takes no credentials to another host", async () => {
    const seen: (string | undefined)[] = [];
    const thief = createHttpServer((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader("WWW-Authenticate", "Basic").writeHead(401).end();
    });
    await new Promise<void>((done) => thief.listen(0, "127.0.0.1", done));
    onCleanup(() => thief.close());
    const { port } = thief.address() as AddressInfo;
    const redirecting = createHttpServer((request, response) => {
      response.setHeader("Location", `http://127.0.0.1:${port}${request.url}`).writeHead(302).end();
    });
    await new Promise<void>((done) => redirecting.listen(0, "127.0.0.1", done));
    onCleanup(() => redirecting.close());
    const url = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}/demo.git`;
    for (const login of [{ username: "ada", password: SECRET }, { bearerToken: SECRET }]) {
      await expect(resolve(url, login)).rejects.toMatchObject({ name: "GitError" });
    }
    expect(seen.filter((header) => header !== undefined)).toEqual([]);
  });

  it("goes through a proxy with its own account", async () => {
    const { gitDir, commit } = repository();
    const { origin } = await serveGit({ demo: gitDir });
    const expected = `Basic ${Buffer.from(`p@x:${SECRET}`).toString("base64")}`;
    let proxied = 0;
    const proxy = createHttpServer((request, response) => {
      if (request.headers["proxy-authorization"] !== expected) {
        response.setHeader("Proxy-Authenticate", "Basic").writeHead(407).end();
        return;
      }
      proxied++;
      const { method, headers } = request;
      const onward = httpRequest(String(request.url), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
    onCleanup(() => proxy.close());
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const url = `${origin}/demo.git`;
    expect(await resolve(url, { proxy: { address, username: "p@x", password: SECRET } })).toBe(
      `main@sha1:${commit}`,
    );
    expect(proxied).toBe(2);
    const wrong = { proxy: { address, username: "p@x", password: `wrong-${SECRET}` } };
    const failure = await resolve(url, wrong).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "GitError" });
    expect(String(failure)).not.toContain(SECRET);
  });

  it.each<[string, GitCredentials, string]>([
    ["https://example.com/x", { password: "x" }, "a password without a username"],
    ["https://example.com/x", { username: "a\nb", password: "x" }, "of one line"],
    ["https://example.com/x", { clientCertificate: "x" }, "needs its key"],
    ["ssh://git@example.com/x", { sshIdentity: "x" }, "known_hosts"],
    [
      "ssh://git@example.com/x",
      { sshIdentity: "x", sshKnownHosts: "y", proxy: { address: "ftp://x" } },
      "not reached over ftp",
    ],
    ["https://example.com/x", { proxy: { address: "ftp://x" } }, "not reached over ftp"],
  ])("refuses what cannot be right: %s %j", async (url, credentials, message) => {
    const failure = resolve(url, credentials);
    await expect(failure).rejects.toMatchObject({
      code: "invalid-credentials",
      message: expect.stringContaining(message),
    });
  });
});

describe("credentials of a killed process", () => {
  it("are removed before the next one uses the directory", async () => {
    const temporary = temporaryDirectory();
    mkdirSync(join(temporary, "capstan-git-left"));
    writeFileSync(join(temporary, "capstan-git-left/credentials"), SECRET);
    const client = testClient({ temporaryDirectory: temporary });
    await expect(client.resolve({ url: "http://127.0.0.1:1/x" })).rejects.toMatchObject({
      code: "unreachable",
    });
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe("credentials over SSH", () => {
  /** A directory with an `ssh` that writes down how it was called and then does what `script` says. */
  function fakeSsh(script: string): { path: string; log: string } {
    const directory = temporaryDirectory();
    const log = join(directory, "log");
    mkdirSync(join(directory, "bin"));
    const lines = [
      "#!/bin/sh",
      `{ printf '%s\\n' "$@"; echo --; cat "$2"; echo --; grep IdentityFile "$2" | cut -d'"' -f2 | xargs cat; `,
      `grep UserKnownHostsFile "$2" | cut -d'"' -f2 | xargs cat; echo --; env; } > ${log}`,
      `if [ -x "$SSH_ASKPASS" ]; then "$SSH_ASKPASS" > ${log}.passphrase; fi`,
      script,
    ];
    writeFileSync(join(directory, "bin/ssh"), lines.join("\n"));
    chmodSync(join(directory, "bin/ssh"), 0o755);
    return { path: `${join(directory, "bin")}:${process.env["PATH"]}`, log };
  }

  const credentials = {
    sshIdentity: "PRIVATE KEY",
    sshKnownHosts: "example.com ssh-ed25519 AAAA",
    sshPassphrase: SECRET,
  };

  function clientWith(path: string, temporary: string) {
    const runner = new GitRunner({ clock: realClock, environment: { PATH: path, SSH_AUTH_SOCK: "/agent" } });
    return testClient({ runner, temporaryDirectory: temporary });
  }

  it("gives ssh its key, passphrase and known hosts in files, strictly, and removes them", async () => {
    const { gitDir, commit } = repository();
    const { path, log } = fakeSsh(`shift 2; shift; exec sh -c "git upload-pack '${gitDir}'"`);
    const temporary = temporaryDirectory();
    const url = "ssh://deploy@example.com:2222/x.git";
    const revision = await clientWith(path, temporary).resolve({
      url,
      reference: { branch: "main" },
      credentials,
    });
    expect(revision).toBe(`main@sha1:${commit}`);
    const [args = "", config = "", files = "", environment = ""] = readFileSync(log, "utf8").split("--\n");
    expect(args.split("\n")).toEqual(expect.arrayContaining(["-p", "2222", "deploy@example.com"]));
    for (const line of [
      "StrictHostKeyChecking yes",
      "GlobalKnownHostsFile /dev/null",
      "IdentitiesOnly yes",
      "IdentityAgent none",
      "User deploy",
      "PasswordAuthentication no",
    ]) {
      expect(config).toContain(`${line}\n`);
    }
    expect(files).toBe("PRIVATE KEY\nexample.com ssh-ed25519 AAAA\n");
    expect(readFileSync(`${log}.passphrase`, "utf8")).toBe(`${SECRET}\n`);
    expect(args + environment).not.toContain(SECRET);
    expect(environment).not.toContain("SSH_AUTH_SOCK");
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.each([
    ["Host key verification failed.", "host-key-mismatch"],
    ["@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @", "host-key-mismatch"],
    ["git@example.com: Permission denied (publickey).", "auth-failed"],
    ["ssh: connect to host example.com port 22: Connection refused", "unreachable"],
    ["ERROR: Repository not found.", "repository-not-found"],
  ])("understands %j", async (words, code) => {
    const { path } = fakeSsh(`echo '${words}' >&2; exit 255`);
    const failure = clientWith(path, temporaryDirectory()).resolve({
      url: "ssh://git@example.com/x",
      credentials,
    });
    await expect(failure).rejects.toMatchObject({ code });
  });

  it("goes through a proxy, whose account is on no command line", async () => {
    const { gitDir, commit } = repository();
    const target = createTcpServer((socket) => {
      const child = spawn("git", ["upload-pack", gitDir], { stdio: ["pipe", "pipe", "ignore"] });
      socket.pipe(child.stdin);
      child.stdout.pipe(socket);
      socket.on("error", () => child.kill());
    });
    await new Promise<void>((done) => target.listen(0, "127.0.0.1", done));
    onCleanup(() => target.close());
    const proxy = await connectProxy(`p@x:${SECRET}`);
    // Stands for ssh: runs the ProxyCommand, and lets the two speak.
    const { path, log } = fakeSsh(`sed -n 's/^ProxyCommand //p' "$2" > "$0.cmd"; exec sh "$0.cmd"`);
    const { port } = target.address() as AddressInfo;
    const url = `ssh://git@127.0.0.1:${port}/x.git`;
    const through = { ...credentials, proxy: { address: proxy, username: "p@x", password: SECRET } };
    const request = { url, reference: { branch: "main" }, credentials: through };
    expect(await clientWith(path, temporaryDirectory()).resolve(request)).toBe(`main@sha1:${commit}`);
    expect(readFileSync(log, "utf8").split("--\n")[1]).not.toContain(SECRET);

    const wrong = { ...through, proxy: { address: proxy, username: "p@x", password: "wrong" } };
    const failure = clientWith(path, temporaryDirectory()).resolve({ ...request, credentials: wrong });
    await expect(failure).rejects.toMatchObject({
      code: "auth-failed",
      message: expect.stringContaining("ssh: proxy: access denied"),
    });
  });

  it("logs in as git where neither URL nor secret names a user", async () => {
    const { path, log } = fakeSsh("exit 1");
    const client = clientWith(path, temporaryDirectory());
    await expect(client.resolve({ url: "ssh://example.com/x", credentials })).rejects.toThrow();
    expect(readFileSync(log, "utf8")).toContain("User git\n");
  });
});
