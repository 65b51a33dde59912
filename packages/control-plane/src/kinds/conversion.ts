import type { KubeObject } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import { autoscalerFromV2, autoscalerToV2 } from "./autoscaler-conversion.js";
import { eventFromCore, eventToCore } from "./event-conversion.js";

/** How a served version is turned into the stored one and back; `undefined` where they are the same. */
export function conversionOf(
  group: string,
  version: string,
  resource: string,
): ServedKind["storage"]["convert"] {
  if (group === "events.k8s.io" && resource === "events") {
    return { toStorage: eventToCore, fromStorage: eventFromCore };
  }
  if (group === "autoscaling" && version === "v1") {
    return { toStorage: autoscalerToV2, fromStorage: autoscalerFromV2 };
  }
  if (resource.startsWith("mutatingadmissionpolic") && version === "v1") {
    return { toStorage: inVersion(`${group}/v1beta1`), fromStorage: inVersion(`${group}/v1`) };
  }
  return undefined;
}

/** For versions that differ in nothing but their name. */
function inVersion(apiVersion: string): (object: KubeObject) => KubeObject {
  return (object) => ({ ...object, apiVersion });
}
