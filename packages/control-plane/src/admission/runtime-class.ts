import { deepEqual, type KubeObject } from "@capstan/kube";
import { forbidden } from "../handler/errors.js";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import type { AdmissionState } from "./admission-state.js";
import { listOf, type Members, membersOf, textOf } from "./members.js";
import { isFor, specOf, withSpec } from "./pod-request.js";

/** Gives pods the overhead of their RuntimeClass and where it schedules them; refuses classes that are not there. */
export class RuntimeClassAdmission implements Admission {
  readonly #state: AdmissionState;

  constructor(state: AdmissionState) {
    this.#state = state;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    const { object, operation } = request;
    if (!object || operation !== "CREATE" || !isFor(request, "", "pods")) return object;
    const runtime = this.#classOf(request, object);
    if (runtime === undefined) return object;
    const spec = specOf(object);
    return withSpec(object, withScheduling(withOverhead(spec, runtime, request), runtime, request));
  }

  validate(request: AdmissionRequest): void {
    const { object, operation } = request;
    if (!object || operation !== "CREATE" || !isFor(request, "", "pods")) return;
    const runtime = this.#classOf(request, object);
    const overhead = overheadOf(runtime);
    const given = specOf(object)["overhead"];
    if (Object.keys(membersOf(given)).length === 0) return;
    if (overhead === undefined) {
      throw rejected(request, "Pod Overhead set without corresponding RuntimeClass defined Overhead");
    }
    assertSame(request, given, overhead);
  }

  #classOf(request: AdmissionRequest, pod: KubeObject): KubeObject | undefined {
    const name = textOf(specOf(pod)["runtimeClassName"]);
    if (name === "") return undefined;
    const found = this.#state.get("node.k8s.io", "runtimeclasses", undefined, name);
    if (found === undefined) throw rejected(request, `RuntimeClass "${name}" not found`);
    return found;
  }
}

function overheadOf(runtime: KubeObject | undefined): Members | undefined {
  const fixed = membersOf(membersOf(runtime?.["overhead"])["podFixed"]);
  return Object.keys(fixed).length === 0 ? undefined : fixed;
}

function withOverhead(spec: Members, runtime: KubeObject, request: AdmissionRequest): Members {
  const overhead = overheadOf(runtime);
  if (overhead === undefined) return spec;
  if (spec["overhead"] !== undefined) assertSame(request, spec["overhead"], overhead);
  return { ...spec, overhead };
}

function assertSame(request: AdmissionRequest, given: unknown, overhead: Members): void {
  if (deepEqual(given, overhead)) return;
  throw rejected(request, "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
}

function withScheduling(spec: Members, runtime: KubeObject, request: AdmissionRequest): Members {
  const scheduling = membersOf(runtime["scheduling"]);
  const wanted = membersOf(scheduling["nodeSelector"]);
  const own = membersOf(spec["nodeSelector"]);
  for (const [key, value] of Object.entries(wanted)) {
    if (own[key] === undefined || own[key] === value) continue;
    throw forbidden(
      request.kind,
      request.name,
      `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${String(value)}; ` +
        `pod.spec.nodeSelector[${key}] = ${String(own[key])}`,
    );
  }
  const present = listOf(spec["tolerations"]);
  const added = listOf(scheduling["tolerations"]).filter(
    (each) => !present.some((other) => deepEqual(each, other)),
  );
  return {
    ...spec,
    ...(Object.keys(wanted).length === 0 ? {} : { nodeSelector: { ...own, ...wanted } }),
    ...(added.length === 0 ? {} : { tolerations: [...present, ...added] }),
  };
}

function rejected({ kind, name }: AdmissionRequest, why: string): Error {
  return forbidden(kind, name, `pod rejected: ${why}`);
}
