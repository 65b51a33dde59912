import { BlockList, isIP } from "node:net";
import { NOT_IP, type Problems } from "./problems.js";

export const NOT_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

/** Whether `text` is a range of addresses: an address, a slash, a length. */
export function isCidr(text: string): boolean {
  const [ip = "", length = "", ...rest] = text.split("/");
  const family = isIP(ip);
  return (
    family !== 0 &&
    rest.length === 0 &&
    /^\d{1,3}$/.test(length) &&
    Number(length) <= (family === 4 ? 32 : 128)
  );
}

/** Whether all addresses of `inner` are in `outer`, and not all of `outer` are in `inner`. */
export function isStrictSubset(outer: string, inner: string): boolean {
  const [outerIp = "", outerLength = ""] = outer.split("/");
  const [innerIp = "", innerLength = ""] = inner.split("/");
  const family = isIP(outerIp) === 4 ? "ipv4" : "ipv6";
  if (isIP(outerIp) !== isIP(innerIp) || Number(innerLength) <= Number(outerLength)) return false;
  const range = new BlockList();
  range.addSubnet(outerIp, Number(outerLength), family);
  return range.check(innerIp, family);
}

const MAPPED = /^::ffff:/i;

/** What is wrong with an address that must be written in its one canonical way (RFC 5952). */
export function canonicalIpMessages(ip: string): readonly string[] {
  if (/^\d+(?:\.\d+){3}$/.test(ip) && isIP(ip) === 0) {
    const stripped = ip.split(".").map((part) => part.replace(/^0+(?=\d)/, ""));
    if (isIP(stripped.join(".")) === 4) return ["must not have leading 0s"];
  }
  const family = isIP(ip);
  if (family === 0 || ip.includes("%")) return [NOT_IP];
  if (family === 4) return [];
  const canonical = new URL(`http://[${ip}]`).hostname.slice(1, -1);
  if (MAPPED.test(canonical)) return ["must not be an IPv4-mapped IPv6 address"];
  return canonical === ip ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

const SPECIAL: readonly (readonly [string, readonly string[]])[] = [
  ["may not be in the loopback range (127.0.0.0/8, ::1/128)", ["127.0.0.0/8", "::1/128"]],
  ["may not be in the link-local range (169.254.0.0/16, fe80::/10)", ["169.254.0.0/16", "fe80::/10"]],
  ["may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)", ["224.0.0.0/24", "ff02::/16"]],
];

let ranges: readonly (readonly [string, BlockList])[] | undefined;

function specialRanges(): readonly (readonly [string, BlockList])[] {
  ranges ??= SPECIAL.map(([message, cidrs]) => {
    const list = new BlockList();
    for (const cidr of cidrs) {
      const [ip = "", length = ""] = cidr.split("/");
      list.addSubnet(ip, Number(length), isIP(ip) === 4 ? "ipv4" : "ipv6");
    }
    return [message, list] as const;
  });
  return ranges;
}

/** An address that traffic can be sent to from elsewhere. */
export function validateRoutableIp(problems: Problems, field: string, ip: string): void {
  const family = isIP(ip);
  if (family === 0) {
    problems.invalid(field, ip, NOT_IP);
    return;
  }
  if (ip === "0.0.0.0" || ip === "::") problems.invalid(field, ip, `may not be unspecified (${ip})`);
  for (const [message, range] of specialRanges()) {
    if (range.check(ip, family === 4 ? "ipv4" : "ipv6")) problems.invalid(field, ip, message);
  }
}
