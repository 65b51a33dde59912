import { createHash } from "node:crypto";
import { listen } from "./home.js";

/** A registry in memory that takes what is pushed; with `password` it wants basic credentials. */
export async function memoryRegistry(password?: string) {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, Buffer>();
  const requests: string[] = [];
  const digest = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const host = await listen(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://x");
    requests.push(`${request.method} ${url.pathname}`);
    // Trades a cloud's token for the password, as Azure's registries do.
    if (url.pathname === "/oauth2/exchange")
      return void response.end(JSON.stringify({ refresh_token: password }));
    const [, basic = ""] = /^Basic (.+)$/.exec(request.headers.authorization ?? "") ?? [];
    const given = Buffer.from(basic, "base64").toString("utf8").split(":")[1];
    if (password !== undefined && given !== password) {
      response.setHeader("WWW-Authenticate", "Basic").writeHead(401).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const [, kind = "", reference = ""] =
      /^\/v2\/.+?\/(manifests|blobs|tags)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === "tags") {
      response.end(
        JSON.stringify({ tags: [...manifests.keys()].filter((tag) => !tag.startsWith("sha256:")) }),
      );
    } else if (request.method === "POST") {
      response.setHeader("Location", `${url.pathname}one`).writeHead(202).end();
    } else if (request.method === "PUT") {
      if (kind === "manifests") manifests.set(reference, body).set(digest(body), body);
      else blobs.set(url.searchParams.get("digest") ?? "", body);
      response.writeHead(201).end();
    } else {
      const bytes = kind === "manifests" ? manifests.get(reference) : blobs.get(reference);
      if (bytes !== undefined) response.setHeader("Docker-Content-Digest", digest(bytes));
      response.writeHead(bytes === undefined ? 404 : 200).end(request.method === "HEAD" ? undefined : bytes);
    }
  });
  return { host, blobs, manifests, requests };
}
