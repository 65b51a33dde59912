import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { loginFromDockerConfig, OciError, type OciLogin, parseOciUrl } from "@capstan/oci";
import { CommandError } from "../exit-code.js";
import type { Io } from "../io.js";

interface Helpers {
  readonly credsStore?: unknown;
  readonly credHelpers?: Readonly<Record<string, unknown>>;
}

/**
 * The login that this machine's Docker configuration has for a repository: from the file itself, or from the
 * credential helper that it names. `undefined` where it has none.
 */
export async function dockerLogin(url: string, io: Io): Promise<OciLogin | undefined> {
  const directory = io.environment["DOCKER_CONFIG"] || join(homedir(), ".docker");
  const text = await readFile(join(directory, "config.json"), "utf8").catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw new CommandError(`the docker configuration cannot be read: ${error.message}`, undefined, {
        cause: error,
      });
    },
  );
  if (text === undefined) return undefined;
  const { registry, repository } = parseOciUrl(url);
  const server = registry === "registry-1.docker.io" ? "https://index.docker.io/v1/" : registry;
  const helper = helperOf(text, server);
  if (helper !== undefined) return askHelper(helper, server, io);
  return text.includes('"auths"') ? loginFromDockerConfig(text, registry, repository) : undefined;
}

function helperOf(text: string, server: string): string | undefined {
  let config: Helpers;
  try {
    config = JSON.parse(text) as Helpers;
  } catch {
    // The parser's message would quote secrets.
    throw new OciError("invalid-credentials", "the docker configuration is not JSON");
  }
  const { credHelpers = {}, credsStore } = config;
  const own = Object.hasOwn(credHelpers, server) ? credHelpers[server] : credsStore;
  return typeof own === "string" && /^[\w.-]+$/.test(own) ? own : undefined;
}

const MAX_ANSWER = 64 * 1024;

/** Runs `docker-credential-NAME get`, which takes a server's name and prints a login. */
async function askHelper(name: string, server: string, io: Io): Promise<OciLogin | undefined> {
  const answer = await new Promise<string>((resolve, reject) => {
    const program = `docker-credential-${name}`;
    const child = spawn(program, ["get"], {
      env: io.environment,
      stdio: ["pipe", "pipe", "ignore"],
      signal: io.signal,
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (text.length < MAX_ANSWER) text += chunk.toString("utf8");
    });
    child.on("error", (error) =>
      reject(new CommandError(`${program} cannot be run: ${error.message}`, undefined, { cause: error })),
    );
    child.on("close", () => resolve(text));
    child.stdin.on("error", () => child.stdin.destroy());
    child.stdin.end(server);
  });
  return loginOfAnswer(answer);
}

/** A helper that knows nothing prints a sentence instead. */
function loginOfAnswer(answer: string): OciLogin | undefined {
  try {
    const { Username: username, Secret: secret } = JSON.parse(answer) as {
      Username?: unknown;
      Secret?: unknown;
    };
    if (typeof username !== "string" || typeof secret !== "string" || secret === "") return undefined;
    return username === "<token>"
      ? { username, password: "", identityToken: secret }
      : { username, password: secret };
  } catch {
    // No JSON: nothing is known of the server.
    return undefined;
  }
}
