import { expect, test } from "vitest";
import { valuesDigest } from "./digests.js";

test("is the digest that Flux has of the same values", () => {
  expect(valuesDigest({})).toBe("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const ports = [
    { protocol: "TCP", port: 8080 },
    { port: 9090, protocol: "UDP" },
  ];
  expect(valuesDigest({ replicas: 3, image: { tag: "latest", repository: "nginx" }, ports })).toBe(
    "sha256:fcdc2b0de1581a3633ada4afee3f918f6eaa5b5ab38c3fef03d5b48d3f85d9f6",
  );
});

test("orders keys by their bytes, not by the numbers in them", () => {
  const values = {
    replicas: 3,
    test: {
      "632bd80235a05f4192aefade": "value1",
      "632bd80ddf416cf32fd50679": "value2",
      "632bd817c559818a52307da2": "value3",
      "632bd82398e71231a98004b6": "value4",
    },
  };
  expect(valuesDigest(values)).toBe(
    "sha256:8a980fcbeadd6f05818f07e8aec14070c22250ca3d96af1fcd5f93b3e85b4d70",
  );
});
