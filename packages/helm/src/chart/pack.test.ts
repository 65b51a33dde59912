import { describe, expect, it } from "vitest";
import { unpackChart } from "./archive.js";
import type { ChartFile } from "./chart.js";
import { loadArchive } from "./load.js";
import { packChart } from "./pack.js";

const file = (name: string, text: string): ChartFile => ({ name, data: Buffer.from(text) });
const chart = (name: string, version = "1.0.0", more = "") =>
  file("Chart.yaml", `apiVersion: v2\nname: ${name}\nversion: ${version}\n${more}`);
const textOf = (bytes: Uint8Array, name: string) => {
  const found = unpackChart(bytes).find((one) => one.name === name);
  return found === undefined ? undefined : Buffer.from(found.data).toString();
};

describe("packChart", () => {
  it("gives the same bytes whatever the order of files, Helm's order inside", () => {
    const files = [
      file("README.md", "x"),
      file("templates/a.yaml", "a"),
      chart("app"),
      file("values.yaml", "a: 1"),
    ];
    const packed = packChart(files);
    expect(Buffer.compare(packed, packChart([...files].reverse()))).toBe(0);
    expect(unpackChart(packed).map(({ name }) => name)).toEqual([
      "Chart.yaml",
      "values.yaml",
      "templates/a.yaml",
      "README.md",
    ]);
  });

  it("writes version and values anew, and only what Helm knows of Chart.yaml", () => {
    const files = [
      chart("app", "1.0.0", "appVersion: 1.10\nunknown: x\ndeprecated: false\n"),
      file("values.yaml", "a: 1"),
    ];
    const packed = packChart(files, { version: "1.0.0+3", values: "a: 2\n" });
    expect(textOf(packed, "Chart.yaml")).toBe(
      'apiVersion: v2\nappVersion: "1.1"\nname: app\nversion: 1.0.0+3\n',
    );
    expect(textOf(packed, "values.yaml")).toBe("a: 2\n");
  });

  it("unfolds packed dependencies and adds others", () => {
    const inner = packChart([chart("inner", "2.0.0"), file("templates/x.yaml", "x")]);
    const files = [chart("app"), { name: "charts/inner-2.0.0.tgz", data: inner }];
    const packed = packChart(files, {
      dependencies: [{ directory: "alias", files: [chart("other", "3.0.0")] }],
    });
    const names = loadArchive(packed).dependencies.map(({ metadata }) => metadata.name);
    expect(names).toEqual(["other", "inner"]);
    expect(textOf(packed, "charts/inner/templates/x.yaml")).toBe("x");
  });

  it("keeps long and accented names", () => {
    const names = [`templates/${"d/".repeat(60)}long.yaml`, "files/größe.txt"];
    const packed = packChart([chart("app"), ...names.map((name) => file(name, name))]);
    for (const name of names) expect(textOf(packed, name)).toBe(name);
  });

  it("refuses files without a Chart.yaml", () => {
    expect(() => packChart([file("values.yaml", "")])).toThrow("Chart.yaml file is missing");
  });
});
