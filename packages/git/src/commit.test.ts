import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCommit, parseTag } from "./commit.js";
import { SIGNED_OBJECTS } from "./testing/signed-objects.js";

const OID = "a".repeat(40);

describe("parseCommit", () => {
  it("reads a merge with folded headers and a message of many lines", () => {
    const text = [
      "tree 1111",
      "parent 2222",
      "parent 3333",
      "author A <B> C <a@example.com> 1700000000 +0200",
      "committer <> 1700000060 -0100",
      "mergetag object 4444",
      " type commit",
      "",
      "subject",
      "",
      "body: not a header",
      "",
    ].join("\n");
    expect(parseCommit(OID, Buffer.from(text))).toEqual({
      oid: OID,
      tree: "1111",
      parents: ["2222", "3333"],
      author: { name: "A <B> C", email: "a@example.com", time: 1_700_000_000_000 },
      committer: { name: "", email: "", time: 1_700_000_060_000 },
      message: "subject\n\nbody: not a header\n",
    });
  });

  it("takes exactly the signature out of what was signed", () => {
    for (const { type, object } of SIGNED_OBJECTS) {
      if (type !== "commit") continue;
      const { signed } = parseCommit(OID, Buffer.from(object));
      expect(signed!.payload.toString()).toBe(
        object.replace(/gpgsig [\s\S]*?-----END [A-Z]+ SIGNATURE-----\n( \n)?/, ""),
      );
      expect(
        signed!.signature
          .trim()
          .split("\n")
          .every((line) => !line.startsWith(" ")),
      ).toBe(true);
    }
  });

  it.each(["", "tree 1\n\nmessage", "no-space\n\n", " x\n"])("calls %j corrupt", (text) => {
    expect(() => parseCommit(OID, Buffer.from(text))).toThrow(expect.objectContaining({ code: "corrupt" }));
  });

  it("throws nothing but corrupt, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const parse of [parseCommit, parseTag]) {
          try {
            parse(OID, Buffer.from(bytes));
          } catch (error) {
            expect(error).toMatchObject({ code: "corrupt" });
          }
        }
      }),
    );
  });
});

describe("parseTag", () => {
  it("splits the message from the signature", () => {
    const { object } = SIGNED_OBJECTS.find(({ name }) => name === "openpgp tag")!;
    const tag = parseTag(OID, Buffer.from(object));
    expect(tag).toMatchObject({
      name: "tagpgp",
      objectType: "commit",
      message: "pgp tag\n",
      tagger: { name: "Ada" },
    });
    expect(tag.signed!.payload.toString() + tag.signed!.signature).toBe(object);
  });

  it("reads a tag without a tagger", () => {
    const tag = parseTag(OID, Buffer.from("object 1\ntype commit\ntag v1\n\nold\n"));
    expect(tag).toMatchObject({ tagger: undefined, message: "old\n" });
    expect(tag.signed).toBeUndefined();
  });
});
