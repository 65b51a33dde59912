import { type Json, MERGE_PATCH, STRATEGIC_PATCH } from "../api.js";
import { answers, type Check, check, eventually, holds, like, same } from "../check.js";
import { collection, samples } from "../samples.js";

/** Kinds whose life the checks cannot end at once: others hold them, or they are ended in steps. */
const LINGERS = new Set([
  "namespaces",
  "servicecidrs",
  "persistentvolumes",
  "persistentvolumeclaims",
  "volumeattributesclasses",
]);

const life = samples("NAME").map(({ groupVersion, resource }, index) =>
  check(
    `${groupVersion} ${resource}: created, read, listed, watched, applied, patched, replaced, deleted`,
    "reference/using-api/api-concepts: API verbs",
    async (trial) => {
      const { api, name, ns } = trial;
      const sample = samples(name)[index];
      if (sample === undefined) throw new Error("no such sample");
      const at = collection(sample, ns);
      const text = JSON.stringify(sample.object).replaceAll('"NS"', `"${ns}"`);
      const object: Json = JSON.parse(text);
      const created = answers(await api.post(at, object), 201);
      const path = `${at}/${created.metadata.name}`;
      trial.after(() => api.delete(`${path}?gracePeriodSeconds=0`));
      like(created, {
        apiVersion: groupVersion,
        kind: object.kind,
        metadata: { uid: /^[0-9a-f-]{36}$/, resourceVersion: /^\d+$/, creationTimestamp: /Z$/ },
      });
      const read = answers(await api.get(path));
      same(read.metadata.uid, created.metadata.uid, "the uid read");
      const selector = `labelSelector=life%3D${name}`;
      const watch = await api.watch(
        `${at}?watch=true&${selector}&resourceVersion=${created.metadata.resourceVersion}`,
      );
      trial.after(() => watch.close());
      const applied = await api.apply(
        path,
        "applier",
        { ...object, metadata: { name: created.metadata.name, labels: { life: name } } },
        "&force=true",
      );
      like(answers(applied), { metadata: { labels: { life: name } } });
      const again = answers(
        await api.apply(path, "applier", {
          ...object,
          metadata: { name: created.metadata.name, labels: { life: name } },
        }),
      );
      same(
        again.metadata.resourceVersion,
        (await latest(api, path, again)).metadata.resourceVersion,
        "the version after an apply that changes nothing",
      );
      like(answers(await api.patch(path, MERGE_PATCH, { metadata: { annotations: { a: "b" } } })), {
        metadata: { annotations: { a: "b" } },
      });
      like(
        answers(await api.patch(path, STRATEGIC_PATCH, { metadata: { annotations: { a: null, c: "d" } } })),
        { metadata: { annotations: { a: undefined, c: "d" } } },
      );
      await eventually(async () => {
        const live = answers(await api.get(path));
        answers(await api.put(path, { ...live, metadata: { ...live.metadata, annotations: { put: "1" } } }));
      }, 3_000);
      const list = answers(await api.get(`${at}?${selector}`));
      like(list, {
        kind: `${object.kind}List`,
        apiVersion: groupVersion,
        items: [{ metadata: { uid: created.metadata.uid } }],
      });
      same(list.items[0].kind, undefined, "the kind of a list's item");
      await watch.find(({ object: { metadata } }) => metadata.annotations?.put === "1");
      const deleted = await api.delete(`${path}?gracePeriodSeconds=0&propagationPolicy=Background`);
      holds(
        deleted.code === 200 || deleted.code === 202,
        `deleting answers 200, not ${deleted.code} ${deleted.text.slice(0, 200)}`,
      );
      if (LINGERS.has(resource)) return;
      await watch.find(({ type }) => type === "DELETED");
      same((await api.get(path)).code, 404, "the code after deletion");
    },
  ),
);

/** The object as it is now, where a controller may have written it since. */
async function latest(
  api: { get(path: string): Promise<{ json: Json }> },
  path: string,
  seen: Json,
): Promise<Json> {
  const { json } = await api.get(path);
  const managers = (object: Json) =>
    JSON.stringify(object.metadata.managedFields?.map(({ time: _time, ...rest }: Json) => rest));
  return managers(json) === managers(seen) ? json : seen;
}

export const kinds: readonly Check[] = life;
