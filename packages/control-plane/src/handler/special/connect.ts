import type { KubeObject } from "@capstan/kube";
import type { Call, Machinery } from "../call.js";
import { methodNotAllowed } from "../errors.js";

/** What clients may ask of a connection, and how the API names it. */
interface ConnectOptions {
  readonly kind: string;
  readonly flags: readonly string[];
  readonly texts: readonly string[];
  readonly lists: readonly string[];
}

const STREAMS = ["stdin", "stdout", "stderr", "tty"];
const PROXY = { flags: [], texts: ["path"], lists: [] };

/** By resource and subresource. */
const OPTIONS: Readonly<Record<string, ConnectOptions>> = {
  "pods/exec": { kind: "PodExecOptions", flags: STREAMS, texts: ["container"], lists: ["command"] },
  "pods/attach": { kind: "PodAttachOptions", flags: STREAMS, texts: ["container"], lists: [] },
  "pods/portforward": { kind: "PodPortForwardOptions", flags: [], texts: [], lists: ["ports"] },
  "pods/proxy": { kind: "PodProxyOptions", ...PROXY },
  "services/proxy": { kind: "ServiceProxyOptions", ...PROXY },
  "nodes/proxy": { kind: "NodeProxyOptions", ...PROXY },
};

/** Asks admission whether somebody may connect to `call`'s object. Throws `ApiError` where it refuses. */
export async function admitConnection(machinery: Machinery, call: Call): Promise<void> {
  const { info, kind, user, warn, annotate } = call;
  const known = OPTIONS[`${info.resource}/${info.subresource ?? ""}`];
  if (known === undefined) throw methodNotAllowed();
  const request = {
    operation: "CONNECT" as const,
    kind,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
    object: optionsOf(known, call),
    oldObject: undefined,
    options: {},
    dryRun: false,
    user,
    warn,
    ...(annotate === undefined ? {} : { annotate }),
  };
  const object = await machinery.admission.mutate(request);
  await machinery.admission.validate({ ...request, object });
}

function optionsOf({ kind, flags, texts, lists }: ConnectOptions, { query, info }: Call): KubeObject {
  const members: Record<string, unknown> = {};
  for (const name of flags) {
    if (["1", "true"].includes(query.get(name) ?? "")) members[name] = true;
  }
  for (const name of texts) {
    const given = name === "path" ? info.rest.map((part) => `/${part}`).join("") : query.get(name);
    if (given) members[name] = given;
  }
  for (const name of lists) {
    const given = query.get(name);
    if (given !== undefined) members[name] = [name === "ports" ? Number(given) : given];
  }
  return { kind, apiVersion: "v1", ...members } as unknown as KubeObject;
}
