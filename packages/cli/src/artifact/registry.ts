import {
  isLoopbackRegistry,
  OciClient,
  type OciClientOptions,
  OciError,
  type OciLogin,
  parseOciReference,
} from "@capstan/oci";
import { CloudError, cloudLogin, TokenCache } from "@capstan/sources";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { dockerLogin } from "./docker-config.js";

/** How the commands on artifacts reach a registry. */
export interface RegistryOptions {
  /** `USER:PASSWORD`, or a token. */
  readonly creds?: string;
  readonly provider?: string;
  readonly insecureRegistry?: boolean;
}

/** Reads an artifact's address; throws `CommandError`. */
export function artifactReference(text: string) {
  try {
    return parseOciReference(text);
  } catch (error) {
    if (!OciError.is(error)) throw error;
    throw new CommandError(error.message, exitCode.usage, { cause: error });
  }
}

/**
 * Runs `use` with a client for a repository, logged in as told or as Docker is; failures become
 * `CommandError`. Plain HTTP is spoken to this machine, and elsewhere only if asked for.
 */
export async function withRepository<T>(
  url: string,
  push: boolean,
  options: RegistryOptions,
  io: Io,
  use: (client: OciClient) => Promise<T>,
): Promise<T> {
  try {
    const connection: OciClientOptions = { url, push, ...(await credentialsOf(url, options, io)) };
    return await tryEach(attemptsOf(connection, options.insecureRegistry === true), use);
  } catch (error) {
    if (!OciError.is(error)) throw error;
    throw new CommandError(error.message, exitCode.failure, { cause: error });
  }
}

async function credentialsOf(url: string, { creds, provider = "generic", ...rest }: RegistryOptions, io: Io) {
  if (provider !== "generic") return { login: await providerLogin(url, provider, rest, io) };
  if (creds === undefined) {
    const login = await dockerLogin(url, io);
    return login === undefined ? {} : { login };
  }
  io.progress.action("logging in to registry with credentials");
  const colon = creds.indexOf(":");
  if (colon < 0) return { registryToken: creds };
  return { login: { username: creds.slice(0, colon), password: creds.slice(colon + 1) } };
}

async function providerLogin(
  url: string,
  provider: string,
  { insecureRegistry = false }: RegistryOptions,
  io: Io,
): Promise<OciLogin> {
  if (provider !== "aws" && provider !== "azure" && provider !== "gcp") {
    throw new CommandError(
      `--provider takes generic, aws, azure or gcp, not ${JSON.stringify(provider)}`,
      exitCode.usage,
    );
  }
  io.progress.action("logging in to registry with provider credentials");
  const cloud = { variables: io.environment, clock: io.clock };
  const registry = {
    provider,
    url,
    insecure: insecureRegistry,
    connection: {},
    now: io.clock.now(),
    signal: io.signal,
  } as const;
  try {
    return await cloudLogin({ ...registry, provider }, { cloud, tokens: new TokenCache() });
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    throw new CommandError(`error during login with provider: ${error.message}`, exitCode.failure, {
      cause: error,
    });
  }
}

function attemptsOf(connection: OciClientOptions, insecure: boolean): readonly OciClientOptions[] {
  if (!insecure && !isLoopbackRegistry(connection.url)) return [connection];
  return [
    { ...connection, skipVerify: insecure },
    { ...connection, insecure: true },
  ];
}

async function tryEach<T>(
  attempts: readonly OciClientOptions[],
  use: (client: OciClient) => Promise<T>,
): Promise<T> {
  const [first, ...others] = attempts;
  if (first === undefined) throw new Error("a registry without an address to try");
  const client = new OciClient(first);
  try {
    return await use(client);
  } catch (error) {
    if (others.length === 0 || !OciError.is(error, "unreachable")) throw error;
  } finally {
    await client.close();
  }
  return tryEach(others, use);
}
