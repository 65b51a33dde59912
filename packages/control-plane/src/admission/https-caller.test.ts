import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { issueCertificate } from "../server/certificate.js";
import { systemRandom } from "../testing/system-runtime.js";
import { callOverHttps } from "./https-caller.js";

it("calls over https only", async () => {
  const request = { url: "http://127.0.0.1:1/", body: "{}", timeoutMs: 1_000 };
  await expect(callOverHttps(request)).rejects.toThrow("webhooks are called over https only");
});

it("rejects where nobody answers", async () => {
  await expect(callOverHttps({ url: "https://127.0.0.1:1/", body: "{}", timeoutMs: 1_000 })).rejects.toThrow(
    /connect: connection refused/,
  );
});

it("connects where it is told to, to the server that the URL names", async () => {
  const validity = { notBefore: Date.now() - 60_000, notAfter: Date.now() + 3_600_000 };
  const { certificate, key } = issueCertificate(
    { commonName: "hook", use: "server", hosts: ["hook.ns.svc"], ...validity },
    systemRandom,
  );
  const server = createServer({ cert: certificate, key }, (request, response) => {
    response.end(`${request.headers.host}${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const connect = { host: "127.0.0.1", port };
  const common = { body: "{}", timeoutMs: 5_000, caBundle: certificate, connect };
  try {
    const answer = await callOverHttps({ ...common, url: "https://hook.ns.svc:443/x" });
    expect(answer).toEqual({ status: 200, body: "hook.ns.svc/x" });
    const another = callOverHttps({ ...common, url: "https://other.ns.svc:443/x" });
    await expect(another).rejects.toThrow("certificate is valid for hook.ns.svc, not other.ns.svc");
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
