import { expect, test } from "vitest";
import { decodeRelease, encodeRelease, ReleaseRecordError, releaseSecretName } from "./record.js";

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

test("refuses what is no record", () => {
  expect(() => decodeRelease("????")).toThrow(ReleaseRecordError);
  expect(() => decodeRelease(Buffer.from("{}").toString("base64"))).toThrow("not a release record");
});
