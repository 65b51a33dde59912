import type { KubeObject } from "@capstan/kube";
import { forbidden } from "../handler/errors.js";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import type { AdmissionState } from "./admission-state.js";
import { textOf } from "./members.js";
import { isFor, specOf, withSpec } from "./pod-request.js";

const GROUP = "scheduling.k8s.io";
const BY_DEFAULT = "PreemptLowerPriority";

/** Gives pods the priority of their PriorityClass, and keeps it that only one class is the default. */
export class PriorityAdmission implements Admission {
  readonly #state: AdmissionState;

  constructor(state: AdmissionState) {
    this.#state = state;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    const { object, operation, oldObject } = request;
    if (!object || !isFor(request, "", "pods")) return object;
    if (operation === "CREATE") return this.#resolve(object, request);
    if (operation !== "UPDATE") return object;
    const [spec, old] = [specOf(object), specOf(oldObject)];
    const kept: Record<string, unknown> = {};
    for (const field of ["priority", "preemptionPolicy"]) {
      if ((spec[field] ?? undefined) === undefined && old[field] !== undefined) kept[field] = old[field];
    }
    return Object.keys(kept).length === 0 ? object : withSpec(object, { ...spec, ...kept });
  }

  validate(request: AdmissionRequest): void {
    const { object, oldObject, kind, name } = request;
    if (!object || !isFor(request, GROUP, "priorityclasses") || object["globalDefault"] !== true) return;
    if (oldObject?.["globalDefault"] === true) return;
    const other = this.#default();
    if (!other || other.metadata.name === object.metadata.name) return;
    throw forbidden(
      kind,
      name,
      `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
    );
  }

  #resolve(pod: KubeObject, { kind, name }: AdmissionRequest): KubeObject {
    const spec = specOf(pod);
    const asked = textOf(spec["priorityClassName"]);
    const found =
      asked === "" ? this.#default() : this.#state.get(GROUP, "priorityclasses", undefined, asked);
    if (asked !== "" && !found) throw forbidden(kind, name, `no PriorityClass with name ${asked} was found`);
    const priority = typeof found?.["value"] === "number" ? found["value"] : 0;
    const preemptionPolicy = textOf(found?.["preemptionPolicy"]) || BY_DEFAULT;
    const origin = "priority admission controller computed";
    if (typeof spec["priority"] === "number" && spec["priority"] !== priority) {
      const why = `the integer value of priority (${spec["priority"]}) must not be provided in pod spec; ${origin} ${priority} from the given PriorityClass name`;
      throw forbidden(kind, name, why);
    }
    const given = textOf(spec["preemptionPolicy"]);
    if (given !== "" && given !== preemptionPolicy) {
      const why = `the string value of PreemptionPolicy (${given}) must not be provided in pod spec; ${origin} ${preemptionPolicy} from the given PriorityClass name`;
      throw forbidden(kind, name, why);
    }
    const priorityClassName = found ? { priorityClassName: found.metadata.name } : {};
    return withSpec(pod, { ...spec, ...priorityClassName, priority, preemptionPolicy });
  }

  /** The default class; the lowest one where there are several. */
  #default(): KubeObject | undefined {
    const defaults = this.#state
      .list(GROUP, "priorityclasses")
      .filter((object) => object["globalDefault"] === true);
    return defaults.sort((a, b) => Number(a["value"] ?? 0) - Number(b["value"] ?? 0))[0];
  }
}
