import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  compressRelease,
  decodeRelease,
  encodeChart,
  encodeRelease,
  ReleaseRecordError,
  releaseSecretName,
} from "./record.js";

const record = {
  name: "r",
  namespace: "n",
  version: 2,
  info: { status: "deployed" as const },
  manifest: "kind: <x>\n",
};

test("reads back what it wrote", () => {
  expect(decodeRelease(encodeRelease(record))).toEqual(record);
  expect(decodeRelease(Buffer.from(JSON.stringify(record)).toString("base64"))).toEqual(record);
  expect(releaseSecretName("r", 2)).toBe("sh.helm.release.v1.r.v2");
});

test("writes the same record whether its chart is encoded or not", async () => {
  const chart = { metadata: { name: "c", version: "1.0.0" }, templates: [{ name: "t", data: "e30=" }] };
  const text = (encoded: string) => gunzipSync(Buffer.from(encoded, "base64")).toString();
  const plain = text(encodeRelease({ ...record, chart }));
  expect(text(await compressRelease({ ...record, chart }))).toBe(plain);
  const encoded = encodeChart(chart);
  expect(text(await compressRelease({ ...record, chart: encoded }))).toBe(plain);
  expect(text(await compressRelease({ ...record, chart: encoded }))).toBe(plain);
});

test("refuses what is no record", () => {
  expect(() => decodeRelease("????")).toThrow(ReleaseRecordError);
  expect(() => decodeRelease(Buffer.from("{}").toString("base64"))).toThrow("not a release record");
});
