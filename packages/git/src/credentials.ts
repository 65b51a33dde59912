import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GitError } from "./error.js";
import { type TunnelConfig, tunnelScript } from "./proxy-command.js";
import type { GitUrl } from "./url.js";

/** What a caller may know to get at a repository. Values are never logged and never put on a command line. */
export interface GitCredentials {
  readonly username?: string;
  readonly password?: string;
  /** Wins over username and password. */
  readonly bearerToken?: string;
  /** PEM of the authorities that the server's certificate is checked against. */
  readonly caCertificate?: string;
  /** PEM of a client certificate and its key; both or none. */
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** An SSH private key in any format that OpenSSH reads. */
  readonly sshIdentity?: string;
  readonly sshPassphrase?: string;
  /** Lines of known_hosts; needed for SSH. */
  readonly sshKnownHosts?: string;
  readonly proxy?: GitProxy;
}

export interface GitProxy {
  /** `http://`, `https://` or `socks5://` address without credentials. */
  readonly address: string;
  readonly username?: string;
  readonly password?: string;
}

/** Credentials laid out for one run of git, in files that only this user can read. */
export interface PreparedCredentials {
  readonly configFile: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** Removes the files. */
  dispose(): Promise<void>;
}

const PREFIX = "capstan-git-";

/** Removes files with credentials that a killed process has left below `temporaryRoot`. */
export async function sweepCredentials(temporaryRoot: string): Promise<void> {
  for (const name of await readdir(temporaryRoot)) {
    if (name.startsWith(PREFIX)) await rm(join(temporaryRoot, name), { recursive: true, force: true });
  }
}

const NOTHING: PreparedCredentials = {
  configFile: undefined,
  variables: {},
  secrets: [],
  dispose: async () => undefined,
};

/**
 * Checks credentials against the protocol and writes them to a new directory below `temporaryRoot`
 * (mode 0700, files 0600), from where git reads them. Only requests to the URL's own origin get them.
 * Throws `GitError` `invalid-credentials`.
 */
export async function prepareCredentials(
  url: GitUrl,
  credentials: GitCredentials | undefined,
  temporaryRoot: string,
): Promise<PreparedCredentials> {
  if (url.protocol === "file") return NOTHING;
  if (credentials === undefined) return url.protocol === "ssh" ? fail(SSH_NEEDS) : NOTHING;
  checkCredentials(url, credentials);
  const directory = await mkdtemp(join(temporaryRoot, PREFIX));
  const write = async (name: string, content: string, mode = 0o600) => {
    const path = join(directory, name);
    await writeFile(path, content.endsWith("\n") ? content : `${content}\n`, { mode, flag: "wx" });
    return path;
  };
  try {
    const prepared =
      url.protocol === "ssh"
        ? await prepareSsh(url, credentials, write)
        : await prepareHttp(url, credentials, write);
    return {
      ...prepared,
      secrets: secretsOf(credentials),
      dispose: () => rm(directory, { recursive: true, force: true }),
    };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

const SSH_NEEDS = "SSH needs an identity (private key) and known_hosts";

function checkCredentials(url: GitUrl, credentials: GitCredentials): void {
  if (url.protocol === "ssh") {
    if (!credentials.sshIdentity || !credentials.sshKnownHosts) fail(SSH_NEEDS);
    return;
  }
  if (credentials.password !== undefined && !credentials.username && credentials.bearerToken === undefined) {
    fail("a password without a username");
  }
  if ((credentials.clientCertificate === undefined) !== (credentials.clientKey === undefined)) {
    fail("a client certificate needs its key, and a key its certificate");
  }
  for (const value of [credentials.username, credentials.password, credentials.bearerToken]) {
    if (value !== undefined && /[\r\n\0]/.test(value))
      fail("username, password and token must be of one line");
  }
}

function fail(message: string): never {
  throw new GitError("invalid-credentials", message);
}

type WriteSecret = (name: string, content: string, mode?: number) => Promise<string>;
type Layout = Pick<PreparedCredentials, "configFile" | "variables">;

async function prepareHttp(url: GitUrl, credentials: GitCredentials, write: WriteSecret): Promise<Layout> {
  const { bearerToken, username, password, caCertificate, clientCertificate, clientKey } = credentials;
  const origin = `${url.protocol}://${url.host}`;
  const http: string[] = [];
  const lines: string[] = [];
  if (bearerToken !== undefined) {
    // git keeps sending an extra header after a redirect, also to another host: so none is followed.
    http.push(`extraHeader = ${quote(`Authorization: Bearer ${bearerToken}`)}`, "followRedirects = false");
  } else if (username !== undefined) {
    const encoded = `${encodeURIComponent(username)}:${encodeURIComponent(password ?? "")}`;
    const store = await write("credentials", `${url.protocol}://${encoded}@${url.host}`);
    lines.push("[credential]", `helper = ${quote(`store --file=${shellQuote(store)}`)}`);
  }
  if (caCertificate !== undefined) http.push(`sslCAInfo = ${quote(await write("ca.crt", caCertificate))}`);
  if (clientCertificate !== undefined && clientKey !== undefined) {
    http.push(`sslCert = ${quote(await write("tls.crt", clientCertificate))}`);
    http.push(`sslKey = ${quote(await write("tls.key", clientKey))}`);
  }
  if (credentials.proxy !== undefined) lines.push("[http]", `proxy = ${quote(proxyUrl(credentials.proxy))}`);
  if (http.length > 0) lines.push(`[http ${quote(`${origin}/`)}]`, ...http);
  return { configFile: await write("config", lines.join("\n")), variables: {} };
}

async function prepareSsh(url: GitUrl, credentials: GitCredentials, write: WriteSecret): Promise<Layout> {
  const { sshIdentity = "", sshKnownHosts = "", sshPassphrase, proxy } = credentials;
  const identity = await write("identity", sshIdentity);
  await chmod(identity, 0o600);
  const lines = [
    "BatchMode no",
    "NumberOfPasswordPrompts 1",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PreferredAuthentications publickey",
    `IdentityFile ${quote(identity)}`,
    "IdentitiesOnly yes",
    "IdentityAgent none",
    `UserKnownHostsFile ${quote(await write("known_hosts", sshKnownHosts))}`,
    "GlobalKnownHostsFile /dev/null",
    "StrictHostKeyChecking yes",
    "UpdateHostKeys no",
    "ConnectTimeout 30",
    "ForwardAgent no",
    "ForwardX11 no",
    "PermitLocalCommand no",
    `User ${url.user ?? credentials.username ?? "git"}`,
  ];
  if (proxy !== undefined) {
    const tunnel = await write("tunnel.json", JSON.stringify(tunnelConfig(url, proxy)));
    const script = await write("tunnel.cjs", tunnelScript(tunnel));
    lines.push(`ProxyCommand ${shellQuote(process.execPath)} ${shellQuote(script)}`);
  }
  const config = await write("ssh_config", lines.join("\n"));
  const askPass =
    sshPassphrase === undefined
      ? undefined
      : await write("askpass", askPassScript(await write("passphrase", sshPassphrase)), 0o700);
  return {
    configFile: undefined,
    variables: {
      GIT_SSH_COMMAND: `ssh -F ${shellQuote(config)}`,
      SSH_ASKPASS: askPass ?? "/bin/false",
      SSH_ASKPASS_REQUIRE: "force",
    },
  };
}

/** Of the host in a URL nothing may reach the shell that runs the command: it goes through a file. */
function tunnelConfig(url: GitUrl, proxy: GitProxy): TunnelConfig {
  const { protocol, hostname, port, username, password } = new URL(proxyUrl(proxy));
  const defaults: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };
  const target = new URL(url.text);
  return {
    proxy: {
      protocol,
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (defaults[protocol] ?? 1080) : Number(port),
      ...(username === "" ? {} : { username: decodeURIComponent(username) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    },
    host: target.hostname.replace(/^\[|\]$/g, ""),
    port: target.port === "" ? 22 : Number(target.port),
  };
}

function askPassScript(passphraseFile: string): string {
  return `#!/bin/sh\nexec cat ${shellQuote(passphraseFile)}\n`;
}

function proxyUrl(proxy: GitProxy): string {
  if (!URL.canParse(proxy.address)) fail("the proxy's address is not a URL");
  const url = new URL(proxy.address);
  if (!["http:", "https:", "socks5:", "socks5h:"].includes(url.protocol)) {
    fail(`a proxy is not reached over ${url.protocol}//`);
  }
  const user = encodeURIComponent(proxy.username ?? decodeURIComponent(url.username));
  const password = encodeURIComponent(proxy.password ?? decodeURIComponent(url.password));
  const account = user === "" ? "" : `${user}${password === "" ? "" : `:${password}`}@`;
  return `${url.protocol}//${account}${url.host}`;
}

function secretsOf(credentials: GitCredentials): string[] {
  const { password, bearerToken, sshPassphrase, proxy } = credentials;
  return [password, bearerToken, sshPassphrase, proxy?.password].filter((value) => value !== undefined);
}

/** A value as git's and OpenSSH's configuration files quote it. */
function quote(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function shellQuote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
