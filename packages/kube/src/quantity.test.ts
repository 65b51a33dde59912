import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addQuantity,
  compareQuantity,
  formatQuantity,
  parseQuantity,
  QuantityError,
  quantityMilli,
  quantityValue,
  subtractQuantity,
} from "./quantity.js";

describe("canonical form", () => {
  it.each([
    ["0", "0"],
    ["1500m", "1500m"],
    ["1000m", "1"],
    ["0.5", "500m"],
    [".5", "500m"],
    ["1.", "1"],
    ["1.5Gi", "1536Mi"],
    ["1024Ki", "1Mi"],
    ["1000Ki", "1000Ki"],
    ["1.1Gi", "1181116006400m"],
    ["512", "512"],
    ["1e3", "1e3"],
    ["1E6", "1e6"],
    ["12e1", "120"],
    ["1000", "1k"],
    ["1000000k", "1G"],
    ["0.1n", "1n"],
    ["-1.5", "-1500m"],
    ["+3M", "3M"],
    ["100E", "9223372036854775807"],
  ])("%s becomes %s", (text, canonical) => {
    expect(formatQuantity(parseQuantity(text))).toBe(canonical);
  });

  it("is stable and keeps the amount", () => {
    const suffix = fc.constantFrom("n", "u", "m", "", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "e-3");
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(999), suffix, (whole, part, unit) => {
        const quantity = parseQuantity(`${whole}.${part}${unit}`);
        const again = parseQuantity(formatQuantity(quantity));
        expect(compareQuantity(quantity, again)).toBe(0);
        expect(formatQuantity(again)).toBe(formatQuantity(quantity));
      }),
    );
  });
});

it("adds, subtracts and compares exactly", () => {
  const sum = addQuantity(parseQuantity("0.1"), parseQuantity("0.2"));
  expect(compareQuantity(sum, parseQuantity("300m"))).toBe(0);
  expect(formatQuantity(addQuantity(parseQuantity("0"), parseQuantity("1Gi")))).toBe("1Gi");
  expect(formatQuantity(subtractQuantity(parseQuantity("1Gi"), parseQuantity("1Mi")))).toBe("1023Mi");
  expect(compareQuantity(parseQuantity("1"), parseQuantity("1000m"))).toBe(0);
  expect(compareQuantity(parseQuantity("1Mi"), parseQuantity("1M"))).toBe(1);
});

it("rounds up to thousandths and whole units", () => {
  expect(quantityMilli(parseQuantity("100500u"))).toBe(101);
  expect(quantityValue(parseQuantity("1.5"))).toBe(2);
  expect(quantityValue(parseQuantity(64))).toBe(64);
});

it.each(["", "1x", "1 Gi", "Gi", "1KI", "--1", "1e", "1.2.3", "9".repeat(200)])("refuses %j", (text) => {
  expect(() => parseQuantity(text)).toThrow(QuantityError);
});
