import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { OciClient, pushArtifact } from "@capstan/oci";
import { describe, expect, it } from "vitest";
import { chartFilesOf } from "./testing/charts.js";
import { conditionOf, isReadyNow, listen, startHome } from "./testing/home.js";
import { memoryRegistry } from "./testing/registry.js";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type Kind = "OCIRepository" | "HelmRepository" | "Bucket";

const LIMITS = { maxBytes: 4 * 1024 * 1024, maxEntries: 500 };

/** Creates a source whose server is `handler`, and gives what it says is wrong. */
async function complaintOf(kind: Kind, spec: (host: string) => object, handler: Handler) {
  const host = await listen(handler);
  const home = await startHome({ limits: LIMITS });
  await home.secret("login", {
    username: "ada",
    password: "hunter2",
    accesskey: "AKID",
    secretkey: "hunter2",
  });
  const source = home.of(kind);
  await source.create({ timeout: "3s", ...spec(host) });
  const object = await source.until((one) => conditionOf(one, "Ready")?.status === "False");
  expect(object.status?.artifact).toBeUndefined();
  expect(JSON.stringify(object.status)).not.toContain("hunter2");
  return conditionOf(object, "FetchFailed")?.message ?? "";
}

const index = (host: string) => ({ url: `http://${host}/charts` });
const repository = (host: string) => ({ url: `oci://${host}/app`, insecure: true });
const bucket = (host: string) => ({
  endpoint: host,
  bucketName: "data",
  insecure: true,
  secretRef: { name: "login" },
});

/** Sends bytes for as long as somebody takes them. */
function pour(response: ServerResponse, chunk: Buffer): void {
  const next = () => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once("drain", next);
  };
  next();
}

const MEBIBYTE = Buffer.alloc(1024 * 1024, " ");

describe("servers that never answer, or never end", () => {
  it.each<[Kind, (host: string) => object, string]>([
    ["HelmRepository", index, "no answer within 1s"],
    ["OCIRepository", repository, "within 1s"],
    ["Bucket", bucket, "the storage did not answer within 1s"],
  ])("%s gives up on silence", async (kind, spec, text) => {
    const complaint = await complaintOf(
      kind,
      (host) => ({ ...spec(host), timeout: "1s" }),
      () => undefined,
    );
    expect(complaint).toContain(text);
  });

  it("gives up on half an answer", async () => {
    const complaint = await complaintOf(
      "Bucket",
      (host) => ({ ...bucket(host), timeout: "1s" }),
      (_request, response) => {
        response.write("<ListBucketResult>");
      },
    );
    expect(complaint).toContain("the storage did not answer within 1s");
  });

  it.each<[Kind, (host: string) => object, string]>([
    ["HelmRepository", index, "is larger than the 52428800 bytes allowed"],
    ["OCIRepository", repository, "is larger than the 4194304 bytes allowed"],
    ["Bucket", bucket, "is larger than the 16777216 bytes allowed"],
  ])("%s stops reading past its bound", async (kind, spec, text) => {
    const complaint = await complaintOf(
      kind,
      (host) => ({ ...spec(host), timeout: "20s" }),
      (request, response) => {
        if (request.method === "HEAD") response.end();
        else pour(response, MEBIBYTE);
      },
    );
    expect(complaint).toContain(text);
  });

  it("stops unpacking a compressed index past its bound", async () => {
    const bomb = gzipSync(Buffer.alloc(60 * 1024 * 1024, " "));
    const complaint = await complaintOf("HelmRepository", index, (request, response) => {
      expect(request.headers["accept-encoding"]).toBe("gzip");
      response.setHeader("Content-Encoding", "gzip").end(bomb);
    });
    expect(complaint).toContain("is larger than the 52428800 bytes allowed");
  });

  it("stops following pages that lead nowhere", async () => {
    let pages = 0;
    const complaint = await complaintOf("Bucket", bucket, (_request, response) => {
      pages++;
      response.end(
        "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>same</NextContinuationToken></ListBucketResult>",
      );
    });
    expect(complaint).toContain("listing does not end");
    expect(pages).toBe(2);
  });
});

describe("servers that lie", () => {
  const listing = (count: number, size: number) => {
    const contents = Array.from(
      { length: count },
      (_, at) => `<Contents><Key>k${at}</Key><ETag>e</ETag><Size>${size}</Size></Contents>`,
    );
    return `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join("")}</ListBucketResult>`;
  };

  it.each([
    ["more objects than allowed", listing(501, 1), "has more than 500 objects"],
    [
      "more bytes than allowed",
      listing(2, 3 * 1024 * 1024),
      "have 6291456 bytes, more than the 4194304 allowed",
    ],
  ])("of %s: nothing is downloaded", async (_name, xml, text) => {
    const complaint = await complaintOf("Bucket", bucket, (request, response) => {
      expect(request.url).toContain("list-type=2");
      response.end(xml);
    });
    expect(complaint).toContain(text);
  });

  it("about the size of an object", async () => {
    const complaint = await complaintOf("Bucket", bucket, (request, response) => {
      response.end(request.url?.includes("list-type=2") === true ? listing(1, 1) : MEBIBYTE);
    });
    expect(complaint).toContain("is larger than the");
  });

  it("about the sizes of many objects, a little each", async () => {
    const little = Buffer.alloc(60 * 1024);
    const complaint = await complaintOf("Bucket", bucket, (request, response) => {
      response.end(request.url?.includes("list-type=2") === true ? listing(100, 1) : little);
    });
    expect(complaint).toContain("have more than the 4194304 bytes allowed");
  });

  it("about content under a digest", async () => {
    const registry = await memoryRegistry();
    const client = new OciClient({ url: `oci://${registry.host}/app`, insecure: true, push: true });
    const digest = await pushArtifact(client, { tag: "latest", layer: Buffer.from("content") });
    const { layers } = await client.manifest(digest);
    registry.blobs.set(layers[0]!.digest, Buffer.from("CONTENT"));
    const home = await startHome();
    const source = home.of("OCIRepository");
    await source.create({ ...repository(registry.host), layerSelector: { operation: "copy" } });
    const failed = await source.until((object) => conditionOf(object, "Ready")?.status === "False");
    expect(conditionOf(failed, "Ready")?.message).toContain("has other content");
    registry.manifests.set(digest, Buffer.from('{"layers":[]}'));
    const second = await source.reconcile("1");
    expect(conditionOf(second, "Ready")?.message).toContain("has other content");
    expect(second.status?.artifact).toBeUndefined();
  });
});

describe("servers that send elsewhere", () => {
  it.each<[Kind, (host: string) => object]>([
    ["HelmRepository", (host) => ({ ...index(host), secretRef: { name: "login" } })],
    ["Bucket", bucket],
  ])("%s takes no credentials along", async (kind, spec) => {
    const seen: (string | undefined)[] = [];
    const elsewhere = await listen((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(500).end();
    });
    await complaintOf(kind, spec, (_request, response) => {
      response.setHeader("Location", `http://${elsewhere}/x`).writeHead(307).end();
    });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((authorization) => authorization === undefined)).toBe(true);
  });

  it("in circles", async () => {
    const complaint = await complaintOf("HelmRepository", index, (request, response) => {
      response
        .setHeader("Location", request.url ?? "/")
        .writeHead(302)
        .end();
    });
    expect(complaint).toContain("redirects too often");
  });
});

describe("archives", () => {
  /** A tarball's header: names are all that differs. */
  const header = (name: string, size = 0): Buffer => {
    const block = Buffer.alloc(512);
    block.write(name, 0);
    block.write("0000644\0", 100);
    block.write("0000000\0".repeat(2), 108);
    block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
    block.write("00000000000\0", 136);
    block.write("        0", 148);
    block.write("ustar\x0000", 257, "latin1");
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return block;
  };

  const repositoryOf = async (layer: Buffer) => {
    const registry = await memoryRegistry();
    const client = new OciClient({ url: `oci://${registry.host}/app`, insecure: true, push: true });
    await pushArtifact(client, { tag: "latest", layer });
    const home = await startHome({ limits: LIMITS });
    const source = home.of("OCIRepository");
    await source.create(repository(registry.host));
    const failed = await source.until((object) => conditionOf(object, "Ready")?.status === "False");
    expect(conditionOf(failed, "Ready")?.reason).toBe("OCIArtifactLayerOperationFailed");
    return conditionOf(failed, "Ready")?.message;
  };

  it.each([
    [
      "more entries than allowed",
      () => Buffer.concat(Array.from({ length: 2000 }, (_, at) => header(`f${at}`))),
      "has more than 500 entries",
    ],
    ["a bomb", () => Buffer.concat([header("f", 32 * 1024 * 1024), Buffer.alloc(32 * 1024 * 1024)]), "bytes"],
    ["a path out of the tree", () => header("../../etc/passwd"), "leaves its tree"],
    ["an absolute path", () => header("/etc/passwd"), "is absolute"],
  ])("with %s are refused", async (_name, tar, text) => {
    expect(await repositoryOf(gzipSync(Buffer.concat([tar(), Buffer.alloc(1024)])))).toContain(text);
  });

  it("of charts in charts are refused once they come to too much", async () => {
    const { packChart } = await import("@capstan/helm");
    const padding = { name: "files/padding", data: Buffer.alloc(5 * 1024 * 1024) };
    const inner = packChart([
      ...chartFilesOf("inner", "1.0.0"),
      ...Array.from({ length: 15 }, (_, at) => ({ ...padding, name: `files/${at}` })),
    ]);
    const nested = Array.from({ length: 4 }, (_, at) => ({ name: `charts/inner${at}.tgz`, data: inner }));
    expect(inner.length).toBeLessThan(1024 * 1024);
    expect(() => packChart([...chartFilesOf("outer", "1.0.0"), ...nested])).toThrow(
      "is larger than 209715200 bytes",
    );
  });
});

it("takes a compressed index", async () => {
  const text = JSON.stringify({
    apiVersion: "v1",
    entries: { a: [{ name: "a", version: "1.0.0", urls: ["a.tgz"] }] },
  });
  const host = await listen((_request, response) => {
    response.setHeader("Content-Encoding", "gzip").end(gzipSync(text));
  });
  const home = await startHome();
  const source = home.of("HelmRepository");
  await source.create(index(host));
  await source.until(isReadyNow);
});
