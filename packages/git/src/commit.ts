import { GitError } from "./error.js";

/** Who did something, and when. */
export interface GitSignature {
  readonly name: string;
  readonly email: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** A commit object, read. */
export interface GitCommit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: GitSignature;
  readonly committer: GitSignature;
  readonly message: string;
  /** What was signed, and the armoured signature over it. */
  readonly signed?: SignedPayload;
}

/** An annotated tag object, read. */
export interface GitTag {
  readonly oid: string;
  readonly object: string;
  readonly objectType: string;
  readonly name: string;
  readonly tagger: GitSignature | undefined;
  readonly message: string;
  readonly signed?: SignedPayload;
}

export interface SignedPayload {
  readonly payload: Buffer;
  readonly signature: string;
}

interface Header {
  readonly key: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Reads a commit object's bytes; throws `GitError` `corrupt`. */
export function parseCommit(oid: string, bytes: Buffer): GitCommit {
  const { headers, body } = splitObject(oid, bytes);
  const one = (key: string) => headers.find((header) => header.key === key)?.value;
  const tree = one("tree");
  const author = one("author");
  const committer = one("committer");
  if (tree === undefined || author === undefined || committer === undefined) throw malformed(oid);
  const signature = headers.find(({ key }) => key === "gpgsig" || key === "gpgsig-sha256");
  return {
    oid,
    tree,
    parents: headers.filter(({ key }) => key === "parent").map(({ value }) => value),
    author: parseSignature(author),
    committer: parseSignature(committer),
    message: bytes.toString("utf8", body),
    ...(signature === undefined
      ? {}
      : { signed: { payload: without(bytes, headers), signature: signature.value } }),
  };
}

function without(bytes: Buffer, headers: readonly Header[]): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const { key, start, end } of headers) {
    if (key !== "gpgsig" && key !== "gpgsig-sha256") continue;
    parts.push(bytes.subarray(from, start));
    from = end;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}

const TAG_SIGNATURE = /^-----BEGIN (PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----/m;

/** Reads an annotated tag object's bytes; throws `GitError` `corrupt`. */
export function parseTag(oid: string, bytes: Buffer): GitTag {
  const { headers, body } = splitObject(oid, bytes);
  const one = (key: string) => headers.find((header) => header.key === key)?.value;
  const object = one("object");
  const objectType = one("type");
  if (object === undefined || objectType === undefined) throw malformed(oid);
  const tagger = one("tagger");
  const text = bytes.toString("latin1", body);
  const signature = TAG_SIGNATURE.exec(text)?.index;
  const end = signature === undefined ? bytes.byteLength : body + signature;
  return {
    oid,
    object,
    objectType,
    name: one("tag") ?? "",
    tagger: tagger === undefined ? undefined : parseSignature(tagger),
    message: bytes.toString("utf8", body, end),
    ...(signature === undefined
      ? {}
      : { signed: { payload: bytes.subarray(0, end), signature: bytes.toString("utf8", end) } }),
  };
}

function splitObject(oid: string, bytes: Buffer): { headers: Header[]; body: number } {
  const headers: Header[] = [];
  let position = 0;
  while (position < bytes.byteLength) {
    let end = lineEnd(bytes, position);
    if (end === position) return { headers, body: position + 1 };
    const lines = [bytes.toString("utf8", position, end)];
    while (bytes[end + 1] === 0x20) {
      const next = lineEnd(bytes, end + 1);
      lines.push(bytes.toString("utf8", end + 2, next));
      end = next;
    }
    const first = lines[0] ?? "";
    const space = first.indexOf(" ");
    if (space <= 0) throw malformed(oid);
    const value = [first.slice(space + 1), ...lines.slice(1)].join("\n");
    headers.push({
      key: first.slice(0, space),
      value,
      start: position,
      end: Math.min(end + 1, bytes.byteLength),
    });
    position = end + 1;
  }
  return { headers, body: bytes.byteLength };
}

function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(0x0a, from);
  return end < 0 ? bytes.byteLength : end;
}

function parseSignature(text: string): GitSignature {
  const open = text.lastIndexOf("<");
  const close = text.lastIndexOf(">");
  const seconds = Number(/^ ?(-?\d{1,12})/.exec(text.slice(close + 1))?.[1] ?? "0");
  if (open < 0 || close < open) return { name: text.trim(), email: "", time: 0 };
  return { name: text.slice(0, open).trim(), email: text.slice(open + 1, close), time: seconds * 1000 };
}

function malformed(oid: string): GitError {
  return new GitError("corrupt", `object ${oid} is malformed`);
}
