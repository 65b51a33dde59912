import { SourceFailed } from "./failure.js";
import type { SecretData } from "./secrets.js";

/** TLS material and proxy of a connection, as Secrets hold them. */
export interface Connection {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly proxy?: { readonly address: string; readonly username?: string; readonly password?: string };
}

/** The certificates in a Secret; throws `SourceFailed` AuthenticationFailed for half a pair or nothing. */
export function tlsFromSecret(data: SecretData, name: string): Pick<Connection, "ca" | "cert" | "key"> {
  const get = (key: string) => data.get(key) || undefined;
  const [ca, cert, key] = [get("ca.crt"), get("tls.crt"), get("tls.key")];
  if ((cert === undefined) !== (key === undefined)) {
    throw authenticationFailed(`invalid TLS secret '${name}': tls.crt and tls.key must be set together`);
  }
  if (ca === undefined && cert === undefined) {
    throw authenticationFailed(
      `invalid TLS secret '${name}': neither ca.crt nor tls.crt and tls.key are set`,
    );
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** The proxy in a Secret; throws `SourceFailed` AuthenticationFailed without a usable address. */
export function proxyFromSecret(data: SecretData, name: string): NonNullable<Connection["proxy"]> {
  const address = data.get("address") ?? "";
  if (!URL.canParse(address))
    throw authenticationFailed(`invalid proxy secret '${name}': address is not set to a URL`);
  const username = data.get("username");
  const password = data.get("password");
  return {
    address,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

/** A failure to get in. */
export function authenticationFailed(message: string): SourceFailed {
  return new SourceFailed({
    condition: "FetchFailed",
    reason: "AuthenticationFailed",
    message,
    next: "retry",
  });
}
