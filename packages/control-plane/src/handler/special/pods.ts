import { formatTime, type KubeObject } from "@capstan/kube";
import type { Answer, Call, Machinery } from "../call.js";
import { deleteObject } from "../delete.js";
import {
  badRequest,
  conflict,
  invalid,
  methodNotAllowed,
  notFound,
  tooManyRequests,
  unavailable,
} from "../errors.js";
import { objectChanges } from "../object-changes.js";
import { parseObjectBody } from "../request-body.js";
import { replaceLatest } from "../update.js";
import { readWriteOptions } from "../write-options.js";
import { admitConnection } from "./connect.js";
import { disruptionBudgetFor } from "./disruption-budget.js";
import { checkLogOptions } from "./log-options.js";
import { member, text } from "./review-body.js";

/** Whoever runs pods: gives their logs. */
export interface PodRuntime {
  /**
   * The log of one container; throws `ApiError` where there is none. `changes` gives the pod whenever it
   * was written, until it or the client is gone.
   */
  logs(
    pod: KubeObject,
    query: Call["query"],
    signal: AbortSignal | undefined,
    changes: () => AsyncIterable<KubeObject>,
  ): AsyncIterable<Uint8Array>;
}

/** GET of `pods/<name>/log`. */
export function podLog(machinery: Machinery, call: Call, runtime: PodRuntime | undefined): Answer {
  if (call.info.verb !== "get") throw methodNotAllowed();
  const pod = livePod(machinery, call);
  checkLogOptions(call);
  checkContainer(call, pod);
  // Nobody has started it: there is no log, and none to wait for.
  if (text(member(pod, "spec"), "nodeName") === "") {
    return { type: "bytes", status: 204, contentType: "text/plain", bytes: "" };
  }
  if (runtime === undefined) throw unavailable("no runtime keeps logs of pods");
  const changes = () => objectChanges(machinery, call.kind, pod, call.signal);
  const chunks = runtime.logs(pod, call.query, call.signal, changes);
  return { type: "stream", contentType: "text/plain", chunks };
}

/** `exec`, `attach` and `portforward`: refused, as nothing runs in the pods of this API. */
export async function connectToPod(machinery: Machinery, call: Call): Promise<never> {
  if (call.info.verb !== "get" && call.info.verb !== "create") throw methodNotAllowed();
  await admitConnection(machinery, call);
  const pod = livePod(machinery, call);
  const { name } = pod.metadata;
  if (text(member(pod, "spec"), "nodeName") === "") {
    throw badRequest(`pod ${name} does not have a host assigned`);
  }
  throw badRequest(
    `pod ${name} is simulated: no process runs in it that ${call.info.subresource ?? ""} could reach`,
  );
}

function checkContainer(call: Call, pod: KubeObject): void {
  const spec = member(pod, "spec");
  const names = ["initContainers", "containers", "ephemeralContainers"].flatMap((field) =>
    (Array.isArray(spec[field]) ? spec[field] : []).map((container) => text(container, "name")),
  );
  const asked = call.query.get("container") ?? "";
  if (asked !== "" && !names.includes(asked)) {
    throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`);
  }
  const annotated = pod.metadata.annotations?.["kubectl.kubernetes.io/default-container"] !== undefined;
  if (asked === "" && names.length > 1 && !annotated) {
    throw badRequest(
      `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(" ")}]`,
    );
  }
}

function livePod(machinery: Machinery, call: Call): KubeObject {
  const stored = machinery.objects.get(call.kind, call.info.namespace, call.info.name);
  if (stored === undefined) throw notFound(call.kind, call.info.name);
  return stored.object;
}

/** POST to `pods/<name>/binding`: puts a pod on a node, once. */
export async function bindPod(machinery: Machinery, call: Call): Promise<Answer> {
  const { value } = parseObjectBody(call.body, call.protobuf, false);
  call.received?.({ kind: "Binding", apiVersion: "v1", metadata: {}, ...member({ value }, "value") });
  if (text(member(value, "metadata"), "name") !== call.info.name) {
    throw badRequest("name in URL does not match name in Binding object");
  }
  const node = text(member(value, "target"), "name");
  if (node === "") {
    throw invalid({ group: "", kind: "Binding" }, call.info.name, [
      { type: "Required value", field: "target.name", detail: "" },
    ]);
  }
  const options = readWriteOptions(call.query, "CreateOptions");
  const update: Call = { ...call, info: { ...call.info, subresource: "binding", verb: "create" } };
  await replaceLatest(machinery, update, options, (live) => {
    if (live === undefined) throw notFound(call.kind, call.info.name);
    const spec = member(live.object, "spec");
    if (live.object.metadata.deletionTimestamp !== undefined) {
      throw conflict(
        call.kind,
        call.info.name,
        `pod ${call.info.name} is being deleted, cannot be assigned to a host`,
      );
    }
    if (text(spec, "nodeName") !== "") {
      throw conflict(
        call.kind,
        call.info.name,
        `pod ${call.info.name} is already assigned to node "${text(spec, "nodeName")}"`,
      );
    }
    const status = member(live.object, "status");
    const scheduled = {
      type: "PodScheduled",
      status: "True",
      lastProbeTime: null,
      lastTransitionTime: formatTime(machinery.clock.now()),
    };
    const others = (Array.isArray(status["conditions"]) ? status["conditions"] : []).filter(
      (condition) => text(condition, "type") !== scheduled.type,
    );
    return {
      ...live.object,
      spec: { ...spec, nodeName: node },
      status: { ...status, conditions: [...others, scheduled] },
    };
  });
  return created();
}

/** POST to `pods/<name>/eviction`: a deletion that disruption budgets may refuse (429). */
export async function evictPod(machinery: Machinery, call: Call): Promise<Answer> {
  const { value } = parseObjectBody(call.body, call.protobuf, false);
  checkEviction(value);
  call.received?.({ kind: "Eviction", apiVersion: "policy/v1", metadata: {}, ...member({ value }, "value") });
  const pod = livePod(machinery, call);
  const named = text(member(value, "metadata"), "name");
  if (named !== "" && named !== call.info.name) {
    throw badRequest("name in URL does not match name in Eviction object");
  }
  const given = member(value, "deleteOptions");
  const writeOptions = readWriteOptions(call.query, "CreateOptions");
  const grace = given["gracePeriodSeconds"];
  const preconditions = member(given, "preconditions");
  if (!isFinished(pod)) await takeDisruption(machinery, call, pod);
  await deleteObject(machinery, call, call.info.namespace, call.info.name, {
    dryRun: writeOptions.dryRun || Array.isArray(given["dryRun"]),
    gracePeriodSeconds: typeof grace === "number" ? grace : undefined,
    propagation: undefined,
    uid: text(preconditions, "uid") || undefined,
    resourceVersion: text(preconditions, "resourceVersion") || undefined,
    orphanDependents: undefined,
  });
  return created();
}

/** Evictions of both versions are the same; bodies of other kinds are none. */
function checkEviction(body: unknown): void {
  const given = { ...(body as Record<string, unknown>) };
  const kind = text(given, "kind") || "Eviction";
  const apiVersion = text(given, "apiVersion") || "policy/v1";
  if (kind === "Eviction" && /^policy\/v1(?:beta1)?$/.test(apiVersion)) return;
  const version = apiVersion.split("/").at(-1);
  throw badRequest(
    `${kind} in version "${version}" cannot be handled as a Eviction: ` +
      `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`,
  );
}

function isFinished(pod: KubeObject): boolean {
  const phase = text(member(pod, "status"), "phase");
  return phase === "Succeeded" || phase === "Failed" || pod.metadata.deletionTimestamp !== undefined;
}

/** Counts the eviction against the pod's disruption budget. Throws 429 where that allows none. */
async function takeDisruption(machinery: Machinery, call: Call, pod: KubeObject): Promise<void> {
  const kind = machinery.registry.find("policy", "v1", "poddisruptionbudgets");
  if (kind === undefined) return;
  const budget = disruptionBudgetFor(machinery, kind, pod);
  if (budget === undefined) return;
  const status = member(budget, "status");
  const allowed = status["disruptionsAllowed"];
  if (typeof allowed !== "number" || allowed <= 0) {
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 10);
  }
  const { name, namespace } = budget.metadata;
  const counted: Call = {
    ...call,
    kind,
    info: {
      ...call.info,
      resource: kind.resource,
      group: kind.group,
      namespace,
      name,
      subresource: "status",
    },
  };
  await replaceLatest(machinery, counted, { dryRun: false }, (live) => {
    if (live === undefined) throw notFound(kind, name);
    const current = member(live.object, "status");
    const left = Number(current["disruptionsAllowed"] ?? 0);
    if (left <= 0)
      throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 10);
    return { ...live.object, status: { ...current, disruptionsAllowed: left - 1 } };
  });
}

function created(): Answer {
  return {
    type: "value",
    status: 201,
    value: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
  };
}
