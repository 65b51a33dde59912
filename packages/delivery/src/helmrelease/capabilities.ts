import { apiErrorOf, type Client, type ResourceInfo } from "@capstan/controller";
import { formatApiVersion } from "@capstan/kube";

/** What templates learn of a cluster. */
export interface Capabilities {
  readonly kubeVersion: string;
  /** Groups with versions, and kinds in them, one a line. */
  readonly apiVersions: string;
}

const FALLBACK = "v1.35.0";

/** Versions by what discovery said; many releases see the same. */
const listed = new WeakMap<readonly ResourceInfo[], string>();

/** Asks a cluster what it is. */
export async function capabilitiesOf(client: Client, signal: AbortSignal): Promise<Capabilities> {
  const [kubeVersion, resources] = await Promise.all([
    versionOf(client, signal),
    client.resources({ signal }),
  ]);
  const apiVersions = listed.get(resources) ?? versionsOf(resources);
  listed.set(resources, apiVersions);
  return { kubeVersion, apiVersions };
}

function versionsOf(resources: readonly ResourceInfo[]): string {
  const versions = new Set<string>();
  for (const { group, version, kind } of resources) {
    const apiVersion = formatApiVersion(group, version);
    versions.add(apiVersion);
    versions.add(`${apiVersion}/${kind}`);
  }
  return [...versions].sort().join("\n");
}

async function versionOf(client: Client, signal: AbortSignal): Promise<string> {
  const answer = await client.raw({ method: "GET", path: "/version", signal });
  if (answer.status !== 200) throw apiErrorOf(answer.status, answer.body);
  const { body } = answer;
  const known =
    typeof body === "object" && body !== null && "gitVersion" in body ? body.gitVersion : undefined;
  return typeof known === "string" ? known : FALLBACK;
}
