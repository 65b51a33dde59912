import type { ServedKind } from "../registry/kind.js";
import { NotConverted } from "../registry/remote-conversion.js";
import type { Change } from "../store/store.js";
import type { Answer, Call, Machinery } from "./call.js";
import type { WatchAnswer } from "./handler.js";
import type { ObjectCodec } from "./object-codec.js";
import { keyRange, type StoredObject, servedVersion } from "./object-storage.js";

/** How often a request is worked on again because it met another object that was not converted yet. */
const ATTEMPTS = 16;
const COLLECTION_VERBS = new Set(["list", "watch", "deletecollection"]);

/**
 * Works on a request for a kind whose versions somebody else converts: what it reads is converted first,
 * and what it meets unconverted makes it start again after that was done.
 */
export async function withConversions(
  machinery: Machinery,
  call: Call,
  work: () => Answer | WatchAnswer | Promise<Answer | WatchAnswer>,
): Promise<Answer | WatchAnswer> {
  const { kind, info } = call;
  if (COLLECTION_VERBS.has(info.verb)) await prepareStored(machinery, kind, info.namespace);
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await work();
      await prepareAnswer(kind, answer);
      return answer;
    } catch (error) {
      if (!(error instanceof NotConverted) || attempt === ATTEMPTS) throw error;
      await kind.storage.remote?.prepare([error.object], error.apiVersion);
    }
  }
}

async function prepareStored(
  { objects }: Machinery,
  kind: ServedKind,
  namespace: string | undefined,
): Promise<void> {
  const stored = objects
    .range(keyRange(kind, namespace))
    .entries.map(({ value }) => objects.codec.decode(value));
  await kind.storage.remote?.prepare(stored, servedVersion(kind));
}

/** Sees that the objects of an answer can be shown: they are encoded after the request was worked on. */
async function prepareAnswer(kind: ServedKind, answer: Answer | WatchAnswer): Promise<void> {
  const shown: readonly unknown[] =
    answer.type === "object" ? [answer.object] : answer.type === "list" ? answer.list.items : [];
  const missing = shown.flatMap((each) => missingOf(each as Pick<StoredObject, "object">));
  if (missing.length === 0) return;
  await kind.storage.remote?.prepare(
    missing.map(({ object }) => object),
    servedVersion(kind),
  );
  for (const each of shown) missingOf(each as Pick<StoredObject, "object">);
}

function missingOf(stored: Pick<StoredObject, "object">): readonly NotConverted[] {
  try {
    void stored.object;
    return [];
  } catch (error) {
    if (error instanceof NotConverted) return [error];
    throw error;
  }
}

/** Converts what a change is about to the version that its watchers see. */
export async function prepareChanges(
  kind: ServedKind,
  changes: readonly Change[],
  codec: ObjectCodec,
): Promise<void> {
  const values = changes.flatMap(({ value, previous }) => [value, previous?.value]);
  const objects = values.filter((value) => value !== undefined).map((value) => codec.decode(value));
  await kind.storage.remote?.prepare(objects, servedVersion(kind));
}
