import type { IncomingMessage } from "node:http";
import { OciClient, pushArtifact } from "@capstan/oci";
import { expect, it } from "vitest";
import { conditionOf, isReadyNow, listen, startHome } from "../testing/home.js";
import { memoryRegistry } from "../testing/registry.js";

const TOKEN = "hunter2";

/** What the three clouds answer to those who ask rightly. */
async function clouds() {
  const asked: string[] = [];
  const answer = (path: string, form: URLSearchParams, { headers }: IncomingMessage): unknown => {
    if (path === "/ecr") {
      const signed = headers.authorization?.startsWith("AWS4-HMAC-SHA256 Credential=AKID/") === true;
      const isLogin =
        headers["x-amz-target"] === "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";
      const authorizationToken = Buffer.from(`AWS:${TOKEN}`).toString("base64");
      return signed && isLogin ? { authorizationData: [{ authorizationToken }] } : undefined;
    }
    if (path.startsWith("/computeMetadata/")) return { access_token: TOKEN, expires_in: 3600 };
    if (path === "/t/oauth2/v2.0/token") {
      return form.get("client_secret") === "s" ? { access_token: "aad", expires_in: 3600 } : undefined;
    }
    return undefined;
  };
  const host = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = request.url ?? "";
      asked.push(path);
      const value = answer(path, new URLSearchParams(Buffer.concat(chunks).toString()), request);
      response.writeHead(value === undefined ? 403 : 200).end(JSON.stringify(value ?? {}));
    });
  });
  const base = `http://${host}`;
  const endpoints = { awsEcr: `${base}/ecr`, gcpMetadata: base, azureAuthority: base };
  return { endpoints, asked };
}

it.each([
  ["aws", { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "s" }],
  ["gcp", {}],
  ["azure", { AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "c", AZURE_CLIENT_SECRET: "s" }],
] as const)("logs in to a registry of %s, and once for many looks", async (provider, variables) => {
  const registry = await memoryRegistry(TOKEN);
  const login = { username: "any", password: TOKEN };
  const client = new OciClient({ url: `oci://${registry.host}/app`, insecure: true, push: true, login });
  await pushArtifact(client, { tag: "latest", layer: Buffer.from("x") });
  const { endpoints, asked } = await clouds();
  const home = await startHome({ cloud: { variables, endpoints } });
  const source = home.of("OCIRepository");
  const layerSelector = { operation: "copy" };
  await source.create({ url: `oci://${registry.host}/app`, provider, insecure: true, layerSelector });
  await source.until(isReadyNow);
  const before = asked.length;
  await source.reconcile("1");
  expect(asked.length).toBe(before);
});

it("shows a cloud's identity to no registry that is not the cloud's", async () => {
  const home = await startHome({
    cloud: { variables: { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "s" } },
  });
  const source = home.of("OCIRepository");
  await source.create({ url: "oci://1.dkr.ecr.eu-west-1.amazonaws.com.example.com/app", provider: "aws" });
  const failed = await source.until((object) => conditionOf(object, "Ready")?.status === "False");
  expect(conditionOf(failed, "Ready")).toMatchObject({
    reason: "AuthenticationFailed",
    message: expect.stringContaining("is no registry of provider 'aws'"),
  });
});
