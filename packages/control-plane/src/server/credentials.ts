import { X509Certificate } from "node:crypto";
import type { Clock, Random } from "@capstan/kube";
import { FRONT_PROXY } from "../lifecycle/bootstrap-namespaces.js";
import { issueCertificate, type KeyPair } from "./certificate.js";
import type { DataDirectory } from "./data-directory.js";

const AUTHORITY = "capstan-ca";
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3_650;
const LEAF_DAYS = 365;
/** Certificates that would expire sooner are made anew at start. */
const RENEW_DAYS = 30;
const CLOCK_SKEW_MS = 5 * 60_000;

/** Every name under which a control plane on this machine may be called. */
const HOSTS = [
  "localhost",
  "kubernetes",
  "kubernetes.default",
  "kubernetes.default.svc",
  "kubernetes.default.svc.cluster.local",
  "127.0.0.1",
  "::1",
  "10.96.0.1",
] as const;

export interface ServerCredentials {
  readonly authority: string;
  readonly serving: KeyPair;
  readonly admin: KeyPair;
  /** Shown to the servers behind APIServices. */
  readonly frontProxy: KeyPair;
  /** Private key (PKCS #8 PEM) that signs service-account tokens. */
  readonly tokenKey: string;
}

/** What credentials are kept in: a data directory, or nothing at all. */
export type Keep = Pick<DataDirectory, "read" | "write"> | undefined;

/** Reads the control plane's keys and certificates, and makes those that are missing or about to expire. */
export function loadCredentials(
  keep: Keep,
  clock: Clock,
  random: Random,
  hosts: readonly string[] = [],
): ServerCredentials {
  const now = clock.now();
  const from = now - CLOCK_SKEW_MS;
  const authority = keptPair(keep, "ca", now, undefined, () =>
    issueCertificate(
      { commonName: AUTHORITY, use: "authority", notBefore: from, notAfter: now + AUTHORITY_DAYS * DAY_MS },
      random,
    ),
  );
  const issuer = { pair: authority, commonName: AUTHORITY };
  const validity = { notBefore: from, notAfter: now + LEAF_DAYS * DAY_MS };
  const leaf = (
    name: string,
    request: Omit<Parameters<typeof issueCertificate>[0], "notBefore" | "notAfter">,
  ) =>
    keptPair(keep, name, now, authority, () => issueCertificate({ ...request, ...validity }, random, issuer));
  const serving = leaf("server", {
    commonName: "kube-apiserver",
    use: "server",
    hosts: [...HOSTS, ...hosts],
  });
  const admin = leaf("admin", {
    commonName: "kubernetes-admin",
    organizations: ["system:masters"],
    use: "client",
  });
  const frontProxy = leaf("front-proxy", { commonName: FRONT_PROXY, use: "client" });
  const tokens = leaf("service-account", { commonName: "service-account", use: "client" });
  return { authority: authority.certificate, serving, admin, frontProxy, tokenKey: tokens.key };
}

function keptPair(
  keep: Keep,
  name: string,
  now: number,
  issuer: KeyPair | undefined,
  make: () => KeyPair,
): KeyPair {
  const certificate = keep?.read(`${name}.crt`);
  const key = keep?.read(`${name}.key`);
  if (certificate !== undefined && key !== undefined && lasts(certificate, now, issuer))
    return { certificate, key };
  const pair = make();
  keep?.write(`${name}.key`, pair.key);
  keep?.write(`${name}.crt`, pair.certificate);
  return pair;
}

function lasts(pem: string, now: number, issuer: KeyPair | undefined): boolean {
  const certificate = new X509Certificate(pem);
  if (Date.parse(certificate.validTo) - now <= RENEW_DAYS * DAY_MS) return false;
  return issuer === undefined || certificate.verify(new X509Certificate(issuer.certificate).publicKey);
}
