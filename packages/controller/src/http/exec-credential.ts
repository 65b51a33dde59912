import { spawn } from "node:child_process";
import type { ExecConfig } from "./cluster-config.js";

/** What a credential plugin answered. */
export interface ExecCredential {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Epoch ms. */
  readonly expiresAt?: number;
}

const MAX_OUTPUT = 1024 * 1024;
const TIMEOUT_MS = 60_000;

/**
 * Runs a credential plugin (client.authentication.k8s.io) and reads the ExecCredential that it
 * prints. Errors name the command, never what it printed.
 *
 * @param env environment that the plugin inherits
 */
export async function runExecPlugin(
  exec: ExecConfig,
  server: string,
  ca: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ExecCredential> {
  const cluster = {
    server,
    ...(ca === undefined ? {} : { "certificate-authority-data": Buffer.from(ca).toString("base64") }),
  };
  const info = {
    apiVersion: exec.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster } : {}) },
  };
  const output = await capture(exec, { ...env, ...exec.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) });
  return readCredential(exec, output);
}

function capture(exec: ExecConfig, env: Record<string, string | undefined>): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown) => {
      const hint = exec.installHint === undefined ? "" : ` (${exec.installHint})`;
      reject(new Error(`the credential plugin "${exec.command}" ${what}${hint}`, { cause }));
    };
    const child = spawn(exec.command, [...exec.args], {
      env,
      stdio: ["ignore", "pipe", "ignore"],
      shell: false,
      timeout: TIMEOUT_MS,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_OUTPUT) child.kill("SIGKILL");
      else chunks.push(chunk);
    });
    child.on("error", (error) => fail("could not be started", error));
    child.on("close", (code) => {
      if (size > MAX_OUTPUT) fail("printed more than a credential");
      else if (code !== 0) fail(`ended with status ${code ?? "unknown"}`);
      else resolve(Buffer.concat(chunks).toString("utf8"));
    });
  });
}

function readCredential(exec: ExecConfig, output: string): ExecCredential {
  let parsed: unknown;
  try {
    parsed = JSON.parse(output);
  } catch {
    // The parser's message would quote the output, which holds the credential.
    throw new Error(`the credential plugin "${exec.command}" did not print JSON`);
  }
  const status = fieldOf(parsed, "status");
  const token = textOf(status, "token");
  const cert = textOf(status, "clientCertificateData");
  const key = textOf(status, "clientKeyData");
  const expires = textOf(status, "expirationTimestamp");
  if (token === undefined && cert === undefined) {
    throw new Error(`the credential plugin "${exec.command}" printed no credential`);
  }
  const expiresAt = expires === undefined ? Number.NaN : Date.parse(expires);
  return {
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(Number.isNaN(expiresAt) ? {} : { expiresAt }),
  };
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, field)
    ? (value as Record<string, unknown>)[field]
    : undefined;
}

function textOf(value: unknown, field: string): string | undefined {
  const text = fieldOf(value, field);
  return typeof text === "string" && text !== "" ? text : undefined;
}
