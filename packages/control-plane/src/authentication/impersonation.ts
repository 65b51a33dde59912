import { badRequest, forbidden } from "../handler/errors.js";
import type { AccessRequest, Authorizer, User } from "../registry/ports.js";

const EXTRA_PREFIX = "impersonate-extra-";
const AUTHENTICATED = "system:authenticated";
const UNAUTHENTICATED = "system:unauthenticated";
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The user that a request acts as: `user`, or the one its `Impersonate-*` headers name, provided that
 * `user` may impersonate each of the values. Throws 400 for headers without a user and 403 for a refusal.
 * Several groups come as an array or separated by commas.
 */
export function impersonate(user: User, headers: Headers, authorizer: Authorizer): User {
  const name = single(headers["impersonate-user"]);
  const groups = several(headers["impersonate-group"]);
  const uid = single(headers["impersonate-uid"]);
  const extra = extrasOf(headers);
  if (name === undefined) {
    if (groups.length === 0 && uid === undefined && extra.size === 0) return user;
    throw badRequest(
      `requested [${[...groups, ...(uid === undefined ? [] : [uid]), ...extra.keys()].join(" ")}] ` +
        "without impersonating a user",
    );
  }
  const account = SERVICE_ACCOUNT.exec(name);
  const asked = { user, verb: "impersonate" };
  if (account === null) check(authorizer, { ...asked, group: "", resource: "users", name });
  else {
    const [, namespace = "", accountName = ""] = account;
    check(authorizer, { ...asked, group: "", resource: "serviceaccounts", namespace, name: accountName });
  }
  for (const group of groups) check(authorizer, { ...asked, group: "", resource: "groups", name: group });
  const access = { ...asked, group: "authentication.k8s.io" };
  for (const [key, values] of extra) {
    for (const value of values) {
      check(authorizer, { ...access, resource: "userextras", subresource: key, name: value });
    }
  }
  if (uid !== undefined) check(authorizer, { ...access, resource: "uids", name: uid });
  return {
    name,
    groups: effectiveGroups(name, groups, account?.[1]),
    ...(uid === undefined ? {} : { uid }),
    ...(extra.size === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
}

function effectiveGroups(
  name: string,
  asked: readonly string[],
  accountNamespace: string | undefined,
): readonly string[] {
  const groups = [...asked];
  if (accountNamespace !== undefined && groups.length === 0) {
    groups.push("system:serviceaccounts", `system:serviceaccounts:${accountNamespace}`);
  }
  if (groups.includes(AUTHENTICATED) || groups.includes(UNAUTHENTICATED)) return groups;
  return [...groups, name === "system:anonymous" ? UNAUTHENTICATED : AUTHENTICATED];
}

function check(authorizer: Authorizer, request: AccessRequest): void {
  if (authorizer.authorize(request).allowed) return;
  const { group = "", resource = "", subresource, namespace, name = "" } = request;
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  const scope = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  throw forbidden(
    { group, resource },
    name,
    `User "${request.user.name}" cannot impersonate resource "${full}" in API group "${group}" ${scope}`,
  );
}

function single(header: string | readonly string[] | undefined): string | undefined {
  const value = typeof header === "object" ? header[0] : header;
  return value === undefined || value === "" ? undefined : value;
}

function several(header: string | readonly string[] | undefined): readonly string[] {
  if (header === undefined) return [];
  const values = typeof header === "string" ? header.split(",") : header;
  return values.map((value) => value.trim()).filter((value) => value !== "");
}

function extrasOf(headers: Headers): ReadonlyMap<string, readonly string[]> {
  const extras = new Map<string, readonly string[]>();
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(EXTRA_PREFIX) || value === undefined) continue;
    extras.set(decodeKey(header.slice(EXTRA_PREFIX.length)), several(value));
  }
  return extras;
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    // Not escaped at all: Kubernetes takes the key as it stands.
    return key;
  }
}
