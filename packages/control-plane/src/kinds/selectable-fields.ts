import type { KubeObject } from "@capstan/kube";

type Fields = Readonly<Record<string, (object: KubeObject) => string>>;

/** The text at a dotted path; empty where nothing is there, and for flags `true` or `false`. */
function at(path: string, empty = ""): (object: KubeObject) => string {
  const steps = path.split(".");
  return (object) => {
    let value: unknown = object;
    for (const step of steps) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return empty;
      value = (value as Record<string, unknown>)[step];
    }
    return value === undefined || value === null ? empty : String(value);
  };
}

function paths(...names: string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, at(name)]));
}

const REFERENCE = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];

function firstPodIp(object: KubeObject): string {
  const ips = (object["status"] as { podIPs?: readonly { ip?: string }[] } | undefined)?.podIPs;
  return ips?.[0]?.ip ?? "";
}

function eventSource(object: KubeObject): string {
  return at("source.component")(object) || at("reportingComponent")(object);
}

const FIELDS: Readonly<Record<string, Fields>> = {
  "/Pod": {
    ...paths("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName"),
    ...paths("status.phase", "status.nominatedNodeName"),
    "spec.hostNetwork": at("spec.hostNetwork", "false"),
    "spec.host": at("spec.nodeName"),
    "status.podIP": firstPodIp,
    "status.podIPs": () => "",
  },
  "/Node": { "spec.unschedulable": at("spec.unschedulable", "false") },
  "/Namespace": paths("status.phase"),
  "/Secret": paths("type"),
  "/Service": paths("spec.clusterIP", "spec.type"),
  "/ReplicationController": { "status.replicas": at("status.replicas", "0") },
  "/Event": {
    ...paths(...REFERENCE.map((name) => `involvedObject.${name}`)),
    ...paths("reason", "reportingComponent", "type"),
    source: eventSource,
  },
  "events.k8s.io/Event": {
    ...paths(...REFERENCE.map((name) => `regarding.${name}`)),
    ...paths("reason", "reportingController", "type"),
  },
  "batch/Job": { "status.successful": at("status.succeeded", "0") },
  "certificates.k8s.io/CertificateSigningRequest": paths("spec.signerName"),
  "resource.k8s.io/ResourceSlice": paths("spec.nodeName", "spec.driver"),
};

const NONE: Fields = {};

/** What objects of a built-in kind can be selected by, beside name and namespace. */
export function selectableFieldsOf(group: string, kind: string): Fields {
  return FIELDS[`${group}/${kind}`] ?? NONE;
}

const OWN_CONVERSION = new Set([
  "/Pod",
  "/Node",
  "/Namespace",
  "/Secret",
  "/Service",
  "/ReplicationController",
  "/Event",
  "events.k8s.io/Event",
  "certificates.k8s.io/CertificateSigningRequest",
]);

/** What the server answers (400) to a field selector that the kind does not know. */
export function unsupportedFieldLabel(
  kind: {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
    readonly protobufMessage?: string;
  },
  label: string,
): string {
  const name = `${kind.group}/${kind.kind}`;
  if (name === "batch/Job") return `field label "${label}" not supported for Job`;
  if (name === "resource.k8s.io/ResourceSlice") {
    return `field label not supported for resource.k8s.io/${kind.version}, Kind=ResourceSlice: ${label}`;
  }
  if (OWN_CONVERSION.has(name) || kind.protobufMessage === undefined)
    return `field label not supported: ${label}`;
  return `"${label}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
}
