import type { GitCredentials, GitErrorCode } from "@capstan/git";
import type { GitRepositorySpec } from "../api/git-repository.js";

/** What a person can do about a failure of Git, naming the field to set; `undefined` where nothing is known. */
export function adviceFor(
  code: GitErrorCode,
  spec: GitRepositorySpec,
  credentials: GitCredentials | undefined,
): string | undefined {
  switch (code) {
    case "auth-failed":
      return authenticationAdvice(spec, credentials);
    case "host-key-mismatch":
      return `the server's key is not the one in 'known_hosts' of ${secretOf(spec)}; if the change is expected, replace it with the output of: ${keyscan(spec.url)}`;
    case "host-key-unknown":
      return `add the server's key to 'known_hosts' in ${secretOf(spec)}; print it with: ${keyscan(spec.url)}`;
    case "host-not-found":
      return "check the host in spec.url, and the name service of this machine";
    case "tls-failed":
      return tlsAdvice(spec, credentials);
    case "repository-not-found":
      return spec.secretRef === undefined
        ? "check spec.url; if the repository is private, name a Secret with credentials in spec.secretRef"
        : `check spec.url, and that the credentials in ${secretOf(spec)} may read the repository`;
    case "ref-not-found":
      return "check spec.ref";
    case "directory-not-found":
      return "check spec.sparseCheckout";
    case "too-large":
      return "raise --max-repository-size if it is meant to be that large";
    case "timeout":
      return "raise spec.timeout if the repository needs longer";
    default:
      return undefined;
  }
}

function authenticationAdvice(spec: GitRepositorySpec, credentials: GitCredentials | undefined): string {
  const secret = secretOf(spec);
  if (spec.url.startsWith("ssh:")) {
    return `check 'identity' in ${secret}, its passphrase in 'password' if it has one, and that the server accepts its public key`;
  }
  if (spec.provider === "github") {
    return `check that the GitHub App in ${secret} is installed on the repository and may read its contents`;
  }
  if (credentials?.bearerToken !== undefined) return `check 'bearerToken' in ${secret}`;
  if (credentials?.username !== undefined) return `check 'username' and 'password' in ${secret}`;
  const keys = "'username' and 'password', or 'bearerToken'";
  return spec.secretRef === undefined
    ? `name a Secret with ${keys} in spec.secretRef`
    : `set ${keys} in ${secret}`;
}

function tlsAdvice(spec: GitRepositorySpec, credentials: GitCredentials | undefined): string {
  if (credentials?.caCertificate !== undefined) {
    return `check that 'ca.crt' in ${secretOf(spec)} signed the server's certificate, and that this is valid for the host in spec.url`;
  }
  return spec.secretRef === undefined
    ? "if the server's certificate is signed by an authority of your own, name a Secret with 'ca.crt' in spec.secretRef"
    : `if the server's certificate is signed by an authority of your own, set 'ca.crt' in ${secretOf(spec)}`;
}

function secretOf(spec: GitRepositorySpec): string {
  return spec.secretRef === undefined ? "the Secret of spec.secretRef" : `Secret '${spec.secretRef.name}'`;
}

function keyscan(url: string): string {
  const { hostname, port } = new URL(url);
  return `ssh-keyscan ${port === "" ? "" : `-p ${port} `}${hostname}`;
}
