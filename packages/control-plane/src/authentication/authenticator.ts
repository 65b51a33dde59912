import { createHash, timingSafeEqual } from "node:crypto";
import type { User } from "../registry/ports.js";

/** What a connection and its request bring to prove who sends it. */
export interface Credentials {
  /** A client certificate that verified against the control plane's authority. */
  readonly certificate: ClientCertificate | undefined;
  readonly authorization: string | undefined;
}

export interface ClientCertificate {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** SHA-256 of the DER, hexadecimal. */
  readonly fingerprint: string;
}

/** Turns a bearer token into a user, or returns undefined when it is not one of its own. */
export type TokenAuthenticator = (token: string) => User | undefined;

const AUTHENTICATED = "system:authenticated";

/** The user behind some credentials; undefined: not authenticated (401). A bad token is never excused. */
export function authenticate(
  credentials: Credentials,
  tokens: readonly TokenAuthenticator[],
): User | undefined {
  const { certificate, authorization } = credentials;
  if (certificate !== undefined && certificate.commonName !== "") {
    return {
      name: certificate.commonName,
      groups: [...certificate.organizations, AUTHENTICATED],
      extra: { "authentication.kubernetes.io/credential-id": [`X509SHA256=${certificate.fingerprint}`] },
    };
  }
  const token = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) return undefined;
  return userOfToken(token, tokens);
}

export function userOfToken(token: string, tokens: readonly TokenAuthenticator[]): User | undefined {
  for (const authenticator of tokens) {
    const user = authenticator(token);
    if (user === undefined) continue;
    return user.groups.includes(AUTHENTICATED) ? user : { ...user, groups: [...user.groups, AUTHENTICATED] };
  }
  return undefined;
}

/** Tokens fixed when the control plane starts. Compared by digest, in constant time, until first accepted. */
export function staticTokens(users: ReadonlyMap<string, User>): TokenAuthenticator {
  const known = [...users].map(([token, user]) => ({ digest: digest(token), user }));
  const accepted = new Map<string, User>();
  return (token) => {
    const before = accepted.get(token);
    if (before !== undefined) return before;
    const given = digest(token);
    const user = known.find((candidate) => timingSafeEqual(candidate.digest, given))?.user;
    if (user !== undefined) accepted.set(token, user);
    return user;
  };
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
