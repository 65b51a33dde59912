import { membersOf, textOf } from "../admission/members.js";
import type { ApiService, AvailableCondition } from "./api-service.js";
import { type BackendAnswer, type BackendCaller, hostOf } from "./backend.js";
import { hasAddress, portOf, type ServiceAddress, type ServiceAddresses } from "./service-addresses.js";

const DEFAULT_PORT = 443;
const CHECK_MS = 5_000;
/** A longer list of resources is no list of resources. */
const MAX_DOCUMENT = 8 * 1024 * 1024;
/** Who asks the servers behind APIServices whether they are there. */
const CHECKER = { "x-remote-user": "system:kube-aggregator", "x-remote-group": "system:masters" };

type Finding = Pick<AvailableCondition, "status" | "reason" | "message">;

/** What came of looking whether the server behind an APIService answers. */
export interface Availability {
  readonly finding: Finding;
  /** The APIResourceList that it answered with. */
  readonly resources?: unknown;
  /** Where its OpenAPI v3 document of the version is, as a path. */
  readonly openApi?: string | undefined;
}

/** Judges one APIService, in the words of Kubernetes' availability controllers. */
export async function checkAvailability(
  service: ApiService,
  addresses: ServiceAddresses,
  call: BackendCaller,
): Promise<Availability> {
  if (!service.spec.service) {
    const message = "Local APIServices are always available";
    return { finding: { status: "True", reason: "Local", message } };
  }
  const missing = missingPart(service, addresses);
  if (missing !== undefined) return { finding: { status: "False", ...missing } };
  const { group = "", version } = service.spec;
  const path = `/apis/${group}/${version}`;
  let url = `https://${shownHost(service, addresses)}${path}`;
  try {
    const address = addressOf(service, addresses);
    url = `https://${hostOf(shownAddress(service, addresses) ?? address)}${path}`;
    const ask = (from: string) =>
      call(service, {
        address,
        method: "GET",
        path: from,
        headers: { ...CHECKER, accept: "application/json" },
        signal: AbortSignal.timeout(CHECK_MS),
      });
    const answer = await ask(path);
    const resources = await documentOf(answer);
    if (answer.status < 200 || answer.status >= 300) {
      return failing(url, `bad status from ${url}: ${answer.status}`);
    }
    const finding = { status: "True", reason: "Passed", message: "all checks passed" } as const;
    return { finding, resources, openApi: await openApiPath(ask, path) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failing(url, `Get "${url}": ${why}`);
  }
}

async function openApiPath(
  ask: (from: string) => Promise<BackendAnswer>,
  path: string,
): Promise<string | undefined> {
  try {
    const index = membersOf(membersOf(await documentOf(await ask("/openapi/v3")))["paths"]);
    return textOf(membersOf(index[path.slice(1)])["serverRelativeURL"]) || undefined;
  } catch {
    // It serves its resources, which is all that it has to.
    return undefined;
  }
}

function failing(url: string, why: string): Availability {
  const message = `failing or missing response from ${url}: ${why}`;
  return { finding: { status: "False", reason: "FailedDiscoveryCheck", message } };
}

/** Where the server behind an APIService is reached. Throws an `Error` that says why it is not. */
export function addressOf({ spec }: ApiService, addresses: ServiceAddresses): ServiceAddress {
  const { namespace = "", name = "", port = DEFAULT_PORT } = spec.service ?? {};
  return addresses.resolve(namespace, name, port);
}

/** The address that clients of a cluster know: of the Service, whoever is behind it. */
function shownAddress({ spec }: ApiService, addresses: ServiceAddresses): ServiceAddress | undefined {
  const { namespace = "", name = "", port = DEFAULT_PORT } = spec.service ?? {};
  const clusterIp = textOf(membersOf(addresses.service(namespace, name)?.["spec"])["clusterIP"]);
  return clusterIp === "" || clusterIp === "None" ? undefined : { host: clusterIp, port };
}

function shownHost(service: ApiService, addresses: ServiceAddresses): string {
  const address = shownAddress(service, addresses);
  return address === undefined ? (service.spec.service?.name ?? "") : hostOf(address);
}

function missingPart(
  { spec }: ApiService,
  addresses: ServiceAddresses,
): { readonly reason: string; readonly message: string } | undefined {
  const { namespace = "", name = "", port = DEFAULT_PORT } = spec.service ?? {};
  const named = `service/${name} in "${namespace}"`;
  const service = addresses.service(namespace, name);
  if (service === undefined) return { reason: "ServiceNotFound", message: `${named} is not present` };
  if ((membersOf(service["spec"])["type"] ?? "ClusterIP") !== "ClusterIP") return undefined;
  const found = portOf(service, port);
  if (found === undefined) {
    return { reason: "ServicePortError", message: `${named} is not listening on port ${port}` };
  }
  const slices = addresses.slices(namespace, name);
  if (slices.length === 0) {
    return { reason: "EndpointsNotFound", message: `cannot find endpointslices for ${named}` };
  }
  const portName = textOf(found["name"]);
  if (slices.some((slice) => hasAddress(slice, portName))) return undefined;
  const message = `endpointslices for ${named} have no addresses with port name "${portName}"`;
  return { reason: "MissingEndpoints", message };
}

async function documentOf(answer: BackendAnswer): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.chunks) {
    size += chunk.length;
    if (size > MAX_DOCUMENT) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  if (answer.status !== 200) return undefined;
  return JSON.parse(Buffer.concat(chunks).toString());
}
