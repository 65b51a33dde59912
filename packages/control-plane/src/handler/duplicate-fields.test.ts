import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duplicateFields } from "./duplicate-fields.js";

describe("duplicateFields", () => {
  it("names each path once, in the order of the document", () => {
    const text = '{"a":1,"b":[{"x":1,"x":2},{"x":1,"x":2,"x":3}],"a":{"c":"{\\"c\\":1}","c":2}}';
    expect(duplicateFields(text)).toEqual([
      'duplicate field "b[0].x"',
      'duplicate field "b[1].x"',
      'duplicate field "a"',
      'duplicate field "a.c"',
    ]);
  });

  it("reads the same whether a text has escapes or not", () => {
    const plain = '{ "a" : "x y", "b" : [ "]" , "}" ], "a" : "," , "n": 1.5e3, "t":true }';
    expect(duplicateFields(plain)).toEqual(['duplicate field "a"']);
    expect(duplicateFields(plain.replace("x y", "x\\u0020\\\\y"))).toEqual(['duplicate field "a"']);
    expect(duplicateFields('{"a":1,"\\u0061":2}')).toEqual(['duplicate field "a"']);
  });

  it("finds nothing in what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(duplicateFields(text)).toEqual([]);
      }),
    );
  });

  it("finds a member that is put in again, wherever it is", () => {
    const members = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 });
    fc.assert(
      fc.property(members, fc.nat(), (object, pick) => {
        const names = Object.keys(object);
        const name = names[pick % names.length] as string;
        const body = JSON.stringify(object).slice(1, -1);
        const text = `{"outer":[0,{${body},${JSON.stringify(name)}:null}]}`;
        expect(duplicateFields(text)).toEqual([`duplicate field "outer[1].${name}"`]);
      }),
    );
  });
});
