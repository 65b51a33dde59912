import { type Json, PROTOBUF } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same } from "../check.js";
import { define } from "../definitions.js";
import { collection, configMap, samples } from "../samples.js";
import { succeeded } from "../tools.js";

const ENCODING = "reference/using-api/api-concepts: Kubernetes Protobuf encoding";
const asProtobuf = { headers: { accept: PROTOBUF } };
const sent = { headers: { "content-type": PROTOBUF } };
const isEnveloped = (bytes: Buffer) => bytes.subarray(0, 4).toString("latin1") === "k8s\0";

const kinds = samples("NAME").flatMap(({ groupVersion, resource }, index) => [
  check(`${groupVersion} ${resource} goes there and back in protobuf unchanged`, ENCODING, async (trial) => {
    const { api, ns, name } = trial;
    const sample = samples(name)[index];
    if (sample === undefined) throw new Error("no such sample");
    const at = collection(sample, ns);
    const object: Json = JSON.parse(JSON.stringify(sample.object).replaceAll('"NS"', `"${ns}"`));
    const { metadata } = answers(await api.post(at, object), 201);
    const path = `${at}/${metadata.name}`;
    trial.after(() => api.delete(`${path}?gracePeriodSeconds=0`));
    // Controllers of the API's own write some kinds right after they are made.
    await eventually(async () => {
      const read = await api.get(path, asProtobuf);
      same(
        [read.code, read.headers["content-type"], isEnveloped(read.bytes)],
        [200, PROTOBUF, true],
        "the answer",
      );
      const live = answers(await api.get(path));
      const put = answers(await api.put(`${path}?dryRun=All`, new Uint8Array(read.bytes), sent));
      same(withoutTracking(put), withoutTracking(live), "the object after it");
    }, 2_000);
    const listed = await api.get(`${at}?limit=2`, asProtobuf);
    same([listed.code, isEnveloped(listed.bytes)], [200, true], "the list");
  }),
]);

const rules: readonly Check[] = [
  check("objects are created from protobuf, and answered in it", ENCODING, async ({ api, path, name }) => {
    const answer = await api.post(path("configmaps"), message(configMapMessage(name, { k: "v" })), {
      headers: { "content-type": PROTOBUF, accept: `${PROTOBUF},application/json` },
    });
    same(
      [answer.code, answer.headers["content-type"], isEnveloped(answer.bytes)],
      [201, PROTOBUF, true],
      "the answer",
    );
    like(answers(await api.get(`${path("configmaps")}/${name}`)), { data: { k: "v" } });
  }),
  check(
    "without the prefix a body is refused",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path }) => {
      const answer = await api.post(path("configmaps"), new Uint8Array([1, 2, 3, 4, 5]), sent);
      refuses(
        answer,
        400,
        "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
      );
    },
  ),
  check("a cut body is refused with 400", ENCODING, async ({ api, path, name }) => {
    const whole = message(configMapMessage(name, { k: "v" }));
    same(
      (await api.post(path("configmaps"), whole.subarray(0, whole.length - 9), sent)).code,
      400,
      "the code",
    );
  }),
  check("a watch in protobuf is framed by lengths", ENCODING, async ({ api, path, name }) => {
    await api.post(path("configmaps"), configMap(name));
    const answer = await api.get(
      `${path("configmaps")}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3D${name}`,
      { headers: { accept: `${PROTOBUF};stream=watch` } },
    );
    same(answer.headers["content-type"], `${PROTOBUF};stream=watch`, "the type");
    const length = answer.bytes.readUInt32BE(0);
    const frame = answer.bytes.subarray(4, 4 + length);
    same(
      [frame.length, frame[0], frame.subarray(2, 7).toString()],
      [length, 0x0a, "ADDED"],
      "the first frame",
    );
    holds(frame.includes(Buffer.from("k8s\0")), "the object is in its envelope");
  }),
  check("errors are Statuses in protobuf", ENCODING, async ({ api, path }) => {
    const answer = await api.get(`${path("configmaps")}/none`, asProtobuf);
    same(
      [answer.code, isEnveloped(answer.bytes), answer.bytes.includes("NotFound")],
      [404, true, true],
      "the answer",
    );
  }),
  check(
    "custom resources are not to be had in protobuf",
    "observed on a kube-apiserver 1.35: requests",
    async (trial) => {
      const { collection: at } = await define(trial);
      refuses(await trial.api.get(at(), { headers: { accept: PROTOBUF } }), 406);
      answers(await trial.api.get(at(), { headers: { accept: `${PROTOBUF},application/json` } }));
    },
  ),
  check(
    "metadata of custom resources comes in protobuf",
    "observed on a kube-apiserver 1.35: requests",
    async (trial) => {
      const { collection: at, object } = await define(trial);
      await trial.api.post(at(), object(trial.name));
      const answer = await trial.api.get(`${at()}/${trial.name}`, {
        headers: { accept: `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1` },
      });
      same(
        [answer.code, isEnveloped(answer.bytes), answer.bytes.includes("PartialObjectMetadata")],
        [200, true, true],
        "the answer",
      );
      const list = await trial.api.get(at(), {
        headers: { accept: `${PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1` },
      });
      same([list.code, list.bytes.includes(trial.name)], [200, true], "the list");
    },
  ),
  check(
    "a Table is not to be had in protobuf",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path }) => {
      refuses(
        await api.get(path("configmaps"), { headers: { accept: `${PROTOBUF};as=Table;g=meta.k8s.io;v=v1` } }),
        406,
      );
    },
  ),
  check(
    "delete options may come in protobuf",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      await api.post(path("configmaps"), configMap(name));
      const options = message(Buffer.concat([text(4, "Background")]), "v1", "DeleteOptions");
      answers(await api.delete(`${path("configmaps")}/${name}`, options, sent));
    },
  ),
  check(
    "kubectl create configmap, secret and token speak it",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name, ns, tools }) => {
      succeeded(await tools.kubectl(["create", "configmap", name, "--from-literal=a=b", "-n", ns]));
      succeeded(await tools.kubectl(["create", "secret", "generic", name, "--from-literal=a=b", "-n", ns]));
      like(answers(await api.get(`${path("secrets")}/${name}`)), { data: { a: "Yg==" }, type: "Opaque" });
    },
  ),
];

/** What stays the same when somebody else writes an object back. */
function withoutTracking({ metadata, ...rest }: Json): Json {
  const { managedFields: _managers, resourceVersion: _version, ...kept } = metadata;
  return { ...rest, metadata: kept, status: undefined };
}

/** The envelope of `runtime.Unknown` around a message. */
function message(raw: Uint8Array, apiVersion = "v1", kind = "ConfigMap"): Buffer {
  const type = Buffer.concat([text(1, apiVersion), text(2, kind)]);
  return Buffer.concat([
    Buffer.from("k8s\0", "latin1"),
    field(1, type),
    field(2, raw),
    text(3, ""),
    text(4, ""),
  ]);
}

/** `ConfigMap{1: ObjectMeta{1: name}, 2: map of data}`. */
function configMapMessage(name: string, data: Record<string, string>): Buffer {
  const entries = Object.entries(data).map(([key, value]) =>
    field(2, Buffer.concat([text(1, key), text(2, value)])),
  );
  return Buffer.concat([field(1, text(1, name)), ...entries]);
}

function text(number: number, value: string): Buffer {
  return field(number, Buffer.from(value));
}

function field(number: number, bytes: Uint8Array): Buffer {
  if (bytes.length > 16_383) throw new Error("longer than the checks need");
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}

export const protobuf: readonly Check[] = [...kinds, ...rules];
