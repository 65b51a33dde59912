import { expect, test } from "vitest";
import { run } from "./testing/suites.js";

test("passes every suite of the CEL specification that needs no protobuf messages", async () => {
  const report = await run();
  expect(report.failures).toEqual([]);
  expect(report.total).toBeGreaterThan(2000);
  expect(report.excluded.length).toBeLessThan(760);
});
