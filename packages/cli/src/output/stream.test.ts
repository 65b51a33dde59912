import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { objectStream } from "./stream.js";
import type { OutputFormat } from "./view.js";

const object = (name: string, data: string) =>
  ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, data }) as KubeObject;

const columns = () => [
  { header: "NAME", cell: (each: KubeObject) => each.metadata.name },
  { header: "DATA", cell: (each: KubeObject) => String(each["data"]) },
  { header: "MORE", cell: () => "m", wide: true },
];

function printed(format: OutputFormat): string {
  const stream = objectStream(format, columns);
  return stream.head + stream.next(object("a", "1")) + stream.next(object("longer", "2"));
}

describe("objects as they come", () => {
  it("are rows under headers, in columns as wide as the widest so far", () => {
    expect(printed("text")).toBe("NAME   DATA\na      1\nlonger   2\n");
    expect(printed("wide")).toBe("NAME   DATA   MORE\na      1      m\nlonger   2      m\n");
    const measured = objectStream("text", columns, [object("longer", "")]);
    expect(measured.head + measured.next(object("a", "1"))).toBe("NAME     DATA\na        1\n");
  });

  it("are documents of their own where data is asked for", () => {
    expect(printed("name")).toBe("deployment.apps/a\ndeployment.apps/longer\n");
    const [first, second] = printed("json").split("}\n{");
    expect(JSON.parse(`${first}}`)).toEqual(object("a", "1"));
    expect(JSON.parse(`{${second}`)).toEqual(object("longer", "2"));
    const [one, two, ...rest] = printed("yaml").split("---\n");
    expect([one, two, rest.length]).toEqual([
      'apiVersion: apps/v1\ndata: "1"\nkind: Deployment\nmetadata:\n  name: a\n',
      'apiVersion: apps/v1\ndata: "2"\nkind: Deployment\nmetadata:\n  name: longer\n',
      0,
    ]);
  });
});
