import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { expect, test, vi } from "vitest";
import { openControlPlane } from "../control-plane.js";
import { systemClock, systemRandom } from "../testing/system-runtime.js";

const CONFIGS = "/api/v1/namespaces/default/configmaps";

function ask(session: ClientHttp2Session, path: string): ClientHttp2Stream {
  return session.request({ ":path": path, authorization: "Bearer admin" });
}

function text(stream: ClientHttp2Stream): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = "";
    stream.setEncoding("utf8");
    stream
      .on("data", (piece: string) => {
        all += piece;
      })
      .on("end", () => resolve(all))
      .on("error", reject);
  });
}

test("a watch whose client leaves before its turn comes is given up", async () => {
  const tokens = new Map([["admin", { name: "admin", groups: ["system:masters"] }]]);
  const plane = await openControlPlane({ port: 0, clock: systemClock, random: systemRandom, tokens });
  const session = connect(plane.url, { ca: plane.caPem });
  const watches = async () => {
    const metrics = await text(ask(session, "/metrics"));
    return /^apiserver_longrunning_requests(?:\{[^}]*\})? (\d+)$/m.exec(metrics)?.[1];
  };
  try {
    const before = await watches();
    expect(before).toBeDefined();
    // Those in front keep the server busy while the watches are cancelled.
    const lists = Array.from({ length: 100 }, () => text(ask(session, CONFIGS)));
    for (let i = 0; i < 50; i++) {
      const watch = ask(session, `${CONFIGS}?watch=true`);
      watch.on("error", () => undefined);
      watch.close(constants.NGHTTP2_CANCEL);
    }
    await Promise.all(lists);
    await vi.waitFor(async () => expect(await watches()).toBe(before), { timeout: 5_000 });
  } finally {
    session.destroy();
    await plane.close();
  }
});
