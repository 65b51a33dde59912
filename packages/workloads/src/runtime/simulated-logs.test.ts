import { expect, it } from "vitest";
import type { Pod } from "../model/pod.js";
import { simulatedLogs } from "./simulated-logs.js";

const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
const pod: Pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p" },
  spec: { containers: [{ name: "a" }, { name: "b" }] },
  status: {
    containerStatuses: [
      {
        name: "a",
        state: { running: { startedAt: at(3) } },
        lastState: { terminated: { exitCode: 1, startedAt: at(1), finishedAt: at(2) } },
        ready: true,
        restartCount: 1,
        image: "a:1",
        imageID: "",
      },
    ],
  },
};

async function logs(query: Record<string, string>, changes: readonly Pod[] = []): Promise<string> {
  let text = "";
  const states = async function* () {
    yield* changes;
  };
  const chunks = simulatedLogs().logs(pod, new Map(Object.entries(query)), undefined, states);
  for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
  return text;
}

it("tells of starts and ends", async () => {
  expect(await logs({})).toBe(`${at(3)} simulated container a started (a:1)\n`);
  expect(await logs({ previous: "true", tailLines: "1" })).toBe(
    `${at(2)} simulated container a exited with code 1\n`,
  );
  expect(await logs({ container: "b" })).toBe("");
});

it("goes on while it is followed, until the container has ended for good", async () => {
  const ended = (exitCode: number): Pod => ({
    ...pod,
    spec: { ...pod.spec, restartPolicy: "OnFailure" },
    status: {
      containerStatuses: [
        {
          name: "a",
          state: { terminated: { exitCode, startedAt: at(3), finishedAt: at(4 + exitCode) } },
          lastState: {},
          ready: false,
          restartCount: 1,
          image: "a:1",
          imageID: "",
        },
      ],
    },
  });
  expect(await logs({ follow: "true" }, [pod, ended(1), ended(0), ended(3)])).toBe(
    [
      `${at(3)} simulated container a started (a:1)`,
      `${at(5)} simulated container a exited with code 1`,
      `${at(4)} simulated container a exited with code 0`,
      "",
    ].join("\n"),
  );
});
