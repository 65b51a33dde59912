import { describe, expect, test } from "vitest";
import { ChartError, type ChartFile, loadChart, RenderError, renderChart, templateOutput } from "../index.js";

function chart(files: Record<string, string>): ReturnType<typeof loadChart> {
  const all = { "Chart.yaml": "apiVersion: v2\nname: p\nversion: 1.0.0\n", ...files };
  const list: ChartFile[] = Object.entries(all).map(([name, text]) => ({ name, data: Buffer.from(text) }));
  return loadChart(list);
}

function render(files: Record<string, string>, values: Record<string, unknown> = {}): string {
  const result = renderChart(chart(files), {
    releaseName: "r",
    namespace: "n",
    values,
    clock: { now: () => 0, after: () => () => undefined },
    random: { float: () => 0, bytes: (length) => new Uint8Array(length) },
  });
  return templateOutput(result, { includeCrds: true });
}

const only = (text: string, values: Record<string, unknown> = {}, defaults = ""): string =>
  render({ "templates/a.yaml": `v: ${text}`, "values.yaml": defaults }, values)
    .replace("---\n# Source: p/templates/a.yaml\nv: ", "")
    .trimEnd();

describe("templates", () => {
  test.each([
    ["{{ .Release.Name }}/{{ .Chart.Name }}", "r/p"],
    ["{{ range $i, $x := list 1 2 3 }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ $x }}{{ end }}", "13"],
    ['{{ dict "b" 1 "a" (list 1 2.5 nil) }}', "map[a:[1 2.5 <nil>] b:1]"],
    ['{{ printf "%05d|%-4s|%q|%v" 42 "a" "x" 1e6 }}', '00042|a   |"x"|1e+06'],
    ["{{ .Values.num }}", "1e+06"],
    ["{{ int .Values.num }}", "1000000"],
    ["{{ toYaml .Values.m | nindent 2 }}", "\n  a: 1\n  b:\n  - x"],
    ['{{ tpl "{{ .Values.s }}" . }}', "text"],
    ['{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }}', "-W-xxW-"],
    ['{{ "2.3.4" | semverCompare "^2.1.0" }}', "true"],
    ["{{ .Values.missing }}|", "|"],
    ["{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"],
  ])("%s", (text, expected) => {
    expect(only(text, {}, "num: 1000000\ns: text\nm: {b: [x], a: 1}")).toBe(expected);
  });

  test("end the last line of a values file, and not that of a text given to fromYaml", () => {
    expect(only("{{ .Values.t | quote }}", {}, "t: |\n  x")).toBe('"x\\n"');
    expect(only('{{ (fromYaml "t: |\\n  x").t | quote }}')).toBe('"x"');
  });

  test("names the place of a failure", () => {
    expect(() => only("{{ .Values.a.b }}")).toThrow(
      new RenderError(
        'p/templates/a.yaml:1:13\n  executing "p/templates/a.yaml" at <.Values.a.b>:\n    nil pointer evaluating interface {}.b',
      ),
    );
    expect(() => only('{{ fail "stop" }}')).toThrow("execution error at (p/templates/a.yaml:1:6): stop");
    expect(() => only("{{ nope }}")).toThrow(
      'parse error at (p/templates/a.yaml:1): function "nope" not defined',
    );
  });

  test("bounds a template that includes itself", () => {
    const files = {
      "templates/_h.tpl": '{{ define "f" }}{{ include "f" . }}{{ end }}',
      "templates/a.yaml": 'v: {{ include "f" . }}',
    };
    expect(() => render(files)).toThrow(/nested reference name|Maximum call stack/);
  });
});

describe("values", () => {
  test.each([
    ["a null removes a default", { a: { x: null } }, "a: {x: 1, k: 2}", `{"a":{"k":2}}`],
    ["maps merge, lists do not", { a: { x: [9] } }, "a: {x: [1, 2], k: 2}", `{"a":{"k":2,"x":[9]}}`],
    [
      "a key named like a prototype's is an ordinary key",
      JSON.parse('{"__proto__": {"x": 1}}'),
      "",
      '{"__proto__":{"x":1}}',
    ],
  ])("%s", (_name, values, defaults, expected) => {
    expect(only("{{ .Values | toJson }}", values, defaults)).toBe(expected);
  });
});

describe("charts", () => {
  const parent =
    "apiVersion: v2\nname: p\nversion: 1.0.0\ndependencies:\n- {name: s, version: 1.x, condition: s.enabled, alias: t}\n";
  const child = {
    "charts/s/Chart.yaml": "apiVersion: v2\nname: s\nversion: 1.2.0\n",
    "charts/s/values.yaml": "k: d\n",
  };
  const body = {
    "charts/s/templates/b.yaml": "kind: {{ .Values.k }}{{ .Values.global.g }}{{ .Chart.Name }}",
  };

  test("renders dependencies under their alias with scoped values", () => {
    const output = render({ "Chart.yaml": parent, ...child, ...body }, { t: { k: "v" }, global: { g: "G" } });
    expect(output).toBe("---\n# Source: p/charts/t/templates/b.yaml\nkind: vGt\n");
  });

  test("leaves out a dependency whose condition is false", () => {
    expect(render({ "Chart.yaml": parent, ...child, ...body }, { s: { enabled: false } })).toBe("\n");
  });

  test("sorts by kind, hooks last", () => {
    const output = render({
      "templates/a.yaml":
        "kind: Deployment\n---\nkind: Pod\nmetadata: {annotations: {helm.sh/hook: test}}\n---\nkind: Secret",
    });
    expect(output.match(/kind: \w+/g)).toEqual(["kind: Secret", "kind: Deployment", "kind: Pod"]);
  });

  test("refuses what is no chart", () => {
    expect(() => loadChart([])).toThrow(new ChartError("Chart.yaml file is missing"));
    expect(() => render({ "Chart.yaml": parent })).toThrow(
      "found in Chart.yaml, but missing in charts/ directory: s",
    );
  });
});
