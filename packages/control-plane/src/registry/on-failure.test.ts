import { afterEach, expect, it, vi } from "vitest";
import { printFailure } from "./on-failure.js";

afterEach(() => {
  vi.restoreAllMocks();
});

it("prints where something failed and why, but none of what an error carries", () => {
  const printed = vi.spyOn(console, "error").mockReturnValue();
  const error = Object.assign(new TypeError("of no kind"), { object: { data: { password: "hunter2" } } });
  printFailure("quota", "default", error);
  expect(printed).toHaveBeenCalledOnce();
  const [line, ...more] = printed.mock.calls[0] ?? [];
  expect(line).toContain("control plane: quota: default: TypeError: of no kind");
  expect(line).not.toContain("hunter2");
  expect(more).toEqual([]);
});
