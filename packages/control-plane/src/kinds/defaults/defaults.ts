import type { KubeObject } from "@capstan/kube";

/** Fills in what the real server fills in; `undefined` for kinds without defaults. */
export function defaultsOf(_message: string): ((object: KubeObject) => KubeObject) | undefined {
  return undefined;
}
