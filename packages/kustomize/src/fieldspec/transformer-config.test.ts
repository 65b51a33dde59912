import { expect, it } from "vitest";
import { DEFAULT_CONFIG } from "./defaults.js";
import { EMPTY_CONFIG, mergeConfig } from "./transformer-config.js";

it("knows the defaults as merging them would give them", () => {
  const merged = mergeConfig(EMPTY_CONFIG, { ...DEFAULT_CONFIG });
  expect(mergeConfig(EMPTY_CONFIG, DEFAULT_CONFIG)).toEqual(merged);
  expect(mergeConfig(mergeConfig(EMPTY_CONFIG, DEFAULT_CONFIG), DEFAULT_CONFIG)).toEqual(merged);
});
