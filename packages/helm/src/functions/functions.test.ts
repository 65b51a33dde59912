import { expect, test } from "vitest";
import { Engine } from "../template/engine.js";
import { TemplateError } from "../template/error.js";
import { fromPlain } from "../value/go-value.js";

const values = { s: "Hello World", n: 3, l: [1, "two", null], m: { a: 1, z: null } };

function run(template: string): string {
  const engine = new Engine({
    clock: { now: () => 0, after: () => () => undefined },
    random: { float: () => 0, bytes: (length) => new Uint8Array(length) },
  });
  try {
    engine.add("t", template);
    return engine.render("t", fromPlain(values));
  } catch (error) {
    if (error instanceof TemplateError) return `!${error.message.split("error calling ").at(-1)}`;
    throw error;
  }
}

// What the real tool prints for each.
test.each([
  ["bytes cut out of a character survive encoding", '{{ trunc 1 "é" | b64enc }}', "ww=="],
  ["and are no character in JSON", '{{ trunc 1 "é" | toJson }}', '"\\ufffd"'],
  ["and are shown by quote", '{{ trunc 1 "é" | quote }}', '"\\xc3"'],
  ["nospace takes bytes for characters", '{{ nospace "é x" }}', "Ã©x"],
  ["wrap counts bytes", '{{ wrap 4 "é ü ß" }}', "é\nü\nß"],
  ["initials are bytes", '{{ initials "éa b" }}', "Ãb"],
  ["upper case is one to one", '{{ upper "straße" }}', "STRAßE"],
  ["words of snake case", '{{ snakecase "HTTP20xOK fooID99 v1beta1" }}', "http_20x_ok_foo_id99_v_1beta1"],
  ["camel case keeps digits", '{{ camelcase "0x1F" }}', "0x1F"],
  [
    "a colon in the first segment",
    '{{ urlParse "12:30" }}',
    '!urlParse: unable to parse url: parse "12:30": first path segment in URL cannot contain colon',
  ],
  [
    "a blank in a host",
    '{{ urlParse "http://a b" }}',
    '!urlParse: unable to parse url: parse "http://a b": invalid character " " in host name',
  ],
  [
    "a joined URL is escaped",
    '{{ urlJoin (dict "scheme" "http" "host" "h" "path" "a b!" "fragment" "x y") }}',
    "http://h/a%20b%21#x%20y",
  ],
  ["JSON with too much", '{{ fromJson "1 2" }}', "map[Error:invalid character '2' after top-level value]"],
  [
    "JSON with half a word",
    '{{ fromJson "tru" }}',
    "map[Error:invalid character ' ' in literal true (expecting 'e')]",
  ],
  ["JSON cut off", `{{ fromJson "[1" }}`, "map[Error:unexpected end of JSON input]"],
  ["JSON's null is a nil map", '{{ fromJson "null" | toJson }}', "null"],
  [
    "a duration without unit",
    '{{ mustDateModify "3.9" (toDate "2006" "2021") }}',
    '!mustDateModify: time: missing unit in duration "3.9"',
  ],
  [
    "a duration with another unit",
    '{{ mustDateModify "1e3" (toDate "2006" "2021") }}',
    '!mustDateModify: time: unknown unit "e" in duration "1e3"',
  ],
  ["base64 too short", '{{ b64dec "YQ" }}', "illegal base64 data at input byte 0"],
  ["seq up to where it starts", "{{ seq 0 2 0 }}", "0"],
  ["octal digits of a float", "{{ toDecimal 1e6 }}", "0"],
  ["chunks of a negative size", "{{ chunk -1 (list 1 2) }}", "[]"],
  [
    "padding of what does not fit its verb",
    '{{ printf "%05.2f" 0 }} {{ printf "%08b" true }}',
    "%!f(int=   00) %!b(bool=0000true)",
  ],
  ["floats in hexadecimal", '{{ printf "%x %#x" 2.5 2.0 }}', "0x1.4p+01 0x1.0000p+01"],
  ["nil in a list has no verb", '{{ printf "%s" (list nil "a") }}', "[<nil> a]"],
  [
    "kinds clash before types",
    '{{ lt true "a" }}',
    "!lt: incompatible types for comparison: bool and string",
  ],
  [
    "a map and a list are not compared",
    "{{ eq (dict) (list 1) }}",
    "!eq: non-comparable types map[]: map[string]interface {}, []interface {}: [1]",
  ],
  ["nil is an empty list that is nil", "{{ eq .nope (concat) }}", "true"],
  [
    "nil that a function gave has no length",
    "{{ len (slice (list) 1 3) }}",
    "!len: reflect: call of reflect.Value.Type on zero Value",
  ],
  ["a nil in a map has no length", "{{ len .m.z }}", "!len: len of nil pointer"],
  ["TOML of a value without key", '{{ toToml "x" }} {{ toToml 1000000.0 }}', '"x" 1e+06'],
  [
    "a constraint is read before a version",
    '{{ semverCompare "bad" "x" }}',
    "!semverCompare: improper constraint: bad",
  ],
  [
    "methods of times",
    '{{ $t := toDate "2006-01-02" "2021-03-04" }}{{ $t.Month }} {{ printf "%d" $t.Month }} {{ $t.Weekday }} {{ $t.IsZero }} {{ ($t.AddDate 0 1 1).Format "2006-01-02" }}',
    "March 3 Thursday false 2021-04-05",
  ],
])("%s", (_name, template, expected) => {
  expect(run(template)).toBe(expected);
});
