import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeed, until } from "./run.js";

/** A certificate for 127.0.0.1 that only those trust who are told to. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** Paths of the same. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes a self-signed certificate with openssl. */
export async function certificate(directory: string): Promise<Certificate> {
  const certFile = join(directory, "tls.crt");
  const keyFile = join(directory, "tls.key");
  await succeed("openssl", [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=IP:127.0.0.1,DNS:localhost",
    "-keyout",
    keyFile,
    "-out",
    certFile,
  ]);
  return { certFile, keyFile, cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
}

/** A server of the test's own. */
export interface TestServer {
  /** `127.0.0.1:port`. */
  readonly host: string;
  close(): void;
}

/** Serves on a free port of this machine, with TLS where a certificate is given. */
export async function serve(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  tls?: Certificate & { readonly ca?: string; readonly requestCert?: boolean },
): Promise<TestServer> {
  const listener: RequestListener = handler;
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A proxy that tunnels for those who know its password, and counts whom it let through. */
export async function proxy(login: { readonly username: string; readonly password: string }) {
  const tunnels: string[] = [];
  const expected = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    if (request.headers["proxy-authorization"] !== expected) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    tunnels.push(request.url ?? "");
    const [host = "", port] = (request.url ?? "").split(":");
    const target = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      target.pipe(socket).pipe(target);
    });
    target.on("error", () => socket.destroy());
    socket.on("error", () => target.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Debian's registry: the installed one, or one that apt can fetch without installing; `undefined` without either. */
export function findRegistry(): string | undefined {
  const installed = (process.env["PATH"] ?? "")
    .split(":")
    .map((directory) => join(directory, "docker-registry"))
    .find(existsSync);
  if (installed !== undefined) return installed;
  const cache = join(process.cwd(), ".cache", "registry");
  const binary = join(cache, "usr/bin/docker-registry");
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  if (spawnSync("apt-get", ["download", "docker-registry"], { cwd: cache }).status !== 0) return undefined;
  const archive = readdirSync(cache).find((file) => file.endsWith(".deb"));
  if (archive === undefined || spawnSync("dpkg", ["-x", archive, "."], { cwd: cache }).status !== 0)
    return undefined;
  return existsSync(binary) ? binary : undefined;
}

export interface RegistryOptions {
  readonly tls?: Certificate;
  /** A file with the authorities whose certificates clients have to show. */
  readonly clientAuthorities?: string;
  /** A line of an htpasswd file with a bcrypt hash. */
  readonly htpasswd?: string;
}

/** A running registry. */
export class Registry implements TestServer {
  readonly host: string;
  readonly #child: ChildProcess;

  private constructor(host: string, child: ChildProcess) {
    this.host = host;
    this.#child = child;
  }

  static async start(
    binary: string,
    { tls, htpasswd, clientAuthorities }: RegistryOptions = {},
  ): Promise<Registry> {
    const directory = mkdtempSync(join(tmpdir(), "capstan-registry-"));
    const host = `127.0.0.1:${await freePort()}`;
    const lines = [
      "version: 0.1",
      "log: {level: error, accesslog: {disabled: true}}",
      `storage: {filesystem: {rootdirectory: ${join(directory, "data")}}, delete: {enabled: true}}`,
      "http:",
      `  addr: ${host}`,
      ...(tls === undefined
        ? []
        : [
            `  tls: {certificate: ${tls.certFile}, key: ${tls.keyFile}, clientcas: [${clientAuthorities ?? ""}]}`,
          ]),
    ];
    if (htpasswd !== undefined) {
      writeFileSync(join(directory, "htpasswd"), `${htpasswd}\n`);
      lines.push(`auth: {htpasswd: {realm: test, path: ${join(directory, "htpasswd")}}}`);
    }
    writeFileSync(join(directory, "config.yml"), `${lines.join("\n")}\n`);
    const child = await startServer("the registry", host, binary, ["serve", join(directory, "config.yml")]);
    return new Registry(host, child);
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }
}

/** Starts a program that serves at `host`; resolves when it answers. */
export async function startServer(
  what: string,
  host: string,
  binary: string,
  args: readonly string[],
): Promise<ChildProcess> {
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  await until(
    `${what} answers`,
    async () => {
      if (child.exitCode !== null) throw new Error(`${what} ended: ${output}`);
      return canConnect(host);
    },
    15_000,
    () => output,
  );
  return child;
}

async function canConnect(host: string): Promise<boolean> {
  const { Socket } = await import("node:net");
  const [address = "", port] = host.split(":");
  const socket = new Socket();
  try {
    socket.connect(Number(port), address);
    await once(socket, "connect");
    return true;
  } catch {
    // Not yet.
    return false;
  } finally {
    socket.destroy();
  }
}

export async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
