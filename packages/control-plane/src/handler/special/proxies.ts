import type { KubeObject } from "@capstan/kube";
import type { Call, Machinery } from "../call.js";
import { badRequest, notFound, unavailable } from "../errors.js";
import { admitConnection } from "./connect.js";
import { member, text } from "./review-body.js";

/**
 * `proxy` of pods, services and nodes: refused as an API server refuses what it cannot reach, as nothing
 * listens in the pods of this API.
 */
export async function proxyTo(machinery: Machinery, call: Call): Promise<never> {
  await admitConnection(machinery, call);
  const { namespace, name, resource } = call.info;
  const [plain, port] = nameAndPort(name, resource);
  const stored = machinery.objects.get(call.kind, namespace, plain);
  if (stored === undefined) throw notFound(call.kind, plain);
  if (resource === "services") return refuseService(machinery, call, stored.object, port);
  if (resource === "pods" && text(member(stored.object, "status"), "podIP") === "") {
    throw badRequest("address not allowed");
  }
  const address = resource === "pods" ? text(member(stored.object, "status"), "podIP") : plain;
  throw refused(address, port || (resource === "pods" ? "80" : "10250"));
}

function refuseService(machinery: Machinery, call: Call, service: KubeObject, port: string): never {
  const ports = member(service, "spec")["ports"];
  const known: readonly Record<string, unknown>[] = Array.isArray(ports) ? ports : [];
  const wanted =
    port === "" && known.length === 1
      ? known[0]
      : known.find((each) => text(each, "name") === port || String(each["port"]) === port);
  if (wanted === undefined) {
    throw unavailable(`no service port ${port} found for service "${service.metadata.name}"`);
  }
  const address = endpointOf(machinery, call, service.metadata.name);
  if (address === undefined) {
    throw unavailable(`no endpoints available for service "${service.metadata.name}"`);
  }
  throw refused(address, String(wanted["targetPort"] ?? wanted["port"]));
}

/** Address of an endpoint that is ready. Throws 404 where the Service has no Endpoints at all. */
function endpointOf({ registry, objects }: Machinery, call: Call, service: string): string | undefined {
  const kind = registry.find("", "v1", "endpoints");
  const stored = kind && objects.get(kind, call.info.namespace, service);
  if (stored === undefined) throw notFound(call.kind, service);
  const subsets = (stored.object["subsets"] ?? []) as readonly {
    readonly addresses?: readonly { readonly ip?: string }[];
  }[];
  return subsets.flatMap(({ addresses = [] }) => addresses)[0]?.ip;
}

function refused(address: string, port: string) {
  return unavailable(
    `error trying to reach service: dial tcp ${address}:${port}: connect: connection refused`,
  );
}

/** Name and port of `name`, `name:port`, `scheme:name:port`. */
function nameAndPort(text: string, resource: string): readonly [string, string] {
  const [, name = "", port = ""] = /^(?:https?:)?([^:]+)(?::([^:]*))?$/.exec(text) ?? [];
  if (name === "") throw badRequest(`invalid ${resource.replace(/s$/, "")} request ${JSON.stringify(text)}`);
  return [name, port];
}
