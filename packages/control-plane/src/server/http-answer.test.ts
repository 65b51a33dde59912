import { once } from "node:events";
import { createServer, get, type IncomingMessage, type Server } from "node:http";
import { connect, createServer as createHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { type Reply, type Response, sendReply } from "./http-answer.js";

let server: Server | ReturnType<typeof createHttp2> | undefined;
let sent: Promise<void> | undefined;

afterEach(() => server?.close());

/** A document in many chunks of different sizes, a little over two pieces. */
function document(): { chunks: Uint8Array[]; whole: Buffer } {
  const chunks = Array.from({ length: 1_500 }, (_, index) => Buffer.alloc(index, 97 + (index % 26)));
  return { chunks, whole: Buffer.concat(chunks) };
}

const reply = (chunks: readonly Uint8Array[], more: Partial<Reply> = {}): Reply => ({
  status: 200,
  contentType: "application/json",
  chunks,
  ...more,
});

async function listen(answer: Reply, acceptEncoding?: string): Promise<string> {
  server = createServer((_request, response) => {
    sent = sendReply(response, answer, acceptEncoding, "audit");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function fetched(url: string): Promise<{ response: IncomingMessage; body: Buffer }> {
  const [response] = (await once(get(url, { agent: false }), "response")) as [IncomingMessage];
  return { response, body: Buffer.concat(await response.toArray()) };
}

describe("sendReply", () => {
  it("sends a large document whole, with its length and headers", async () => {
    const { chunks, whole } = document();
    const { response, body } = await fetched(await listen(reply(chunks, { warnings: ["careful"] })));
    expect(body.equals(whole)).toBe(true);
    expect(response.headers).toMatchObject({
      "content-length": String(whole.length),
      "audit-id": "audit",
      "cache-control": "no-cache, private",
      warning: '299 - "careful"',
    });
  });

  it("compresses a large document for a client that takes it", async () => {
    const { chunks, whole } = document();
    const { response, body } = await fetched(await listen(reply(chunks), "gzip"));
    expect(response.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(body).equals(whole)).toBe(true);
    expect(response.headers["vary"]).toBe("Accept-Encoding");
  });

  it("keeps what else a compressed answer varies by", async () => {
    const { chunks } = document();
    const { response } = await fetched(await listen(reply(chunks, { headers: { vary: "Accept" } }), "gzip"));
    expect(response.headers["vary"]).toBe("Accept-Encoding, Accept");
  });

  it("sends a large document over HTTP/2", async () => {
    const { chunks, whole } = document();
    const http2 = createHttp2((_request, response: Response) => {
      sent = sendReply(response, reply(chunks), undefined, "audit");
    });
    server = http2;
    http2.listen(0, "127.0.0.1");
    await once(http2, "listening");
    const session = connect(`http://127.0.0.1:${(http2.address() as AddressInfo).port}`);
    const stream = session.request({ ":path": "/" });
    expect(Buffer.concat(await stream.toArray()).equals(whole)).toBe(true);
    session.close();
  });

  it("ends when the client goes away in the middle", async () => {
    const large = Array.from({ length: 64 }, () => Buffer.alloc(512 * 1024));
    const url = await listen(reply(large));
    const [response] = (await once(get(url, { agent: false }), "response")) as [IncomingMessage];
    response.destroy();
    await sent;
    await expect(sent).resolves.toBeUndefined();
  });
});
