import type { Api, Json } from "./api.js";
import { answers, eventually, holds, type Trial } from "./check.js";

export interface Wanted {
  readonly scope?: "Namespaced" | "Cluster";
  readonly names?: object;
  /** The whole schema of the only version; left out: an object that keeps what it is given. */
  readonly schema?: object;
  /** Other members of the only version. */
  readonly version?: object;
  /** All versions, in place of the only one. */
  readonly versions?: readonly object[];
  /** Other members of `spec`. */
  readonly spec?: object;
}

/** An established definition, and where its objects are. */
export interface Defined {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly apiVersion: string;
  /** The path of the definition itself. */
  readonly definition: string;
  /** The collection in the trial's namespace (or cluster-wide), of a version. */
  collection(version?: string): string;
  /** An object of it. */
  object(name: string, members?: object, metadata?: object): Json;
  remove(): Promise<unknown>;
}

export const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** The body of a definition with names of the trial's own. */
export function definitionBody(trial: Trial, wanted: Wanted = {}): Json {
  const singular = trial.name.replaceAll("-", "");
  const group = `${trial.ns}.example.com`;
  const keep = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const only = {
    name: "v1",
    served: true,
    storage: true,
    schema: { openAPIV3Schema: wanted.schema ?? keep },
    ...wanted.version,
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      scope: wanted.scope ?? "Namespaced",
      names: { plural: `${singular}s`, singular, kind: `K${singular}`, ...wanted.names },
      versions: wanted.versions ?? [only],
      ...wanted.spec,
    },
  };
}

/** Makes a definition, and waits until its objects can be written. */
export async function define(trial: Trial, wanted: Wanted = {}): Promise<Defined> {
  const { api } = trial;
  const body = definitionBody(trial, wanted);
  const { group, names } = body.spec;
  const definition = `${DEFINITIONS}/${body.metadata.name}`;
  answers(await api.post(DEFINITIONS, body), 201);
  const remove = () => api.delete(definition);
  trial.after(remove);
  await established(api, definition);
  const [first] = body.spec.versions as { name: string }[];
  const scope = wanted.scope === "Cluster" ? "" : `namespaces/${trial.ns}/`;
  const defined: Defined = {
    group,
    plural: names.plural,
    kind: names.kind,
    apiVersion: `${group}/${first?.name}`,
    definition,
    collection: (version = first?.name ?? "v1") => `/apis/${group}/${version}/${scope}${names.plural}`,
    object: (name, members = {}, metadata = {}) => ({
      apiVersion: `${group}/${first?.name}`,
      kind: names.kind,
      metadata: { name, ...metadata },
      ...members,
    }),
    remove,
  };
  await eventually(async () => answers(await api.get(defined.collection())));
  return defined;
}

export async function established(api: Api, definition: string): Promise<void> {
  await eventually(async () => {
    const { status } = answers(await api.get(definition));
    const condition = status.conditions?.find(({ type }: Json) => type === "Established");
    holds(condition?.status === "True", "the definition is established");
  });
}

/** Every resource of aggregated discovery by `group/version/resource`. */
export async function aggregated(api: Api): Promise<ReadonlyMap<string, Json>> {
  const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const found = new Map<string, Json>();
  for (const path of ["/api", "/apis"]) {
    for (const { metadata, versions } of answers(await api.get(path, { headers: { accept } })).items) {
      for (const { version, resources } of versions) {
        for (const each of resources ?? [])
          found.set(`${metadata?.name ?? ""}/${version}/${each.resource}`, each);
      }
    }
  }
  return found;
}
