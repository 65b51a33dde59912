/** A double as Go's `%v` prints it: shortest digits, an exponent below 1e-4 and from `exponentFrom` on. */
export function formatFloat(value: number, exponentFrom = 6): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  const digits = mantissa.replace("-", "").replace(".", "");
  if (exponent < -4 || exponent >= exponentFrom) {
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${Math.abs(exponent).toString().padStart(2, "0")}`;
  }
  const sign = value < 0 ? "-" : "";
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, "0");
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** A double with a fixed number of decimals, rounded half to even on its exact value, as Go rounds. */
export function toFixedExact(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return formatFloat(value);
  const negative = value < 0 || Object.is(value, -0);
  const [numerator, shift] = exactFraction(Math.abs(value));
  const scaled = numerator * 10n ** BigInt(decimals);
  const divisor = 1n << BigInt(shift);
  let quotient = scaled / divisor;
  const twice = (scaled % divisor) * 2n;
  if (twice > divisor || (twice === divisor && quotient % 2n === 1n)) quotient += 1n;
  const digits = quotient.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  return `${negative ? "-" : ""}${whole}${decimals === 0 ? "" : `.${digits.slice(digits.length - decimals)}`}`;
}

/** value = numerator / 2^shift exactly. */
function exactFraction(value: number): [bigint, number] {
  let shift = 0;
  let scaled = value;
  while (!Number.isInteger(scaled) && shift < 1100) {
    scaled *= 2;
    shift += 1;
  }
  return [BigInt(scaled), shift];
}

/** `%e` of Go: at least two exponent digits. */
export function toExponent(value: number, decimals: number | undefined, upper = false): string {
  if (!Number.isFinite(value)) return formatFloat(value);
  const text = value.toExponential(decimals === undefined ? undefined : Math.min(decimals, 100));
  const [mantissa = "", power = "0"] = text.split("e");
  const exponent = Number(power);
  const sign = Object.is(value, -0) && !mantissa.startsWith("-") ? "-" : "";
  const result = `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${Math.abs(exponent).toString().padStart(2, "0")}`;
  return upper ? result.toUpperCase() : result;
}

/** mantissa × 2^power with a whole mantissa of at most 53 bits. */
function binaryParts(value: number): [bigint, number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const power = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  return power === 0 ? [fraction, -1074] : [fraction | (1n << 52n), power - 1075];
}

/** `%b` of Go: `4503599627370496p-52`. */
export function binaryFloat(value: number): string {
  if (!Number.isFinite(value)) return formatFloat(value);
  const [mantissa, power] = binaryParts(Math.abs(value));
  return `${value < 0 || Object.is(value, -0) ? "-" : ""}${mantissa}p${power < 0 ? "-" : "+"}${Math.abs(power)}`;
}

/** `%x` of Go: `0x1.8p+01`; rounded half to even to a number of digits. */
export function hexFloat(value: number, digits?: number): string {
  if (!Number.isFinite(value)) return formatFloat(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  let [mantissa, power] = binaryParts(Math.abs(value));
  if (mantissa !== 0n) {
    const shift = 52 - (mantissa.toString(2).length - 1);
    mantissa <<= BigInt(shift);
    power += 52 - shift;
  } else power = 0;
  const keep = Math.min(digits ?? 13, 13);
  const dropped = BigInt((13 - keep) * 4);
  if (dropped > 0n) {
    const half = 1n << (dropped - 1n);
    const rest = mantissa & ((1n << dropped) - 1n);
    mantissa >>= dropped;
    if (rest > half || (rest === half && mantissa % 2n === 1n)) mantissa += 1n;
    mantissa <<= dropped;
    if (mantissa >> 53n > 0n) {
      mantissa >>= 1n;
      power += 1;
    }
  }
  const hex = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, "0");
  const fraction =
    digits === undefined ? hex.replace(/0+$/, "") : hex.slice(0, keep).padEnd(Math.min(digits, 1000), "0");
  const exponent = `${power < 0 ? "-" : "+"}${Math.abs(power).toString().padStart(2, "0")}`;
  return `${sign}0x${mantissa >> 52n}${fraction === "" ? "" : `.${fraction}`}p${exponent}`;
}
