import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFully } from "./yaml-parse.js";
import { readUsualYaml } from "./yaml-usual.js";

const manifest = `---
# A comment
apiVersion: v1
kind: ConfigMap
metadata:
  name: "a"   # named
  labels: {}
  finalizers: ["x", 'y', z-1]
  annotations:
    example.com/number: "1"
    'quoted key': it's
    empty:
data:
  script: |
    #!/bin/sh

      echo "$1"
  flat: >-
    one
    two
  long: begins here
    and ends (there)
items:
- a: 1
  b:
  - c
  -
  - - d
- -1.5e3
- no
- 'it''s'
- "tab\\t\\"quote\\""
`;

describe("the reader of usual YAML", () => {
  it("reads manifests as the full parser does", () => {
    expect(readUsualYaml(manifest, "helm")).toEqual({
      line: 3,
      value: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: {
          name: "a",
          labels: {},
          finalizers: ["x", "y", "z-1"],
          annotations: { "example.com/number": "1", "quoted key": "it's", empty: null },
        },
        data: {
          script: '#!/bin/sh\n\n  echo "$1"\n',
          flat: "one two",
          long: "begins here and ends (there)",
        },
        items: [{ a: 1, b: ["c", null, ["d"]] }, -1500, false, "it's", 'tab\t"quote"'],
      },
    });
    expect([readUsualYaml(manifest, "helm")]).toEqual(parseFully(manifest));
    expect([readUsualYaml(manifest, "kustomize")]).toEqual(parseFully(manifest, { dialect: "kustomize" }));
  });

  it.each([
    ["", "nothing"],
    ["a: 1\n---\nb: 2\n", "two documents"],
    ["a: &x 1\nb: *x\n", "anchors"],
    ["a: !!str 1\n", "tags"],
    ["a: {b: c}\n", "mappings on a line"],
    ["a:\tb\n", "tabs"],
    ["? a\n: b\n", "keys with a mark"],
    ["<<: {}\n", "merge keys"],
    ["__proto__: 1\n", "keys of prototypes"],
    ["1: a\n", "keys that are no strings"],
    ["a: b: c\n", "what is no YAML"],
    ["a: 9007199254740993\n", "integers that are not exact"],
    ["a: .inf\n", "infinity"],
    ["a: |2\n  b\n", "blocks with a given indentation"],
    ["a: |\n  b", "blocks that the text ends in"],
    ["- a: 1\n b: 2\n", "lines that stand in between"],
  ])("leaves %j to the full parser: %s", (text) => {
    expect(readUsualYaml(text, "helm")).toBeUndefined();
  });

  it("leaves keys that are there twice to the full parser where they are faults", () => {
    expect(readUsualYaml("a: 1\na: 2\n", "helm")?.value).toEqual({ a: 2 });
    expect(readUsualYaml("a: 1\na: 2\n", "kustomize")).toBeUndefined();
  });

  it("agrees with the full parser on whatever it reads", () => {
    const word = fc.constantFrom(
      ...[
        "a",
        "b: c",
        "key:",
        "- ",
        "- - x",
        "-",
        "|",
        "|-",
        ">-",
        ">",
        "# c",
        " #c",
        ":",
        ": ",
        "'q'",
        '"d"',
      ],
      ...[
        "'it''s'",
        '"e\\n"',
        "[]",
        "{}",
        "[a, 'b']",
        "{a: b}",
        "1",
        "0x1f",
        "1e3",
        "yes",
        "~",
        "null",
        "---",
      ],
      ...[
        "...",
        "&a",
        "*a",
        "!t",
        "? k",
        "%d",
        "@",
        "a b",
        "x:y",
        "2001-01-01",
        "'",
        '"',
        ",",
        "]",
        "<<: *a",
        "",
      ],
    );
    const line = fc
      .tuple(fc.nat(6), fc.array(word, { maxLength: 3 }), fc.constantFrom("", " "))
      .map(([indent, words, end]) => `${" ".repeat(indent)}${words.join(" ")}${end}`);
    const text = fc
      .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom("", "\n"))
      .map(([lines, end]) => lines.join("\n") + end);
    const dialect = fc.constantFrom("helm" as const, "kustomize" as const);
    fc.assert(
      fc.property(text, dialect, (given, kind) => {
        const read = readUsualYaml(given, kind);
        if (read !== undefined)
          expect(JSON.stringify([read])).toBe(JSON.stringify(parseFully(given, { dialect: kind })));
      }),
      { numRuns: 3000 },
    );
  });
});
