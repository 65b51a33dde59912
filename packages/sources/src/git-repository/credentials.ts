import { type GitCredentials, GitError } from "@capstan/git";
import type { GitRepositorySpec } from "../api/git-repository.js";
import { authenticationFailed } from "../connection.js";
import { SourceFailed } from "../failure.js";
import type { SecretData } from "../secrets.js";
import { adviceFor } from "./advice.js";

const APP_KEYS = [
  "githubAppID",
  "githubAppInstallationID",
  "githubAppInstallationOwner",
  "githubAppPrivateKey",
];

/**
 * The credentials in a Secret, by the keys that Flux reads. Throws `SourceFailed`: AuthenticationFailed for
 * values that contradict each other, InvalidProviderConfiguration for those of another provider.
 */
export function credentialsFromSecret(url: string, data: SecretData, name: string): GitCredentials {
  if (APP_KEYS.some((key) => data.has(key))) {
    throw invalidProvider(`secret '${name}' has github app data but provider is not set to github`);
  }
  const get = (...keys: string[]) =>
    keys.map((key) => data.get(key)).find((value) => value !== undefined && value !== "");
  const ssh = url.startsWith("ssh://");
  const credentials: Record<keyof GitCredentials, string | undefined> = {
    username: get("username"),
    password: ssh ? undefined : get("password"),
    bearerToken: get("bearerToken"),
    caCertificate: get("ca.crt", "caFile"),
    clientCertificate: get("tls.crt"),
    clientKey: get("tls.key"),
    sshIdentity: get("identity"),
    sshPassphrase: ssh ? get("password") : undefined,
    sshKnownHosts: get("known_hosts"),
    proxy: undefined,
  };
  if (ssh) {
    if (credentials.sshIdentity === undefined)
      throw badSecret(name, "required fields 'identity' and 'known_hosts'");
    if (credentials.sshKnownHosts === undefined) throw badSecret(name, "known_hosts");
  } else if (credentials.password !== undefined && credentials.username === undefined) {
    throw authenticationFailed(`secret '${name}' has 'password' set without 'username'`);
  }
  const present = Object.entries(credentials).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present);
}

function badSecret(name: string, missing: string): SourceFailed {
  return authenticationFailed(`invalid secret '${name}': ${missing} not set`);
}

export function invalidProvider(message: string): SourceFailed {
  return new SourceFailed({
    condition: "FetchFailed",
    reason: "InvalidProviderConfiguration",
    message,
    next: "retry",
  });
}

/**
 * What a failure of Git means for the source, with what can be done about it; what is not Git's is thrown
 * on.
 */
export function gitFailure(
  error: unknown,
  spec: GitRepositorySpec,
  credentials: GitCredentials | undefined,
): SourceFailed {
  if (!(error instanceof GitError)) throw error;
  const { code } = error;
  const advice = adviceFor(code, spec, credentials);
  const message = advice === undefined ? error.message : `${error.message}; ${advice}`;
  switch (code) {
    case "invalid-url":
    case "protocol-not-allowed":
      return fetchFailed("URLInvalid", message, "stall", error);
    case "invalid-credentials":
      return fetchFailed("AuthenticationFailed", message, "retry", error);
    case "empty":
      return fetchFailed("EmptyGitRepository", message, "retry", error);
    default:
      return fetchFailed(
        "GitOperationFailed",
        `failed to checkout and determine revision: ${message}`,
        "retry",
        error,
      );
  }
}

function fetchFailed(
  reason: "URLInvalid" | "AuthenticationFailed" | "EmptyGitRepository" | "GitOperationFailed",
  message: string,
  next: "retry" | "stall",
  cause: unknown,
): SourceFailed {
  return new SourceFailed({ condition: "FetchFailed", reason, message, next }, { cause });
}
