import { expect, it } from "vitest";
import { goJsonError } from "./go-json-error.js";

it.each([
  ["", "unexpected end of JSON input"],
  ['{"a":1', "unexpected end of JSON input"],
  ["{not json}", "invalid character 'n' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
  ["[1 2]", "invalid character '2' after array element"],
  ["[1,]", "invalid character ']' looking for beginning of value"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ["{}x", "invalid character 'x' after top-level value"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['"\\q"', "invalid character 'q' in string escape code"],
  ['"\\u12x4"', "invalid character 'x' in \\u hexadecimal character escape"],
  ["nul0", "invalid character '0' in literal null (expecting 'l')"],
  ["01", "invalid character '1' after top-level value"],
  ["-x", "invalid character 'x' in numeric literal"],
  ["1.x", "invalid character 'x' after decimal point in numeric literal"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
])("says of %j what Go says", (text, message) => {
  expect(goJsonError(text)).toBe(message);
});
