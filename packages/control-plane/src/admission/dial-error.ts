/** What Node's errors of connections carry, as far as they are read here. */
interface ConnectionError extends Error {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly host?: string;
  readonly cert?: { readonly subjectaltname?: string };
  readonly errors?: readonly ConnectionError[];
}

const UNKNOWN_AUTHORITY = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** An error of a connection in the words in which clients of Kubernetes know it; others as they are. */
export function dialError(error: Error): Error {
  // Every address of a name was tried; the first says why.
  const cause = (error as ConnectionError).errors?.[0] ?? (error as ConnectionError);
  const words = wordsFor(cause);
  return words === undefined ? error : new Error(words, { cause: error });
}

function wordsFor(cause: ConnectionError): string | undefined {
  const { name, code = "" } = cause;
  if (name === "AbortError" || name === "TimeoutError") return "context deadline exceeded";
  if (code === "ECONNREFUSED" && cause.address !== undefined) {
    return `dial tcp ${hostAndPort(cause.address, cause.port)}: connect: connection refused`;
  }
  if (code === "ENOTFOUND") return `dial tcp: lookup ${cause.hostname}: no such host`;
  const why = certificateWords(cause, code);
  return why === undefined ? undefined : `tls: failed to verify certificate: x509: ${why}`;
}

function certificateWords(cause: ConnectionError, code: string): string | undefined {
  if (UNKNOWN_AUTHORITY.has(code)) return "certificate signed by unknown authority";
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return "certificate has expired or is not yet valid";
  }
  if (code !== "ERR_TLS_CERT_ALTNAME_INVALID") return undefined;
  const names = (cause.cert?.subjectaltname ?? "").split(", ").flatMap((each) => {
    const [, dns] = /^DNS:(.+)$/.exec(each) ?? [];
    return dns === undefined ? [] : [dns];
  });
  return names.length === 0
    ? `certificate is not valid for any names, but wanted to match ${cause.host}`
    : `certificate is valid for ${names.join(", ")}, not ${cause.host}`;
}

function hostAndPort(address: string, port: number | undefined): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}
