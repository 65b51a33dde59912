import { SopsError } from "../errors.js";

/**
 * Puts a secret together from shares of Shamir's scheme over GF(2⁸) with AES's polynomial; the last byte
 * of a share is its place on the curve. Too few shares give a wrong secret, not an error.
 *
 * @throws {SopsError} `malformed` for shares that do not belong together
 */
export function combineShares(shares: readonly Uint8Array[]): Uint8Array {
  const [first] = shares;
  if (first === undefined || shares.length < 2) {
    throw new SopsError("malformed", "less than two parts cannot be used to reconstruct the secret");
  }
  const { length } = first;
  if (length < 2) throw new SopsError("malformed", "parts of the data key must be at least two bytes");
  if (shares.some((share) => share.length !== length)) {
    throw new SopsError("malformed", "all parts of the data key must be the same length");
  }
  const places = shares.map((share) => share[length - 1] ?? 0);
  if (new Set(places).size !== places.length || places.includes(0)) {
    throw new SopsError("malformed", "two parts of the data key are the same part");
  }
  const weights = places.map((place, at) => weightOf(place, at, places));
  return Uint8Array.from({ length: length - 1 }, (_, index) =>
    shares.reduce((sum, share, at) => sum ^ multiply(share[index] ?? 0, weights[at] ?? 0), 0),
  );
}

/** What the value at `place` counts for in the value at zero. */
function weightOf(place: number, at: number, places: readonly number[]): number {
  let weight = 1;
  places.forEach((other, index) => {
    if (index !== at) weight = multiply(weight, multiply(other, invert(place ^ other)));
  });
  return weight;
}

function multiply(a: number, b: number): number {
  let product = 0;
  let factor = a;
  for (let bits = b; bits > 0; bits >>= 1) {
    if (bits & 1) product ^= factor;
    factor = (factor << 1) ^ (factor & 0x80 ? 0x11b : 0);
  }
  return product;
}

/** a²⁵⁴, which is 1/a. */
function invert(a: number): number {
  let power = a;
  let result = 1;
  for (let exponent = 254; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = multiply(result, power);
    power = multiply(power, power);
  }
  return result;
}
