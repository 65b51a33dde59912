import { OciError } from "./error.js";

/** A login for one registry. */
export interface OciLogin {
  readonly username: string;
  readonly password: string;
  /** A refresh token that the token service takes in the place of a password. */
  readonly identityToken?: string;
}

interface DockerAuth {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/**
 * The login for `registry` in a Docker configuration (`.dockerconfigjson`), the most specific entry
 * first: host and path, then host. `undefined` where there is none; throws `OciError`
 * `invalid-credentials` for what is no such file.
 */
export function loginFromDockerConfig(
  text: string,
  registry: string,
  repository: string,
): OciLogin | undefined {
  const auths = new Map<string, DockerAuth>();
  for (const [key, auth] of Object.entries(parseAuths(text))) auths.set(canonicalKey(key), auth);
  for (let name = `${canonicalKey(registry)}/${repository}`; name !== ""; ) {
    const found = auths.get(name);
    if (found !== undefined) return loginOf(found);
    const slash = name.lastIndexOf("/");
    name = slash < 0 ? "" : name.slice(0, slash);
  }
  return undefined;
}

function parseAuths(text: string): Record<string, DockerAuth> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "auths" in value) {
      const { auths } = value;
      if (typeof auths === "object" && auths !== null) return auths as Record<string, DockerAuth>;
    }
  } catch {
    // The parser's message would quote the secret: what follows says enough.
  }
  throw new OciError("invalid-credentials", "the docker configuration is not JSON with auths");
}

function canonicalKey(key: string): string {
  const name = key.replace(/^https?:\/\//, "").replace(/\/(v1|v2)?\/*$/, "");
  return ["docker.io", "index.docker.io", "registry-1.docker.io"].includes(name) ? "docker.io" : name;
}

function loginOf({ auth, username, password, identitytoken = "" }: DockerAuth): OciLogin | undefined {
  const identity = identitytoken === "" ? {} : { identityToken: identitytoken };
  if (auth !== undefined && auth !== "") {
    const text = Buffer.from(auth, "base64").toString("utf8");
    const colon = text.indexOf(":");
    if (colon < 0)
      throw new OciError("invalid-credentials", "an entry of the docker configuration is malformed");
    return { username: text.slice(0, colon), password: text.slice(colon + 1), ...identity };
  }
  if (username === undefined && identitytoken === "") return undefined;
  return { username: username ?? "<token>", password: password ?? "", ...identity };
}
