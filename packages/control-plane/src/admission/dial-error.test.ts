import { expect, it } from "vitest";
import { dialError } from "./dial-error.js";

const of = (members: object, message = "x"): string =>
  dialError(Object.assign(new Error(message), members)).message;

it.each([
  [{ name: "TimeoutError" }, "context deadline exceeded"],
  [
    { code: "ECONNREFUSED", address: "127.0.0.1", port: 1 },
    "dial tcp 127.0.0.1:1: connect: connection refused",
  ],
  [
    { errors: [{ code: "ECONNREFUSED", address: "::1", port: 2 }] },
    "dial tcp [::1]:2: connect: connection refused",
  ],
  [{ code: "ENOTFOUND", hostname: "a.example.com" }, "dial tcp: lookup a.example.com: no such host"],
  [
    { code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    "tls: failed to verify certificate: x509: certificate signed by unknown authority",
  ],
  [
    {
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
      host: "a.b.svc",
      cert: { subjectaltname: "DNS:localhost, IP Address:127.0.0.1, DNS:c" },
    },
    "tls: failed to verify certificate: x509: certificate is valid for localhost, c, not a.b.svc",
  ],
])("says it as Kubernetes does: %o", (members, words) => {
  expect(of(members)).toBe(words);
});

it("leaves what it does not know as it is", () => {
  expect(of({ code: "EPIPE" }, "broken")).toBe("broken");
});
