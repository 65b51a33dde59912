import type { KubeObject } from "@capstan/kube";
import type { Admission, AdmissionRequest } from "./ports.js";

/** Several admission parts as one: each mutates what the one before left, then each validates. */
export function admissionChain(parts: readonly Admission[]): Admission {
  return {
    mutate: (request) => mutateFrom(parts, 0, request),
    validate: (request) => validateFrom(parts, 0, request),
    settle: (request, stored) => {
      for (const part of parts) part.settle?.(request, stored);
    },
  };
}

/** Stays synchronous as long as every part is: most writes meet no part that has to wait. */
function mutateFrom(
  parts: readonly Admission[],
  from: number,
  request: AdmissionRequest,
): KubeObject | undefined | Promise<KubeObject | undefined> {
  let current = request;
  for (let i = from; i < parts.length; i++) {
    const result = parts[i]?.mutate(current);
    if (result instanceof Promise) {
      return result.then((object) => mutateFrom(parts, i + 1, { ...request, object }));
    }
    if (result !== current.object) current = { ...current, object: result };
  }
  return current.object;
}

function validateFrom(
  parts: readonly Admission[],
  from: number,
  request: AdmissionRequest,
): void | Promise<void> {
  for (let i = from; i < parts.length; i++) {
    const result = parts[i]?.validate(request);
    if (result instanceof Promise) return result.then(() => validateFrom(parts, i + 1, request));
  }
}
