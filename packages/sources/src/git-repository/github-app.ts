import { createPrivateKey, createSign, type KeyObject } from "node:crypto";
import { parseTime } from "@capstan/kube";
import { authenticationFailed, type Connection } from "../connection.js";
import { HttpClient, HttpFailure } from "../http-client.js";
import type { SecretData } from "../secrets.js";
import { invalidProvider } from "./credentials.js";

/** How a GitHub App's installation is found and proven. */
interface App {
  readonly id: string;
  readonly installation: { readonly id: string } | { readonly owner: string };
  readonly privateKey: KeyObject;
  readonly api: string;
}

interface Token {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

const REFRESH_BEFORE_MS = 5 * 60_000;
const MAX_ANSWER = 4 * 1024 * 1024;
const MAX_TOKENS = 1000;

/** Turns the data of a GitHub App into short-lived tokens, and keeps them while they last. */
export class GitHubTokens {
  readonly #tokens = new Map<string, Token>();

  /**
   * A token for the installation that a Secret describes. Throws `SourceFailed`:
   * InvalidProviderConfiguration for incomplete data, AuthenticationFailed where GitHub gives none.
   *
   * @param now milliseconds since the epoch
   */
  async get(
    data: SecretData,
    secret: string,
    connection: Connection,
    now: number,
    signal: AbortSignal,
  ): Promise<string> {
    const key = JSON.stringify([...data].sort());
    const known = this.#tokens.get(key);
    if (known !== undefined && known.expires - REFRESH_BEFORE_MS > now) return known.token;
    const client = new HttpClient(connection);
    try {
      const token = await requestToken(client, readApp(data, secret), now, signal);
      if (this.#tokens.size >= MAX_TOKENS) this.#tokens.clear();
      this.#tokens.set(key, token);
      return token.token;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HttpFailure)) throw error;
      throw authenticationFailed(`failed to get a token for the GitHub App: ${error.message}`);
    } finally {
      await client.close();
    }
  }
}

function readApp(data: SecretData, secret: string): App {
  const get = (name: string) => data.get(name)?.trim() || undefined;
  const id = get("githubAppID");
  const pem = data.get("githubAppPrivateKey");
  const installationId = get("githubAppInstallationID");
  const owner = get("githubAppInstallationOwner");
  if (id === undefined || pem === undefined) {
    throw invalidProvider(
      `secret '${secret}' must have githubAppID and githubAppPrivateKey for provider github`,
    );
  }
  if ((installationId === undefined) === (owner === undefined)) {
    throw invalidProvider(
      `secret '${secret}' must have exactly one of githubAppInstallationOwner and githubAppInstallationID`,
    );
  }
  const base = get("githubAppBaseURL") ?? "https://api.github.com";
  if (!URL.canParse(base)) throw invalidProvider(`githubAppBaseURL in secret '${secret}' is not a URL`);
  return {
    id,
    installation: installationId === undefined ? { owner: owner ?? "" } : { id: installationId },
    privateKey: readPrivateKey(pem, secret),
    api: base.replace(/\/+$/, ""),
  };
}

function readPrivateKey(pem: string, secret: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The parser's own words may quote the key.
    throw invalidProvider(`githubAppPrivateKey in secret '${secret}' cannot be read`);
  }
}

async function requestToken(client: HttpClient, app: App, now: number, signal: AbortSignal): Promise<Token> {
  const authorization = `Bearer ${signJwt(app, now)}`;
  const ask = async (method: "GET" | "POST", path: string): Promise<unknown> => {
    const url = `${app.api}${path}`;
    const headers = { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" };
    const answer = await client.send({ method, url, headers, authorization, maxBytes: MAX_ANSWER, signal });
    if (answer.status === 200 || answer.status === 201) return parseJson(answer.body);
    throw authenticationFailed(
      `failed to get a token for the GitHub App: ${new URL(url).origin} answered ${answer.status}`,
    );
  };
  const { installation } = app;
  const id = "id" in installation ? installation.id : await findInstallation(ask, installation.owner);
  const answer = await ask("POST", `/app/installations/${encodeURIComponent(id)}/access_tokens`);
  const { token, expires_at: expires } = (answer ?? {}) as Record<string, unknown>;
  if (typeof token === "string" && typeof expires === "string") return { token, expires: parseTime(expires) };
  throw authenticationFailed("failed to get a token for the GitHub App: the answer holds none");
}

async function findInstallation(
  ask: (method: "GET", path: string) => Promise<unknown>,
  owner: string,
): Promise<string> {
  for (let page = 1; page <= 10; page++) {
    const found = await ask("GET", `/app/installations?per_page=100&page=${page}`);
    if (!Array.isArray(found) || found.length === 0) break;
    for (const entry of found as { id?: unknown; account?: { login?: unknown } | null }[]) {
      const { login } = entry.account ?? {};
      if (typeof login === "string" && login.toLowerCase() === owner.toLowerCase()) return String(entry.id);
    }
  }
  throw authenticationFailed(`the GitHub App is not installed for '${owner}'`);
}

function signJwt(app: App, now: number): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const seconds = Math.floor(now / 1000);
  const claims = { iat: seconds - 60, exp: seconds + 9 * 60, iss: app.id };
  const unsigned = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
  return `${unsigned}.${createSign("RSA-SHA256").update(unsigned).sign(app.privateKey, "base64url")}`;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new HttpFailure("the answer is not JSON", { cause: error });
  }
}
