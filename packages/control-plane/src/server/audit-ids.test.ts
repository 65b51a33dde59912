import { expect, test } from "vitest";
import { systemRandom } from "../testing/system-runtime.js";
import { AuditIds } from "./audit-ids.js";

test("every id is a random UUID of its own, and randomness is asked for seldom", () => {
  let asked = 0;
  const bytes = (length: number) => {
    asked++;
    return systemRandom.bytes(length);
  };
  const ids = new AuditIds({ float: systemRandom.float, bytes });
  const made = Array.from({ length: 1_000 }, () => ids.next());
  expect(new Set(made).size).toBe(1_000);
  for (const id of made) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  expect(asked).toBe(4);
});
