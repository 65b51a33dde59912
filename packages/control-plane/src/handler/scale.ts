import {
  formatLabelSelector,
  type KubeObject,
  type LabelSelectorObject,
  labelSelectorFromObject,
} from "@capstan/kube";
import type { ScaleDefinition } from "../registry/kind.js";
import type { Answer, Call, Machinery } from "./call.js";
import { badRequest, invalid, notFound, unsupportedMediaType } from "./errors.js";
import { assertRequestName } from "./object-name.js";
import { APPLY_PATCH, applyBody, patchTypes } from "./patch.js";
import { parseJson, parseObjectBody, parseYamlBody } from "./request-body.js";
import { fieldUpdate, replaceLatest } from "./update.js";
import { readWriteOptions, type WriteOptions } from "./write-options.js";

/** GET of `<object>/scale`: the autoscaling/v1 view of replicas and selector. */
export function readScale(machinery: Machinery, call: Call): Answer {
  const { kind, info } = call;
  const stored = machinery.objects.get(kind, info.namespace, info.name);
  if (stored === undefined) throw notFound(kind, info.name);
  return { type: "value", status: 200, value: scaleOf(stored.object, definition(call)) };
}

/** PUT of `<object>/scale`. */
export async function updateScale(machinery: Machinery, call: Call): Promise<Answer> {
  const options = readWriteOptions(call.query, "UpdateOptions");
  const { value } = parseObjectBody(call.body, call.protobuf, false);
  const scale = asScale(value);
  assertRequestName(call, scale);
  return writeScale(machinery, call, options, () => scale);
}

/** PATCH of `<object>/scale`. */
export async function patchScale(machinery: Machinery, call: Call): Promise<Answer> {
  const accepted = patchTypes(call.kind.strategicMergePatch !== false);
  if (!accepted.includes(call.body.contentType)) throw unsupportedMediaType(accepted);
  const options = readWriteOptions(call.query, "PatchOptions");
  const isApply = call.body.contentType === APPLY_PATCH;
  const { value } = isApply ? parseYamlBody(call.body) : parseJson(call.body, false);
  return writeScale(machinery, call, options, (live) =>
    asScale(isApply ? { ...live, ...asScale(value), metadata: live.metadata } : applyBody(call, live, value)),
  );
}

async function writeScale(
  machinery: Machinery,
  call: Call,
  options: WriteOptions,
  next: (live: KubeObject) => KubeObject,
): Promise<Answer> {
  const paths = definition(call);
  const context = fieldUpdate(machinery, call, options);
  const answer = await replaceLatest(machinery, call, options, (live) => {
    if (live === undefined) throw notFound(call.kind, call.info.name);
    const scale = next(scaleOf(live.object, paths));
    const { resourceVersion } = scale.metadata;
    const scaled = withReplicas(live.object, paths.specReplicasPath, replicasOf(call, scale));
    const versioned = {
      ...scaled,
      metadata: { ...scaled.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    };
    return machinery.fieldManager.update(live.object, versioned, context);
  });
  if (answer.type !== "object") return answer;
  const object = "entry" in answer.object ? (answer.object.object as KubeObject) : answer.object;
  return { type: "value", status: 200, value: scaleOf(object, paths) };
}

function definition(call: Call): ScaleDefinition {
  if (call.kind.scale === undefined) throw notFound(call.kind, call.info.name);
  return call.kind.scale;
}

function asScale(value: unknown): KubeObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest("the object provided is unrecognized (must be of type Scale)");
  }
  const scale = value as Record<string, unknown>;
  const kind = scale["kind"];
  if (kind !== undefined && kind !== "Scale") {
    throw badRequest(`the object provided is unrecognized (must be of type Scale): got ${String(kind)}`);
  }
  return {
    ...scale,
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: (scale["metadata"] ?? {}) as KubeObject["metadata"],
  };
}

function replicasOf(call: Call, scale: KubeObject): number {
  const replicas = (scale["spec"] as { replicas?: unknown } | undefined)?.replicas ?? 0;
  if (typeof replicas === "number" && Number.isInteger(replicas) && replicas >= 0) return replicas;
  throw invalid({ group: "autoscaling", kind: "Scale" }, call.info.name, [
    {
      type: "Invalid value",
      field: "spec.replicas",
      value: replicas,
      detail: "must be greater than or equal to 0",
    },
  ]);
}

function scaleOf(object: KubeObject, paths: ScaleDefinition): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector =
    paths.labelSelectorPath === undefined
      ? undefined
      : selectorText(readPath(object, paths.labelSelectorPath));
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: readPath(object, paths.specReplicasPath) ?? 0 },
    status: {
      replicas: readPath(object, paths.statusReplicasPath) ?? 0,
      ...(selector === undefined || selector === "" ? {} : { selector }),
    },
  };
}

/** Selectors are stored as text (custom resources), as a LabelSelector, or as a plain map of labels. */
function selectorText(selector: unknown): string | undefined {
  if (typeof selector === "string") return selector;
  if (typeof selector !== "object" || selector === null) return undefined;
  const isSelector = "matchLabels" in selector || "matchExpressions" in selector;
  return formatLabelSelector(
    labelSelectorFromObject((isSelector ? selector : { matchLabels: selector }) as LabelSelectorObject),
  );
}

function readPath(object: KubeObject, path: string): unknown {
  let value: unknown = object;
  for (const segment of segmentsOf(path)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Record<string, unknown>)[segment];
  }
  return value;
}

function withReplicas(object: KubeObject, path: string, replicas: number): KubeObject {
  return setPath(object, segmentsOf(path), replicas) as KubeObject;
}

function setPath(value: unknown, segments: readonly string[], leaf: unknown): unknown {
  const [head, ...rest] = segments;
  if (head === undefined) return leaf;
  const object = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  return { ...object, [head]: setPath(object[head], rest, leaf) };
}

function segmentsOf(path: string): readonly string[] {
  return path.split(".").filter((segment) => segment !== "");
}
