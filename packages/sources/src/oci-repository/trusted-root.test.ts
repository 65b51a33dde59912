import { expect, it } from "vitest";
import { PublicRoot } from "./trusted-root.js";

it("asks once a day, and once a minute while it fails", async () => {
  let now = 0;
  let answer: () => Promise<string> = () => Promise.reject(new Error("unreachable"));
  let asked = 0;
  const root = new PublicRoot({ now: () => now, after: () => () => undefined }, "unused", () => {
    asked++;
    return answer();
  });
  await expect(root.get()).rejects.toThrow("unreachable");
  await expect(root.get()).rejects.toThrow("unreachable");
  expect(asked).toBe(1);
  now = 61_000;
  answer = async () => "root";
  expect(await root.get()).toBe("root");
  now += 60 * 60_000;
  expect(await root.get()).toBe("root");
  expect(asked).toBe(2);
});
