import { OciError } from "../error.js";
import { parseObject } from "../session.js";
import { parseSubject, type Subject } from "./subject.js";

export type Action = "enforce" | "log" | "skip";
export type Check = "integrity" | "authenticity" | "authenticTimestamp" | "expiry" | "revocation";

/** One statement of a trust policy. */
export interface TrustPolicy {
  readonly name: string;
  readonly registryScopes: readonly string[];
  readonly level: string;
  readonly actions: Readonly<Record<Check, Action>>;
  readonly verifyTimestamp: "always" | "afterCertExpiry";
  readonly trustStores: readonly string[];
  /** Subjects that are trusted; `undefined` for any. */
  readonly subjects: readonly Subject[] | undefined;
}

const all = (action: Action): Record<Check, Action> => ({
  integrity: action,
  authenticity: action,
  authenticTimestamp: action,
  expiry: action,
  revocation: action,
});

const LEVELS: Readonly<Record<string, Record<Check, Action>>> = {
  strict: all("enforce"),
  permissive: { ...all("log"), integrity: "enforce", authenticity: "enforce" },
  audit: { ...all("log"), integrity: "enforce" },
  skip: all("skip"),
};

/**
 * The statement of a trust policy (`trustpolicy.json`) for a repository (`host/path`): the one that names it, or
 * the one for all. Throws `OciError` `invalid-credentials` for what is no policy, `unverified` where none applies.
 */
export function trustPolicyFor(text: string, repository: string): TrustPolicy {
  const document = parseObject(Buffer.from(text));
  if (document === undefined) throw invalid("it is no JSON object");
  const { version, trustPolicies } = document;
  if (version !== "1.0") throw invalid(`unsupported version ${JSON.stringify(version ?? "")}`);
  if (!Array.isArray(trustPolicies) || trustPolicies.length === 0) {
    throw invalid("it can not have zero trust policy statements");
  }
  const policies = trustPolicies.map(readStatement);
  checkUnique(
    policies.map(({ name }) => name),
    (name) => `multiple trust policy statements use the same name ${name}`,
  );
  checkUnique(
    policies.flatMap(({ registryScopes }) => registryScopes),
    (scope) => `registry scope ${scope} is present in multiple trust policy statements`,
  );
  const found =
    policies.find(({ registryScopes }) => registryScopes.includes(repository)) ??
    policies.find(({ registryScopes }) => registryScopes.includes("*"));
  if (found !== undefined) return found;
  throw new OciError("unverified", `artifact "${repository}" has no applicable trust policy statement`);
}

function readStatement(value: unknown): TrustPolicy {
  const statement = (value ?? {}) as Record<string, unknown>;
  const name = String(statement["name"] ?? "");
  if (name === "") throw invalid("a trust policy statement is missing a name");
  const fail = (message: string) => invalid(`trust policy statement ${JSON.stringify(name)} ${message}`);
  const registryScopes = texts(statement["registryScopes"]);
  if (registryScopes.length === 0) throw fail("has zero registry scopes");
  if (registryScopes.length > 1 && registryScopes.includes("*"))
    throw fail("uses a wildcard beside other scopes");
  const badScope = registryScopes.find((scope) => scope !== "*" && !/^[^*/]+\/[^*]+$/.test(scope));
  if (badScope !== undefined) throw fail(`has the scope ${JSON.stringify(badScope)}, which is no repository`);
  const verification = (statement["signatureVerification"] ?? {}) as Record<string, unknown>;
  const level = String(verification["level"] ?? "");
  const actions = actionsOf(level, verification["override"], fail);
  const verifyTimestamp = verification["verifyTimestamp"] ?? "always";
  if (verifyTimestamp !== "always" && verifyTimestamp !== "afterCertExpiry") {
    throw fail('has an invalid verifyTimestamp: it must be "always" or "afterCertExpiry"');
  }
  const base = { name, registryScopes, level, actions, verifyTimestamp } as const;
  // What is skipped needs nobody to trust, and what is said of it all the same is passed over.
  if (level === "skip") return { ...base, trustStores: [], subjects: undefined };
  const trustStores = texts(statement["trustStores"]);
  const identities = texts(statement["trustedIdentities"]);
  if (trustStores.length === 0 || identities.length === 0) {
    throw fail("is either missing trust stores or trusted identities, both must be specified");
  }
  const badStore = trustStores.find((store) => !/^(ca|signingAuthority|tsa):[a-zA-Z0-9_.-]+$/.test(store));
  if (badStore !== undefined) throw fail(`has the malformed trust store ${JSON.stringify(badStore)}`);
  return { ...base, trustStores, subjects: subjectsOf(identities, fail) };
}

function actionsOf(
  level: string,
  override: unknown,
  fail: (message: string) => OciError,
): Record<Check, Action> {
  const base = Object.hasOwn(LEVELS, level) ? LEVELS[level] : undefined;
  if (base === undefined) throw fail(`has the invalid verification level ${JSON.stringify(level)}`);
  const changes = Object.entries((override ?? {}) as Record<string, unknown>);
  if (changes.length > 0 && level === "skip") throw fail('customizes the verification level "skip"');
  const actions = { ...base };
  for (const [check, action] of changes) {
    if (!Object.hasOwn(actions, check) || check === "integrity")
      throw fail(`overrides ${JSON.stringify(check)}`);
    if (action !== "enforce" && action !== "log" && !(action === "skip" && check === "revocation")) {
      throw fail(`has the action ${JSON.stringify(action)} for ${JSON.stringify(check)}`);
    }
    actions[check as Check] = action;
  }
  return actions;
}

function subjectsOf(
  identities: readonly string[],
  fail: (message: string) => OciError,
): readonly Subject[] | undefined {
  if (identities.includes("*")) {
    if (identities.length > 1) throw fail("uses a wildcard trusted identity beside other values");
    return undefined;
  }
  return identities.flatMap((identity) => {
    const [, kind, text = ""] = /^([^:]*):(.*)$/s.exec(identity) ?? [];
    if (kind === undefined)
      throw fail(`has the trusted identity ${JSON.stringify(identity)} without separator`);
    if (kind !== "x509.subject") return [];
    const subject = parseSubject(text);
    if (typeof subject === "string")
      throw fail(`has the trusted identity ${JSON.stringify(identity)}: ${subject}`);
    return [subject];
  });
}

function checkUnique(values: readonly string[], message: (value: string) => string): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw invalid(message(JSON.stringify(twice)));
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function invalid(message: string): OciError {
  return new OciError("invalid-credentials", `the trust policy is invalid: ${message}`);
}
