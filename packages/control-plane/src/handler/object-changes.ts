import type { KubeObject } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import type { Machinery } from "./call.js";
import { keyRange } from "./object-storage.js";

/**
 * The states of one object from its newest on, as they are written; states that follow one another faster
 * than they are taken are left out but for the last. Ends when the object is gone (or another has its
 * name), and when `signal` aborts.
 */
export async function* objectChanges(
  { objects }: Pick<Machinery, "objects">,
  kind: ServedKind,
  object: KubeObject,
  signal: AbortSignal | undefined,
): AsyncGenerator<KubeObject> {
  const { namespace, name, uid } = object.metadata;
  const key = `${keyRange(kind, namespace).start}${name}`;
  let changed = true;
  let wake: () => void = () => undefined;
  const notify = () => {
    changed = true;
    wake();
  };
  const release = objects.store.subscribe((changes) => {
    if (changes.some((change) => change.key === key)) notify();
  });
  signal?.addEventListener("abort", notify);
  try {
    while (signal?.aborted !== true) {
      if (changed) {
        changed = false;
        const current = objects.get(kind, namespace, name)?.object;
        if (current === undefined || current.metadata.uid !== uid) return;
        yield current;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    release();
    signal?.removeEventListener("abort", notify);
  }
}
