import type { ServedKind } from "../registry/kind.js";

/** A subresource as discovery lists it. */
export interface Subresource {
  readonly name: string;
  readonly kind: string;
  /** Set where the kind belongs to another group version than the resource. */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

const READ_WRITE = ["get", "patch", "update"];
const CONNECT = ["create", "get"];
const PROXY = ["create", "delete", "get", "patch", "update"];

const SPECIAL: Readonly<Record<string, readonly Subresource[]>> = {
  namespaces: [{ name: "finalize", kind: "Namespace", verbs: ["update"] }],
  nodes: [{ name: "proxy", kind: "NodeProxyOptions", verbs: PROXY }],
  pods: [
    { name: "attach", kind: "PodAttachOptions", verbs: CONNECT },
    { name: "binding", kind: "Binding", verbs: ["create"] },
    { name: "ephemeralcontainers", kind: "Pod", verbs: READ_WRITE },
    { name: "eviction", kind: "Eviction", group: "policy", version: "v1", verbs: ["create"] },
    { name: "exec", kind: "PodExecOptions", verbs: CONNECT },
    { name: "log", kind: "Pod", verbs: ["get"] },
    { name: "portforward", kind: "PodPortForwardOptions", verbs: CONNECT },
    { name: "proxy", kind: "PodProxyOptions", verbs: PROXY },
    { name: "resize", kind: "Pod", verbs: READ_WRITE },
  ],
  serviceaccounts: [
    { name: "token", kind: "TokenRequest", group: "authentication.k8s.io", version: "v1", verbs: ["create"] },
  ],
  services: [{ name: "proxy", kind: "ServiceProxyOptions", verbs: PROXY }],
  "certificatesigningrequests.certificates.k8s.io": [
    { name: "approval", kind: "CertificateSigningRequest", verbs: READ_WRITE },
  ],
};

/** The subresources of a kind, in order of their names. */
export function subresourcesOf(kind: ServedKind): readonly Subresource[] {
  const qualified = kind.group === "" ? kind.resource : `${kind.resource}.${kind.group}`;
  const list = [...(SPECIAL[qualified] ?? [])];
  if (kind.scale !== undefined) {
    list.push({ name: "scale", kind: "Scale", group: "autoscaling", version: "v1", verbs: READ_WRITE });
  }
  if (kind.statusSubresource) list.push({ name: "status", kind: kind.kind, verbs: READ_WRITE });
  return list.sort((a, b) => (a.name < b.name ? -1 : 1));
}
