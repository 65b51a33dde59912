import type { TokenObjects, TokenSubject, TokenVerdict } from "./service-account-tokens.js";

/** Issuer of tokens that are kept in Secrets. */
export const SECRET_TOKEN_ISSUER = "kubernetes/serviceaccount";
/** Label of a Secret whose token is refused from that day on. */
const INVALID_SINCE = "kubernetes.io/legacy-token-invalid-since";

const CLAIM = "kubernetes.io/serviceaccount";

/** What a token in a Secret says: whose it is, and which Secret keeps it; it does not expire. */
export interface SecretClaims {
  readonly iss: typeof SECRET_TOKEN_ISSUER;
  readonly "kubernetes.io/serviceaccount/namespace": string;
  readonly "kubernetes.io/serviceaccount/secret.name": string;
  readonly "kubernetes.io/serviceaccount/service-account.name": string;
  readonly "kubernetes.io/serviceaccount/service-account.uid": string;
  readonly sub: string;
}

/** What a stored Secret says of the token in it. */
export interface TokenSecret {
  readonly token: string;
  readonly deleting: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

export function secretClaims({ namespace, name, uid }: TokenSubject, secret: string): SecretClaims {
  return {
    iss: SECRET_TOKEN_ISSUER,
    [`${CLAIM}/namespace`]: namespace,
    [`${CLAIM}/secret.name`]: secret,
    [`${CLAIM}/service-account.name`]: name,
    [`${CLAIM}/service-account.uid`]: uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  } as SecretClaims;
}

/**
 * Judges a token whose signature is good by the Secret that keeps it and the account that it is for, in
 * Kubernetes' words.
 */
export function judgeSecretToken(
  token: string,
  claims: SecretClaims,
  objects: TokenObjects,
  audience: string,
): TokenVerdict {
  const namespace = claims[`${CLAIM}/namespace`];
  const secretName = claims[`${CLAIM}/secret.name`];
  const name = claims[`${CLAIM}/service-account.name`];
  const claimed = claims[`${CLAIM}/service-account.uid`];
  const secret = objects.secret(namespace, secretName);
  if (secret === undefined || secret.deleting) return { error: "Token has been invalidated" };
  if (secret.token !== token) return { error: "Token does not match server's copy" };
  const uid = objects.serviceAccountUid(namespace, name);
  if (uid === undefined) return { error: `serviceaccounts "${name}" not found` };
  if (uid !== claimed) return { error: `ServiceAccount UID (${uid}) does not match claim (${claimed})` };
  if (secret.labels[INVALID_SINCE] !== undefined) {
    return {
      error:
        `the token in secret ${namespace}/${secretName} for service account ${namespace}/${name} has been marked ` +
        "invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the " +
        `'${INVALID_SINCE}' label from the secret to temporarily allow use of this token`,
    };
  }
  objects.secretUsed(namespace, secretName);
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { user: { name: claims.sub, uid, groups }, audiences: [audience] };
}
