import type { KubeObject } from "@capstan/kube";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import { listOf } from "./members.js";
import { isFor, specOf, withSpec } from "./pod-request.js";

const KEYS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const SECONDS = 300;

/** Lets pods stay five minutes on nodes that are not ready or not reachable, unless they say otherwise. */
export const defaultTolerations: Admission = {
  mutate: (request: AdmissionRequest): KubeObject | undefined => {
    const { object, operation } = request;
    if (!object || (operation !== "CREATE" && operation !== "UPDATE") || !isFor(request, "", "pods"))
      return object;
    const spec = specOf(object);
    const present = listOf(spec["tolerations"]);
    const tolerates = (key: string): boolean =>
      present.some((toleration) => {
        const { key: given = "", effect = "" } = toleration;
        return (given === key || given === "") && (effect === "NoExecute" || effect === "");
      });
    const added = KEYS.filter((key) => !tolerates(key)).map((key) => ({
      key,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: SECONDS,
    }));
    return added.length === 0 ? object : withSpec(object, { ...spec, tolerations: [...present, ...added] });
  },
  validate: () => undefined,
};
