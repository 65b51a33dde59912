import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ChartError, type ChartFile, loadArchive, loadChart, RenderError } from "../index.js";
import { renderChart } from "./render.js";

function render(template: string, helpers = "", values: Record<string, unknown> = {}, limits = {}): string {
  const files: ChartFile[] = [
    { name: "Chart.yaml", data: Buffer.from("apiVersion: v2\nname: p\nversion: 1.0.0\n") },
    { name: "templates/a.yaml", data: Buffer.from(template) },
    { name: "templates/_h.tpl", data: Buffer.from(helpers) },
    { name: `data/${"a".repeat(40)}.txt`, data: Buffer.from("x") },
  ];
  return renderChart(loadChart(files), {
    releaseName: "r",
    namespace: "n",
    values,
    limits,
    clock: { now: () => 0, after: () => () => undefined },
    random: { float: () => 0, bytes: (length) => new Uint8Array(length) },
  }).notes;
}

/** Fails with a typed error that names the template, within a time that a worker has. */
function expectRefused(template: string, message: RegExp, helpers = "", limits = {}): void {
  const started = performance.now();
  const failed = (): unknown => {
    try {
      return render(template, helpers, {}, limits);
    } catch (error) {
      return error;
    }
  };
  const error = failed();
  expect(error).toBeInstanceOf(RenderError);
  expect(String(error)).toMatch(message);
  expect(performance.now() - started).toBeLessThan(20_000);
}

describe("templates without end", () => {
  test("includes themselves", () => {
    expectRefused('v: {{ include "f" . }}', /p\/templates/, '{{ define "f" }}{{ include "f" . }}{{ end }}');
    expectRefused('v: {{ template "f" . }}', /p\/templates/, '{{ define "f" }}{{ template "f" . }}{{ end }}');
    expectRefused('{{ $t := "{{ tpl . . }}" }}v: {{ tpl $t $t }}', /p\/templates/);
  });

  test("loop in loops", () => {
    const loop =
      "{{ range until 1000 }}{{ range until 1000 }}{{ range until 1000 }}x{{ end }}{{ end }}{{ end }}";
    expectRefused(loop, /a\.yaml:1:.*maximum number of steps/s, "", { steps: 300_000 });
  });

  test("write more than they may", () => {
    const text = '{{ range until 10000 }}{{ repeat 100000 "x" }}{{ end }}';
    expectRefused(text, /a\.yaml:1:.*maximum size/s, "", { output: 10_000_000 });
  });

  test("double text and lists", () => {
    expectRefused('{{ $s := "xxxxxxxx" }}{{ range until 60 }}{{ $s = print $s $s }}{{ end }}', /a\.yaml:1:/);
    expectRefused("{{ $l := list 1 2 }}{{ range until 60 }}{{ $l = concat $l $l }}{{ end }}", /maximum size/);
  });

  test("share one value exponentially often", () => {
    const doubled = '{{ $d := dict "a" 1 }}{{ range until 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}';
    for (const use of [
      "toYaml $d | len",
      "toJson $d | len",
      "$d",
      'printf "%v" $d',
      "deepCopy $d | len",
      "deepEqual $d (deepCopy $d)",
    ])
      expectRefused(`${doubled}v: {{ ${use} }}`, /a\.yaml/);
  });

  test("hold themselves", () => {
    expectRefused('{{ $d := dict }}{{ $_ := set $d "d" $d }}v: {{ toYaml $d }}', /a\.yaml/);
  });

  test("nest in their text", () => {
    expectRefused(`v: {{ ${"(".repeat(50_000)}1${")".repeat(50_000)} }}`, /a\.yaml/);
    expectRefused("{{ if true }}".repeat(5_000) + "{{ end }}".repeat(5_000), /a\.yaml/);
  });

  test("make keys without end", () => {
    expectRefused(
      '{{ range until 1000000 }}{{ genPrivateKey "rsa" }}{{ end }}',
      /maximum number of steps/,
      "",
      {
        steps: 100_000,
      },
    );
  });
});

describe("patterns", () => {
  test.each([
    ['{{ regexMatch "^(a+)+$" (printf "%s!" (repeat 5000 "a")) }}'],
    ['{{ len (.Files.Glob "data/*a*a*a*a*a*a*a*a*a*a*a*a*a*b") }}'],
  ])("do not backtrack: %s", (template) => {
    const started = performance.now();
    render(`v: ${template}`);
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

/** A tar header; `type` 0 is a file, 2 a symbolic link. */
function entry(name: string, data: Buffer, type = "0", size = data.length): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write(size.toString(8).padStart(11, "0"), 124);
  header.write(type, 156);
  header.write("ustar", 257);
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

const chartYaml = entry("p/Chart.yaml", Buffer.from("apiVersion: v2\nname: p\nversion: 1.0.0\n"));

describe("long runs of blanks", () => {
  test.each([
    ["before a trim marker", `v: 1${" ".repeat(400_000)}x{{- "" }}`],
    [
      "between documents",
      '{{ repeat 400000 "\\n" }}kind: A{{ repeat 400000 "\\n" }}---{{ repeat 400000 " " }}',
    ],
    [
      "in trim and base",
      'v: {{ printf "x%sx" (repeat 400000 " ") | trim | len }}{{ base (printf "%sx" (repeat 400000 "/")) }}',
    ],
  ])("%s take linear time", (_name, template) => {
    const started = performance.now();
    render(template);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe("archives", () => {
  test.each([
    ["climb out", "p/../../etc/passwd", /illegally references parent directory/],
    ["start at the root", "/etc/passwd", /illegally contains absolute paths/],
    ["use a drive", "c:/x", /illegally named files/],
    ["hide a parent behind backslashes", "p\\..\\..\\x", /illegally references parent directory/],
  ])("that %s are refused", (_name, path, message) => {
    expect(() => loadArchive(gzipSync(Buffer.concat([chartYaml, entry(path, Buffer.from("x"))])))).toThrow(
      message,
    );
  });

  test("links are left out", () => {
    const chart = loadArchive(gzipSync(Buffer.concat([chartYaml, entry("p/link", Buffer.alloc(0), "2")])));
    expect(chart.files).toEqual([]);
  });

  test("bombs are refused before they are unpacked", () => {
    const bomb = gzipSync(Buffer.alloc(105_000_000));
    expect(() => loadArchive(bomb)).toThrow("decompressed chart is larger than the maximum size 104857600");
    expect(() =>
      loadArchive(gzipSync(Buffer.concat([chartYaml, entry("p/x", Buffer.alloc(6_000_000))]))),
    ).toThrow('decompressed chart file "p/x" is larger than the maximum file size 5242880');
  });

  test("entries without number are refused", () => {
    const many = Buffer.concat(
      Array.from({ length: 120_000 }, () => entry("p/templates/x", Buffer.alloc(0))),
    );
    expect(() => loadArchive(gzipSync(many))).toThrow(ChartError);
  });

  test("sizes that lie, and archives cut off, are refused", () => {
    expect(() =>
      loadArchive(gzipSync(Buffer.concat([chartYaml, entry("p/x", Buffer.from("x"), "0", 99_999_999)]))),
    ).toThrow(ChartError);
    expect(() => loadArchive(Buffer.from("no archive"))).toThrow(ChartError);
    expect(() => loadArchive(gzipSync(chartYaml).subarray(0, 40))).toThrow(ChartError);
  });

  test("charts inside charts without end are refused", () => {
    let inner = gzipSync(chartYaml);
    for (let depth = 0; depth < 60; depth += 1)
      inner = gzipSync(Buffer.concat([chartYaml, entry("p/charts/s.tgz", inner)]));
    expect(() => loadArchive(inner)).toThrow("nested too deeply");
  });
});
