import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combineShares } from "./shamir.js";

/** x·2 in the field, step by step: another way to multiply than the one under test. */
function times(a: number, b: number): number {
  let sum = 0;
  for (let bit = 7; bit >= 0; bit--) {
    sum = ((sum << 1) ^ (sum & 0x80 ? 0x11b : 0)) & 0xff;
    if ((b >> bit) & 1) sum ^= a;
  }
  return sum;
}

function share(polynomials: readonly (readonly number[])[], place: number): Uint8Array {
  const values = polynomials.map((coefficients) =>
    coefficients.reduceRight((sum, coefficient) => times(sum, place) ^ coefficient, 0),
  );
  return Uint8Array.from([...values, place]);
}

describe("combineShares", () => {
  it("gives back the secret from any shares that are enough", () => {
    const polynomial = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(polynomial, { minLength: 1, maxLength: 32 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 3, maxLength: 6 }),
        (polynomials, places) => {
          const secret = polynomials.map((coefficients) => coefficients[0] ?? 0);
          expect([...combineShares(places.map((place) => share(polynomials, place)))]).toEqual(secret);
        },
      ),
    );
  });

  it.each([
    [[[1, 2, 3]], "less than two parts"],
    [[[1], [2]], "at least two bytes"],
    [
      [
        [1, 2, 3],
        [1, 2],
      ],
      "the same length",
    ],
    [
      [
        [1, 2, 3],
        [4, 5, 3],
      ],
      "the same part",
    ],
    [
      [
        [1, 2, 0],
        [4, 5, 3],
      ],
      "the same part",
    ],
  ])("refuses %j", (shares, reason) => {
    expect(() => combineShares(shares.map((bytes) => Uint8Array.from(bytes)))).toThrow(reason);
  });
});
