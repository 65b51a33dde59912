import {
  ApiError,
  formatLabelSelector,
  type KubeObject,
  type LabelSelectorObject,
  labelSelectorFromObject,
  type Status,
} from "@capstan/kube";
import { genericKind } from "../registry/generic-kind.js";
import type { ScaleDefinition } from "../registry/kind.js";
import type { Answer, Call, Machinery } from "./call.js";
import { badRequest, invalid, notFound, unsupportedMediaType } from "./errors.js";
import { assertRequestName } from "./object-name.js";
import { servedVersion } from "./object-storage.js";
import { APPLY_PATCH, applyBody, assertManager, patchTypes } from "./patch.js";
import { parseJson, parseObjectBody, parseYamlBody } from "./request-body.js";
import { fieldUpdate, replaceLatest } from "./update.js";
import { decodeObject } from "./write-body.js";
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
  const scale = known(machinery, call, asScale(value), options);
  assertRequestName(call, scale);
  return writeScale(machinery, call, options, () => scale);
}

/** PATCH of `<object>/scale`. */
export async function patchScale(machinery: Machinery, call: Call): Promise<Answer> {
  const accepted = patchTypes(call.kind.strategicMergePatch !== false);
  if (!accepted.includes(call.body.contentType)) throw unsupportedMediaType(accepted);
  const options = readWriteOptions(call.query, "PatchOptions");
  if (call.body.contentType === APPLY_PATCH) return applyScale(machinery, call, options);
  const { value } = parseJson(call.body, false);
  call.received?.(value);
  return writeScale(machinery, call, options, (live) =>
    known(machinery, call, asScale(applyBody(call, live, value)), options),
  );
}

/** Applies the replicas alone, as their owner: another's are a conflict unless it is forced. */
async function applyScale(machinery: Machinery, call: Call, options: WriteOptions): Promise<Answer> {
  assertManager(options);
  const paths = definition(call);
  const { value } = parseYamlBody(call.body);
  call.received?.(value);
  const scale = known(machinery, call, asScale(value), options);
  const { kind, info } = call;
  const bare = {
    apiVersion: servedVersion(kind),
    kind: kind.kind,
    metadata: {
      name: info.name,
      ...(info.namespace === undefined ? {} : { namespace: info.namespace }),
    },
  };
  const context = { ...fieldUpdate(machinery, call, options), force: options.force ?? false };
  const answer = await replaceLatest(machinery, call, options, (live) => {
    if (live === undefined) throw notFound(kind, info.name);
    const applied = withReplicas(bare, paths.specReplicasPath, replicasOf(call, scale));
    try {
      return machinery.fieldManager.apply(live.object, applied, context);
    } catch (error) {
      throw ApiError.is(error, "Conflict") ? asScaleConflict(error, servedVersion(kind)) : error;
    }
  });
  return asScaleAnswer(answer, paths);
}

/** Managers of a scale are told by the version of the scale. */
function asScaleConflict({ status }: ApiError, apiVersion: string): ApiError {
  const text = JSON.stringify(status).replaceAll(`using ${apiVersion}`, "using autoscaling/v1");
  return new ApiError(JSON.parse(text) as Status);
}

/** A scale as Kubernetes' type has it; what it does not know is told as with any object. */
function known(machinery: Machinery, call: Call, scale: KubeObject, options: WriteOptions): KubeObject {
  return decodeObject(machinery, { ...call, kind: SCALE }, scale, [], options.fieldValidation);
}

/** Served as a subresource only, so no list of kinds names it. */
const SCALE = genericKind({
  group: "autoscaling",
  version: "v1",
  kind: "Scale",
  resource: "scales",
  namespaced: true,
  extra: { protobufMessage: "autoscaling.v1.Scale" },
});

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
  return asScaleAnswer(answer, paths);
}

function asScaleAnswer(answer: Answer, paths: ScaleDefinition): Answer {
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
    throw badRequest(
      `${String(kind)} in version "v1" cannot be handled as a Scale: ` +
        `no kind "${String(kind)}" is registered for version "autoscaling/v1" in scheme "pkg/runtime/scheme.go:111"`,
    );
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
