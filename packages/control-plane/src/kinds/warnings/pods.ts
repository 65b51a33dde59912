import { parseQuantity } from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt } from "../members.js";

/** Volume plugins that do nothing any more, with when they were deprecated and when they stopped working. */
const DEAD_VOLUMES: Readonly<Record<string, readonly [string, string]>> = {
  photonPersistentDisk: ["v1.11", "v1.16"],
  scaleIO: ["v1.16", "v1.22"],
  quobyte: ["v1.22", "v1.25"],
  flocker: ["v1.22", "v1.25"],
  storageos: ["v1.22", "v1.25"],
  glusterfs: ["v1.25", "v1.26"],
  cephfs: ["v1.28", "v1.31"],
  rbd: ["v1.28", "v1.31"],
};
const OLD_LABELS: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region":
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone":
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type":
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** What the server warns about in a pod or a template: `metadata` and `spec` stand below `path`. */
export function podWarnings(holder: Members, path: string): readonly string[] {
  const warnings: string[] = [];
  const prefix = path === "" ? "" : `${path}.`;
  annotationWarnings(membersAt(holder, "metadata"), `${prefix}metadata.annotations`, warnings);
  const spec = membersAt(holder, "spec");
  if (spec !== undefined) specWarnings(spec, `${prefix}spec`, warnings);
  return warnings;
}

function annotationWarnings(metadata: Members | undefined, path: string, warnings: string[]): void {
  for (const key of Object.keys(membersAt(metadata, "annotations") ?? {})) {
    if (key.startsWith("container.apparmor.security.beta.kubernetes.io/")) {
      warnings.push(`${path}[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`);
    } else if (
      key === "seccomp.security.alpha.kubernetes.io/pod" ||
      key.startsWith("container.seccomp.security.alpha.kubernetes.io/")
    ) {
      warnings.push(`${path}[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`);
    }
  }
}

function specWarnings(spec: Members, path: string, warnings: string[]): void {
  for (const key of Object.keys(membersAt(spec, "nodeSelector") ?? {})) {
    if (Object.hasOwn(OLD_LABELS, key)) warnings.push(`${path}.nodeSelector[${key}]: ${OLD_LABELS[key]}`);
  }
  listAt(spec, "topologySpreadConstraints").forEach((constraint, index) => {
    if (membersAt(constraint, "labelSelector") === undefined) {
      warnings.push(
        `${path}.topologySpreadConstraints[${index}].labelSelector: a null labelSelector results in matching no pod`,
      );
    }
  });
  duplicates(listAt(spec, "hostAliases"), "ip", `${path}.hostAliases`, warnings);
  listAt(spec, "imagePullSecrets").forEach((secret, index) => {
    if (textAt(secret, "name") === "")
      warnings.push(`${path}.imagePullSecrets[${index}].name: invalid empty name ""`);
  });
  duplicates(listAt(spec, "imagePullSecrets"), "name", `${path}.imagePullSecrets`, warnings);
  const grace = numberAt(spec, "terminationGracePeriodSeconds");
  if (grace !== undefined && grace < 0) {
    warnings.push(
      `${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  }
  listAt(spec, "volumes").forEach((volume, index) => {
    volumeWarnings(volume, `${path}.volumes[${index}]`, warnings);
  });
  for (const list of ["initContainers", "containers"]) {
    listAt(spec, list).forEach((container, index) => {
      containerWarnings(container, `${path}.${list}[${index}]`, warnings);
    });
  }
}

function duplicates(items: readonly Members[], name: string, path: string, warnings: string[]): void {
  const seen = new Set<string>();
  items.forEach((item, index) => {
    const value = textAt(item, name);
    if (value !== "" && seen.has(value)) {
      warnings.push(`${path}[${index}].${name}: duplicate ${name} ${JSON.stringify(value)}`);
    }
    seen.add(value);
  });
}

function volumeWarnings(volume: Members, path: string, warnings: string[]): void {
  for (const [name, [deprecated, dead]] of Object.entries(DEAD_VOLUMES)) {
    if (membersAt(volume, name) !== undefined) {
      const shown = name === "storageos" ? "storageOS" : name;
      warnings.push(`${path}.${shown}: deprecated in ${deprecated}, non-functional in ${dead}+`);
    }
  }
  if (membersAt(volume, "gitRepo") !== undefined) {
    warnings.push(`${path}.gitRepo: deprecated in v1.11, and disabled by default in v1.33+`);
  }
  const projected = membersAt(volume, "projected");
  if (projected !== undefined && listAt(projected, "sources").length === 0) {
    warnings.push(`volume "${textAt(volume, "name")}" (Projected) has no sources provided`);
  }
}

function containerWarnings(container: Members, path: string, warnings: string[]): void {
  const seen = new Map<string, string>();
  listAt(container, "env").forEach((variable, index) => {
    const name = textAt(variable, "name");
    const builds = textAt(variable, "value").includes(`$(${name})`);
    if (seen.has(name) && !builds) {
      warnings.push(
        `${path}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`,
      );
    }
    seen.set(name, textAt(variable, "value"));
  });
  const resources = membersAt(container, "resources");
  for (const list of ["limits", "requests"]) {
    for (const name of ["memory", "ephemeral-storage"]) {
      const amount = textAt(membersAt(resources, list), name);
      if (amount === "" || parseQuantity(amount).nano % 1_000_000_000n === 0n) continue;
      warnings.push(
        `${path}.resources.${list}[${name}]: fractional byte value "${amount}" is invalid, must be an integer`,
      );
    }
  }
  portWarnings(container, path, warnings);
}

function portWarnings(container: Members, path: string, warnings: string[]): void {
  const ports = new Map<string, number>();
  listAt(container, "ports").forEach((port, index) => {
    const key = [port["containerPort"], port["protocol"], port["hostIP"] ?? "", port["hostPort"] ?? 0].join(
      "/",
    );
    const earlier = ports.get(key);
    if (earlier === undefined) ports.set(key, index);
    else warnings.push(`${path}.ports[${index}]: duplicate port definition with ${path}.ports[${earlier}]`);
  });
}
