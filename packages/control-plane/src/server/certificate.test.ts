import { randomBytes, X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { expect, test } from "vitest";
import { issueCertificate } from "./certificate.js";

const random = { float: () => 0.5, bytes: (length: number) => randomBytes(length) };
const day = 86_400_000;
const validity = { notBefore: Date.now() - day, notAfter: Date.now() + day };

function authority() {
  return issueCertificate({ commonName: "test-ca", use: "authority", ...validity }, random);
}

test("a certificate names its hosts and verifies against its authority", () => {
  const ca = authority();
  const pair = issueCertificate(
    { commonName: "server", use: "server", hosts: ["localhost", "127.0.0.1", "::1"], ...validity },
    random,
    { pair: ca, commonName: "test-ca" },
  );
  const certificate = new X509Certificate(pair.certificate);
  expect(certificate.verify(new X509Certificate(ca.certificate).publicKey)).toBe(true);
  expect(certificate.checkIssued(new X509Certificate(ca.certificate))).toBe(true);
  expect(certificate.checkHost("localhost")).toBe("localhost");
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(certificate.checkIP("::1")).toBe("::1");
  expect(certificate.ca).toBe(false);
});

test("server and client certificates of one authority accept each other", async () => {
  const ca = authority();
  const issuer = { pair: ca, commonName: "test-ca" };
  const serving = issueCertificate(
    { commonName: "s", use: "server", hosts: ["localhost"], ...validity },
    random,
    issuer,
  );
  const client = issueCertificate(
    { commonName: "alice", organizations: ["a", "b"], use: "client", ...validity },
    random,
    issuer,
  );
  const server = createServer({
    cert: serving.certificate,
    key: serving.key,
    ca: ca.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect({
    port,
    host: "127.0.0.1",
    servername: "localhost",
    ca: ca.certificate,
    cert: client.certificate,
    key: client.key,
  });
  const [accepted] = await once(server, "secureConnection");
  const peer = accepted.getPeerCertificate();
  expect(peer.subject).toMatchObject({ CN: "alice", O: ["a", "b"] });
  socket.destroy();
  accepted.destroy();
  server.close();
});
