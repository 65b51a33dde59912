import type { KubeObject } from "@capstan/kube";

type Fields = Record<string, unknown>;

/**
 * Brings an object to the form in which the API takes applied objects well: `stringData` of Secrets
 * becomes `data`, ports get their protocol (a merge key that the API would default too late), and
 * `status` goes, but for definitions, whose health is read from it.
 */
export function normalize(object: KubeObject): KubeObject {
  const { creationTimestamp: _, ...metadata } = object.metadata;
  const out: KubeObject = { ...object, metadata };
  if (object.kind !== "CustomResourceDefinition") delete out["status"];
  switch (`${object.apiVersion}/${object.kind}`) {
    case "v1/Secret":
      return mergeStringData(out);
    case "v1/Service":
      return at(out, ["spec"], (spec) => ({ ...spec, ...protocols(spec, "ports") })) as KubeObject;
    case "v1/Pod":
      return at(out, ["spec"], podSpec) as KubeObject;
    case "apps/v1/Deployment":
    case "apps/v1/StatefulSet":
    case "apps/v1/DaemonSet":
    case "apps/v1/ReplicaSet":
    case "batch/v1/Job":
      return at(out, ["spec", "template", "spec"], podSpec) as KubeObject;
    case "batch/v1/CronJob":
      return at(out, ["spec", "jobTemplate", "spec", "template", "spec"], podSpec) as KubeObject;
    case "apiextensions.k8s.io/v1/CustomResourceDefinition":
      return withoutEmptyCaBundle(out);
    default:
      return out;
  }
}

function mergeStringData(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret;
  if (!isFields(stringData)) return secret;
  const data: Fields = isFields(rest["data"]) ? { ...rest["data"] } : {};
  for (const [key, value] of Object.entries(stringData)) {
    data[key] = Buffer.from(String(value)).toString("base64");
  }
  return { ...rest, data } as KubeObject;
}

function podSpec(spec: Fields): Fields {
  const { containers } = spec;
  if (!Array.isArray(containers)) return spec;
  return {
    ...spec,
    containers: containers.map((container: unknown) =>
      isFields(container) ? { ...container, ...protocols(container, "ports") } : container,
    ),
  };
}

function protocols(owner: Fields, field: string): Fields {
  const ports = owner[field];
  if (!Array.isArray(ports)) return {};
  return {
    [field]: ports.map((port: unknown) =>
      isFields(port) && (port["protocol"] === undefined || port["protocol"] === "")
        ? { ...port, protocol: "TCP" }
        : port,
    ),
  };
}

/** A placeholder that cert-manager fills in must not be fought over. */
function withoutEmptyCaBundle(definition: KubeObject): KubeObject {
  return at(definition, ["spec", "conversion", "webhook", "clientConfig"], (config) => {
    const { caBundle, ...rest } = config;
    return caBundle === "" || caBundle === "Cg==" ? rest : config;
  }) as KubeObject;
}

/** A copy of `fields` with what is at `path` changed; itself where the path is not there. */
function at(fields: Fields, path: readonly string[], change: (fields: Fields) => Fields): Fields {
  const [head, ...rest] = path;
  if (head === undefined) return change(fields);
  const child = Object.hasOwn(fields, head) ? fields[head] : undefined;
  return isFields(child) ? { ...fields, [head]: at(child, rest, change) } : fields;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
