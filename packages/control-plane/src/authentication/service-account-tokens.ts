import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { Clock, Random } from "@capstan/kube";
import { LRUCache } from "lru-cache";
import { randomUid } from "../handler/object-name.js";
import type { User } from "../registry/ports.js";
import {
  judgeSecretToken,
  SECRET_TOKEN_ISSUER,
  type SecretClaims,
  secretClaims,
  type TokenSecret,
} from "./secret-tokens.js";

/** An object that a token is bound to: it is worth nothing once that is gone. */
export interface BoundObject {
  readonly kind: "Pod" | "Secret" | "Node";
  readonly name: string;
  readonly uid: string;
}

export interface TokenSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** Whether the objects that a token names still exist, with the same uid. */
export interface TokenObjects {
  serviceAccountUid(namespace: string, name: string): string | undefined;
  boundUid(kind: BoundObject["kind"], namespace: string, name: string): string | undefined;
  secret(namespace: string, name: string): TokenSecret | undefined;
  /** Told of every use of a token out of a Secret. */
  secretUsed(namespace: string, name: string): void;
}

/** Why a token of this issuer is refused, in Kubernetes' words. */
export type TokenVerdict =
  | { readonly user: User; readonly audiences: readonly string[] }
  | { readonly error: string };

interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly nbf: number;
  readonly jti: string;
  readonly "kubernetes.io": {
    readonly namespace: string;
    readonly serviceaccount: { readonly name: string; readonly uid: string };
    readonly pod?: { readonly name: string; readonly uid: string };
    readonly secret?: { readonly name: string; readonly uid: string };
    readonly node?: { readonly name: string; readonly uid: string };
  };
}

const CACHED_TOKENS = 4_096;
const MAX_TOKEN_LENGTH = 8_192;

/** Issues and checks JSON Web Tokens (ES256) of service accounts. */
export class ServiceAccountTokens {
  readonly #key: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #keyId: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #objects: TokenObjects;
  /** Tokens whose signature was found good; everything else is checked each time. */
  readonly #verified = new LRUCache<string, Claims | SecretClaims>({ max: CACHED_TOKENS });
  readonly issuer: string;

  constructor(
    keyPem: string,
    issuer: string,
    parts: { readonly clock: Clock; readonly random: Random; readonly objects: TokenObjects },
  ) {
    this.#key = createPrivateKey(keyPem);
    this.#publicKey = createPublicKey(this.#key);
    this.#keyId = createHash("sha256")
      .update(this.#publicKey.export({ type: "spki", format: "der" }))
      .digest("base64url");
    this.issuer = issuer;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#objects = parts.objects;
  }

  issue(
    subject: TokenSubject,
    audiences: readonly string[],
    lifetimeSeconds: number,
    bound: BoundObject | undefined,
  ): IssuedToken {
    const now = Math.floor(this.#clock.now() / 1000);
    const claims: Claims = {
      aud: audiences,
      exp: now + lifetimeSeconds,
      iat: now,
      iss: this.issuer,
      jti: randomUid(this.#random),
      "kubernetes.io": {
        namespace: subject.namespace,
        ...(bound === undefined ? {} : { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
        serviceaccount: { name: subject.name, uid: subject.uid },
      },
      nbf: now,
      sub: `system:serviceaccount:${subject.namespace}:${subject.name}`,
    };
    return { token: this.#sign(claims), expires: claims.exp * 1000 };
  }

  /** A token for a Secret of type `kubernetes.io/service-account-token`: good for as long as both are there. */
  issueForSecret(subject: TokenSubject, secret: string): string {
    return this.#sign(secretClaims(subject, secret));
  }

  /** Judges a token; undefined when it is none of this issuer's. */
  check(token: string): TokenVerdict | undefined {
    const claims = this.#claims(token);
    if (claims === undefined) return undefined;
    if (claims.iss === SECRET_TOKEN_ISSUER) {
      return judgeSecretToken(token, claims as SecretClaims, this.#objects, this.issuer);
    }
    return this.#judge(claims as Claims);
  }

  #sign(claims: Claims | SecretClaims): string {
    const signed = `${segment({ alg: "ES256", kid: this.#keyId })}.${segment(claims)}`;
    const signature = sign("sha256", Buffer.from(signed), { key: this.#key, dsaEncoding: "ieee-p1363" });
    return `${signed}.${signature.toString("base64url")}`;
  }

  #judge(claims: Claims): TokenVerdict {
    const now = this.#clock.now() / 1000;
    if (now >= claims.exp) return { error: "service account token has expired" };
    if (now < claims.nbf) return { error: "service account token is not valid yet" };
    const { namespace, serviceaccount, pod, secret, node } = claims["kubernetes.io"];
    const uid = this.#objects.serviceAccountUid(namespace, serviceaccount.name);
    if (uid === undefined) return { error: "service account token has been invalidated" };
    if (uid !== serviceaccount.uid) {
      return { error: `service account UID (${uid}) does not match claim (${serviceaccount.uid})` };
    }
    const bindings = [
      ["Pod", pod],
      ["Secret", secret],
      ["Node", node],
    ] as const;
    for (const [kind, reference] of bindings) {
      if (reference === undefined) continue;
      if (this.#objects.boundUid(kind, namespace, reference.name) !== reference.uid) {
        return { error: "service account token has been invalidated" };
      }
    }
    return { user: userOf(claims), audiences: claims.aud };
  }

  #claims(token: string): Claims | SecretClaims | undefined {
    const known = this.#verified.get(token);
    if (known !== undefined) return known;
    const [head = "", body = "", signature = "", ...rest] = token.split(".");
    if (token.length > MAX_TOKEN_LENGTH || rest.length > 0 || signature === "") return undefined;
    const header = readSegment(head);
    if (header?.["alg"] !== "ES256") return undefined;
    const key = { key: this.#publicKey, dsaEncoding: "ieee-p1363" } as const;
    const good = verify("sha256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"));
    if (!good) return undefined;
    const claims = readSegment(body) as Claims | SecretClaims | undefined;
    if (claims?.iss !== this.issuer && claims?.iss !== SECRET_TOKEN_ISSUER) return undefined;
    this.#verified.set(token, claims);
    return claims;
  }
}

function userOf(claims: Claims): User {
  const { namespace, serviceaccount, pod, node } = claims["kubernetes.io"];
  const prefix = "authentication.kubernetes.io";
  return {
    name: claims.sub,
    uid: serviceaccount.uid,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
    extra: {
      [`${prefix}/credential-id`]: [`JTI=${claims.jti}`],
      ...(pod === undefined ? {} : { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] }),
      ...(node === undefined
        ? {}
        : { [`${prefix}/node-name`]: [node.name], [`${prefix}/node-uid`]: [node.uid] }),
    },
  };
}

function segment(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function readSegment(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not a token of ours: somebody else may know it.
    return undefined;
  }
}
