/** A float as Go's `%v` prints it: shortest digits, with an exponent below -4 and from 6 on. */
export function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 6) {
    return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  return power < 0
    ? value.toFixed(Math.max(0, mantissa.replace(/[-.]/g, "").length - 1 - power))
    : String(value);
}
