import type { FunctionDecl } from "../check/environment.js";
import type { Library } from "../environment.js";
import { boolType, intType, opaqueType, stringType } from "../types.js";
import { EvalFailure, noSuchOverload, Opaque, type Result, type Value } from "../value/value.js";
import { declare, method, overload } from "./declare.js";
import { type Address, formatAddress, maskAddress, parseAddress, samePrefix } from "./ip-address.js";

const ipType = opaqueType("net.IP");
const cidrType = opaqueType("net.CIDR");

class IpValue extends Opaque {
  readonly type = ipType;
  readonly address: Address;

  constructor(address: Address) {
    super();
    this.address = address;
  }

  /** Bytes; what cost counts. */
  get size(): number {
    return this.address.length;
  }

  equals(other: Opaque): boolean {
    return (
      other instanceof IpValue &&
      other.size === this.size &&
      samePrefix(this.address, other.address, this.size * 8)
    );
  }
}

class CidrValue extends Opaque {
  readonly type = cidrType;
  readonly address: Address;
  readonly bits: number;

  constructor(address: Address, bits: number) {
    super();
    this.address = address;
    this.bits = bits;
  }

  /** Bytes of the prefix; what cost counts. */
  get size(): number {
    return Math.ceil(this.bits / 8);
  }

  equals(other: Opaque): boolean {
    return (
      other instanceof CidrValue &&
      other.bits === this.bits &&
      samePrefix(this.address, other.address, this.address.length * 8)
    );
  }

  contains(address: Address): boolean {
    return samePrefix(this.address, address, this.bits);
  }
}

function toIp(text: Value = null): IpValue | EvalFailure {
  if (typeof text !== "string") return noSuchOverload();
  const address = parseAddress(text);
  if (address === undefined) {
    return new EvalFailure(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  }
  return new IpValue(address);
}

function toCidr(text: Value = null): CidrValue | EvalFailure {
  if (typeof text !== "string") return noSuchOverload();
  const slash = text.lastIndexOf("/");
  const address = slash < 0 ? undefined : parseAddress(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^(?:0|[1-9]\d{0,2})$/.test(length) || Number(length) > address.length * 8) {
    return new EvalFailure(
      `network address parse error during conversion from string: ${JSON.stringify(text)}`,
    );
  }
  return new CidrValue(address, Number(length));
}

function onIp(name: string, id: string, test: (address: Address) => boolean): FunctionDecl {
  return declare(
    name,
    method(id, [ipType], boolType, (ip = null) =>
      ip instanceof IpValue ? test(ip.address) : noSuchOverload(),
    ),
  );
}

const at = (address: Address, index: number): number => address[index] ?? 0;
const isV4 = (address: Address): boolean => address.length === 4;
const isZero = (address: Address): boolean => address.every((byte) => byte === 0);
const isLoopback = (address: Address): boolean =>
  isV4(address) ? at(address, 0) === 127 : isZero(address.subarray(0, 15)) && at(address, 15) === 1;
const isMulticast = (address: Address): boolean =>
  isV4(address) ? (at(address, 0) & 0xf0) === 0xe0 : at(address, 0) === 0xff;
const isLinkLocalUnicast = (address: Address): boolean =>
  isV4(address)
    ? at(address, 0) === 169 && at(address, 1) === 254
    : at(address, 0) === 0xfe && (at(address, 1) & 0xc0) === 0x80;
const isLinkLocalMulticast = (address: Address): boolean =>
  isV4(address)
    ? at(address, 0) === 224 && at(address, 1) === 0 && at(address, 2) === 0
    : at(address, 0) === 0xff && (at(address, 1) & 0x0f) === 0x02;
const isGlobalUnicast = (address: Address): boolean =>
  !isZero(address) &&
  !(isV4(address) && address.every((byte) => byte === 255)) &&
  !isLoopback(address) &&
  !isMulticast(address) &&
  !isLinkLocalUnicast(address);

function containsIp(cidr: Value = null, ip: Value = null): Result {
  const other = typeof ip === "string" ? toIp(ip) : ip;
  if (other instanceof EvalFailure) return other;
  return cidr instanceof CidrValue && other instanceof IpValue
    ? cidr.contains(other.address)
    : noSuchOverload();
}

function containsCidr(cidr: Value = null, inner: Value = null): Result {
  const other = typeof inner === "string" ? toCidr(inner) : inner;
  if (other instanceof EvalFailure) return other;
  if (!(cidr instanceof CidrValue && other instanceof CidrValue)) return noSuchOverload();
  return cidr.bits <= other.bits && cidr.contains(other.address);
}

function onCidr(run: (cidr: CidrValue) => Result): (cidr?: Value) => Result {
  return (cidr = null) => (cidr instanceof CidrValue ? run(cidr) : noSuchOverload());
}

/** Kubernetes' `ip`, `cidr` and their methods. */
export const networkLibrary: Library = {
  types: [ipType, cidrType],
  functions: [
    declare(
      "ip",
      overload("string_to_ip", [stringType], ipType, toIp),
      method(
        "cidr_ip",
        [cidrType],
        ipType,
        onCidr((cidr) => new IpValue(cidr.address)),
      ),
    ),
    declare(
      "family",
      method("ip_family", [ipType], intType, (ip = null) =>
        ip instanceof IpValue ? (isV4(ip.address) ? 4 : 6) : noSuchOverload(),
      ),
    ),
    declare(
      "ip.isCanonical",
      overload("ip_is_canonical", [stringType], boolType, (text = null) => {
        const ip = toIp(text);
        return ip instanceof EvalFailure ? ip : formatAddress(ip.address) === text;
      }),
    ),
    onIp("isUnspecified", "ip_is_unspecified", isZero),
    onIp("isLoopback", "ip_is_loopback", isLoopback),
    onIp("isLinkLocalMulticast", "ip_is_link_local_multicast", isLinkLocalMulticast),
    onIp("isLinkLocalUnicast", "ip_is_link_local_unicast", isLinkLocalUnicast),
    onIp("isGlobalUnicast", "ip_is_global_unicast", isGlobalUnicast),
    declare(
      "isIP",
      overload("is_ip", [stringType], boolType, (text = null) => !(toIp(text) instanceof EvalFailure)),
    ),
    declare("cidr", overload("string_to_cidr", [stringType], cidrType, toCidr)),
    declare(
      "isCIDR",
      overload("is_cidr", [stringType], boolType, (text = null) => !(toCidr(text) instanceof EvalFailure)),
    ),
    declare(
      "containsIP",
      method("cidr_contains_ip_string", [cidrType, stringType], boolType, containsIp),
      method("cidr_contains_ip_ip", [cidrType, ipType], boolType, containsIp),
    ),
    declare(
      "containsCIDR",
      method("cidr_contains_cidr_string", [cidrType, stringType], boolType, containsCidr),
      method("cidr_contains_cidr", [cidrType, cidrType], boolType, containsCidr),
    ),
    declare(
      "prefixLength",
      method(
        "cidr_prefix_length",
        [cidrType],
        intType,
        onCidr((cidr) => cidr.bits),
      ),
    ),
    declare(
      "masked",
      method(
        "cidr_masked",
        [cidrType],
        cidrType,
        onCidr((cidr) => new CidrValue(maskAddress(cidr.address, cidr.bits), cidr.bits)),
      ),
    ),
    declare(
      "string",
      overload("ip_to_string", [ipType], stringType, (ip = null) =>
        ip instanceof IpValue ? formatAddress(ip.address) : noSuchOverload(),
      ),
      overload(
        "cidr_to_string",
        [cidrType],
        stringType,
        onCidr((cidr) => `${formatAddress(cidr.address)}/${cidr.bits}`),
      ),
    ),
  ],
};
