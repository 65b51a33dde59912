import { createHmac, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type AnySource,
  conditionOf,
  type Home,
  isReadyNow,
  listen,
  startHome,
  temporaryDirectory,
} from "../testing/home.js";

type Handler = (
  url: URL,
  body: string,
  request: IncomingMessage,
) => { status?: number; body: string; headers?: Record<string, string> } | undefined;

/** A server that answers as `handle` says, 404 where it says nothing. */
async function server(handle: Handler): Promise<string> {
  const host: string = await listen((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", `http://${host}`);
      const answer = handle(url, Buffer.concat(chunks).toString(), request);
      response
        .writeHead(answer?.status ?? (answer === undefined ? 404 : 200), answer?.headers)
        .end(answer?.body);
    });
  });
  return host;
}

const filesOf = async (home: Home, object: AnySource) =>
  (
    await home.reader.using(object.status!.artifact!, (directory) => readdir(directory, { recursive: true }))
  ).sort();

const json = (value: unknown) => ({ body: JSON.stringify(value) });

const OBJECTS: Record<string, string> = { "a.yaml": "a: 1", "dir/b c.yaml": "b: 2" };
const etagOf = (key: string) => `etag-${OBJECTS[key]?.length}`;

describe("Bucket of provider gcp", () => {
  const storage =
    (allowed: string): Handler =>
    (url, _body, { headers }) => {
      if (headers.authorization !== `Bearer ${allowed}`) return { status: 401, body: "{}" };
      const path = /^\/storage\/v1\/b\/data\/o(?:\/(.+))?$/.exec(url.pathname);
      if (path === null) return undefined;
      const key = path[1] === undefined ? undefined : decodeURIComponent(path[1]);
      if (key === undefined) {
        const keys = Object.keys(OBJECTS);
        const [at] = [Number(url.searchParams.get("pageToken") ?? 0)];
        const items = keys
          .slice(at, at + 1)
          .map((name) => ({ name, etag: etagOf(name), size: String(OBJECTS[name]!.length) }));
        return json({ items, ...(at + 1 < keys.length ? { nextPageToken: String(at + 1) } : {}) });
      }
      if (OBJECTS[key] === undefined) return undefined;
      return url.searchParams.has("alt")
        ? { body: OBJECTS[key] }
        : json({ etag: etagOf(key), generation: "1" });
    };

  it("trades a service account's key for a token, lists page by page, and does nothing while etags stand", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    let downloads = 0;
    const host = await server((url, body, request) => {
      if (url.searchParams.has("alt")) downloads++;
      if (url.pathname !== "/token") return storage("t0ken")(url, body, request);
      const [head = "", claims = "", signature = ""] = new URLSearchParams(body).get("assertion")!.split(".");
      const signed = verify(
        "sha256",
        Buffer.from(`${head}.${claims}`),
        createPublicKey(publicKey.export({ type: "spki", format: "pem" })),
        Buffer.from(signature, "base64url"),
      );
      const { iss, aud } = JSON.parse(Buffer.from(claims, "base64url").toString());
      if (!signed || iss !== "app@example.com" || !aud.endsWith("/token"))
        return { status: 400, body: '{"error":"invalid_grant"}' };
      return json({ access_token: "t0ken", expires_in: 3600 });
    });
    const home = await startHome();
    const key = {
      type: "service_account",
      client_email: "app@example.com",
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
      token_uri: `http://${host}/token`,
    };
    await home.secret("key", { serviceaccount: JSON.stringify(key) });
    await home.secret("other", { other: "x" });
    const source = home.of("Bucket");
    await source.create({
      provider: "gcp",
      endpoint: host,
      bucketName: "data",
      insecure: true,
      secretRef: { name: "key" },
    });
    const object = await source.until(isReadyNow);
    expect(await filesOf(home, object)).toEqual(["a.yaml", "dir", "dir/b c.yaml"]);
    await source.reconcile("1");
    expect(downloads).toBe(2);
    await source.patch({ spec: { secretRef: { name: "other" } } });
    const failed = await source.until(
      (candidate) => conditionOf(candidate, "Ready")?.reason === "AuthenticationFailed",
    );
    expect(conditionOf(failed, "Ready")?.message).toBe(
      "invalid 'other' secret data: required fields 'serviceaccount'",
    );
  });

  it("asks the machine's metadata without a Secret", async () => {
    const host = await server((url, body, request) => {
      if (!url.pathname.startsWith("/computeMetadata/")) return storage("machine")(url, body, request);
      if (request.headers["metadata-flavor"] !== "Google") return { status: 403, body: "" };
      return json({ access_token: "machine", expires_in: 3600 });
    });
    const home = await startHome({ cloud: { variables: {}, endpoints: { gcpMetadata: `http://${host}` } } });
    const source = home.of("Bucket");
    await source.create({ provider: "gcp", endpoint: host, bucketName: "data", insecure: true });
    await source.until(isReadyNow);
    await source.patch({ spec: { bucketName: "gone" } });
    await source.until(
      (object) => conditionOf(object, "Ready")?.message.includes("bucket 'gone' not found") === true,
    );
  });
});

describe("Bucket of provider azure", () => {
  const KEY = Buffer.from("an account key").toString("base64");

  const storage =
    (allows: (url: URL, request: IncomingMessage) => boolean): Handler =>
    (url, _body, request) => {
      if (!allows(url, request))
        return { status: 403, body: "", headers: { "x-ms-error-code": "AuthenticationFailed" } };
      if (url.searchParams.get("comp") === "list") {
        const keys = Object.keys(OBJECTS);
        const at = Number(url.searchParams.get("marker") ?? 0);
        const blobs = keys
          .slice(at, at + 1)
          .map(
            (name) =>
              `<Blob><Name>${name}</Name><Properties><Etag>0x${etagOf(name)}</Etag><Content-Length>${OBJECTS[name]!.length}</Content-Length></Properties></Blob>`,
          );
        const next = at + 1 < keys.length ? `<NextMarker>${at + 1}</NextMarker>` : "<NextMarker />";
        return {
          body: `<?xml version="1.0"?><EnumerationResults ContainerName="data"><Blobs>${blobs.join("")}</Blobs>${next}</EnumerationResults>`,
        };
      }
      const key = decodeURIComponent(url.pathname).replace("/data/", "");
      return OBJECTS[key] === undefined
        ? undefined
        : { body: OBJECTS[key], headers: { etag: `"0x${etagOf(key)}"` } };
    };

  /** Signs anew, as the service's documentation says, from what arrived. */
  const isSharedKey = (url: URL, { method, headers }: IncomingMessage) => {
    const own = Object.entries(headers)
      .filter(([name]) => name.startsWith("x-ms-"))
      .sort();
    const query = [...url.searchParams]
      .sort()
      .map(([name, value]) => `\n${name}:${value}`)
      .join("");
    const text = [
      method,
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      ...own.map(([name, value]) => `${name}:${value}`),
      `/127${url.pathname}${query}`,
    ].join("\n");
    const signature = createHmac("sha256", Buffer.from(KEY, "base64")).update(text).digest("base64");
    return headers.authorization === `SharedKey 127:${signature}`;
  };

  const create = async (home: Home, host: string, secret?: Record<string, string>) => {
    if (secret !== undefined) await home.secret("login", secret);
    const source = home.of("Bucket");
    const secretRef = secret === undefined ? {} : { secretRef: { name: "login" } };
    await source.create({ provider: "azure", endpoint: `http://${host}`, bucketName: "data", ...secretRef });
    return source;
  };

  it("signs with the account's key", async () => {
    const host = await server(storage(isSharedKey));
    const home = await startHome();
    const object = await (await create(home, host, { accountKey: KEY })).until(isReadyNow);
    expect(await filesOf(home, object)).toEqual(["a.yaml", "dir", "dir/b c.yaml"]);
  });

  it("sends a shared access signature along", async () => {
    const host = await server(
      storage((url) => url.searchParams.get("sig") === "s+g=" && url.searchParams.get("sv") === "1"),
    );
    const home = await startHome();
    const source = await create(home, host, { sasKey: "?sv=1&sig=s%2Bg%3D" });
    await source.until(isReadyNow);
    await home.client.patch(
      { apiVersion: "v1", kind: "Secret", name: "login", namespace: "default" },
      { type: "merge", body: { stringData: { sasKey: "sv=1&sig=hunter2" } } },
    );
    const failed = await source.reconcile("1");
    expect(conditionOf(failed, "Ready")?.message).toContain("403 AuthenticationFailed");
    expect(JSON.stringify(failed)).not.toContain("hunter2");
  });

  it.each([
    ["a client's secret", { tenantId: "t", clientId: "c", clientSecret: "hunter2" }, {}],
    [
      "a token of the cluster",
      undefined,
      { AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "c", AZURE_FEDERATED_TOKEN_FILE: "token" },
    ],
    ["the machine's metadata", { clientId: "c" }, {}],
  ])("logs in by %s", async (_name, secret, variables: Record<string, string>) => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "token"), "federated\n");
    const file = variables["AZURE_FEDERATED_TOKEN_FILE"];
    const host = await server((url, body, request) => {
      const form = new URLSearchParams(body);
      if (url.pathname === "/t/oauth2/v2.0/token") {
        const proved =
          form.get("client_secret") === "hunter2" || form.get("client_assertion") === "federated";
        const asked =
          form.get("scope") === "https://storage.azure.com/.default" && form.get("client_id") === "c";
        return proved && asked
          ? json({ access_token: "t0ken", expires_in: 3600 })
          : { status: 400, body: "{}" };
      }
      if (url.pathname === "/metadata/identity/oauth2/token") {
        const asked = request.headers["metadata"] === "true" && url.searchParams.get("client_id") === "c";
        return asked ? json({ access_token: "t0ken", expires_in: "3600" }) : { status: 400, body: "{}" };
      }
      return storage((_url, { headers }) => headers.authorization === "Bearer t0ken")(url, body, request);
    });
    const endpoints = { azureAuthority: `http://${host}`, azureMetadata: `http://${host}` };
    const env = {
      ...variables,
      ...(file === undefined ? {} : { AZURE_FEDERATED_TOKEN_FILE: join(directory, file) }),
    };
    const home = await startHome({ cloud: { variables: env, endpoints } });
    await (await create(home, host, secret)).until(isReadyNow);
  });

  it.each([
    [{ other: "x" }, "requires a 'clientId' or 'accountKey' field"],
    [{ tenantId: "t", clientId: "c", clientCertificate: "hunter2" }, "holds no certificate with its key"],
  ])("says what is wrong with a Secret", async (secret: Record<string, string>, text) => {
    const home = await startHome();
    const source = await create(home, "127.0.0.1:1", secret);
    const failed = await source.until(
      (object) => conditionOf(object, "Ready")?.reason === "AuthenticationFailed",
    );
    expect(conditionOf(failed, "Ready")?.message).toContain(text);
    expect(JSON.stringify(failed)).not.toContain("hunter2");
  });
});

describe("Bucket with temporary credentials", () => {
  const credentials = (name: string) =>
    `<?xml version="1.0"?><${name}Response><Credentials><AccessKeyId>TEMP</AccessKeyId><SecretAccessKey>s3cret</SecretAccessKey><SessionToken>session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></${name}Response>`;
  const listing = { body: "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>" };
  const isTemporary = ({ headers }: IncomingMessage) =>
    headers["x-amz-security-token"] === "session" &&
    headers.authorization?.includes("Credential=TEMP/") === true;

  it("asks a token service with a name and a password (LDAP)", async () => {
    const host = await server((url, body, request) => {
      const form = new URLSearchParams(body);
      if (url.pathname !== "/sts") return isTemporary(request) ? listing : { status: 403, body: "" };
      const known = form.get("LDAPUsername") === "ada" && form.get("LDAPPassword") === "hunter2";
      return known
        ? { body: credentials("AssumeRoleWithLDAPIdentity") }
        : { status: 403, body: "<Code>AccessDenied</Code>" };
    });
    const home = await startHome();
    await home.secret("ldap", { username: "ada", password: "hunter2" });
    await home.secret("wrong", { username: "ada", password: "wrong-hunter2" });
    await home.secret("half", { username: "ada" });
    const source = home.of("Bucket");
    const sts = { provider: "ldap", endpoint: `http://${host}/sts`, secretRef: { name: "ldap" } };
    await source.create({ endpoint: host, bucketName: "data", insecure: true, sts });
    await source.until(isReadyNow);
    for (const [name, text] of [
      ["wrong", "answered 403 AccessDenied"],
      ["half", "required fields username, password"],
    ] as const) {
      await source.patch({ spec: { sts: { ...sts, secretRef: { name } } } });
      const failed = await source.until(
        (object) => conditionOf(object, "Ready")?.message.includes(text) === true,
      );
      expect(conditionOf(failed, "Ready")?.reason).toBe("AuthenticationFailed");
      expect(JSON.stringify(failed)).not.toContain("hunter2");
    }
  });

  it("takes the role of the machine's web identity on AWS, once for many looks", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "token"), "web-identity");
    let asked = 0;
    const host = await server((url, body, request) => {
      const form = new URLSearchParams(body);
      if (url.pathname !== "/sts") return isTemporary(request) ? listing : { status: 403, body: "" };
      asked++;
      const known =
        form.get("RoleArn") === "arn:aws:iam::1:role/x" && form.get("WebIdentityToken") === "web-identity";
      return known ? { body: credentials("AssumeRoleWithWebIdentity") } : { status: 403, body: "" };
    });
    const variables = {
      AWS_ROLE_ARN: "arn:aws:iam::1:role/x",
      AWS_WEB_IDENTITY_TOKEN_FILE: join(directory, "token"),
    };
    const home = await startHome({ cloud: { variables } });
    const source = home.of("Bucket");
    const sts = { provider: "aws", endpoint: `http://${host}/sts` };
    await source.create({
      provider: "aws",
      endpoint: host,
      bucketName: "data",
      insecure: true,
      region: "eu-central-1",
      sts,
    });
    await source.until(isReadyNow);
    await source.reconcile("1");
    expect(asked).toBe(1);
  });

  it("asks the instance where nothing else says who it is", async () => {
    const host = await server((url, _body, request) => {
      const keys = {
        AccessKeyId: "TEMP",
        SecretAccessKey: "s3cret",
        Token: "session",
        Expiration: "2099-01-01T00:00:00Z",
      };
      if (url.pathname === "/latest/api/token")
        return request.method === "PUT" ? { body: "imds" } : undefined;
      if (url.pathname.startsWith("/latest/") && request.headers["x-aws-ec2-metadata-token"] !== "imds")
        return { status: 401, body: "" };
      if (url.pathname === "/latest/meta-data/iam/security-credentials/") return { body: "role\n" };
      if (url.pathname === "/latest/meta-data/iam/security-credentials/role") return json(keys);
      return isTemporary(request) ? listing : { status: 403, body: "" };
    });
    const home = await startHome({ cloud: { variables: {}, endpoints: { awsMetadata: `http://${host}` } } });
    const source = home.of("Bucket");
    await source.create({ provider: "aws", endpoint: host, bucketName: "data", insecure: true });
    await source.until(isReadyNow);
  });
});
