import { readSync } from "node:fs";
import { corrupt } from "./change-record.js";

/** Bytes of a page; the library's default, and what its first page says. */
export const PAGE = 4_096;
/** Bytes before a page's content: its number, transaction, padding, flags, and bounds or length. */
const PAGE_HEADER = 24;
const FLAGS_AT = 18;
const LOWER_AT = 20;
const UPPER_AT = 22;
const RUN_LENGTH_AT = 20;

const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;

/** Bytes before a node's key: data size or page number, flags, key size. */
const NODE_HEADER = 8;
const BIG_DATA = 0x01;
const SUB_DATABASE = 0x02;
/** Bytes that stand for data kept on pages of its own: first page, transaction, number of pages. */
const BIG_DATA_REFERENCE = 24;
/** Bytes that describe a database; its depth and root page are at these places in them. */
const DATABASE = 48;
const DEPTH_AT = 6;
const ROOT_AT = 40;
const NO_ROOT = 0xffff_ffff_ffff_ffffn;
const MAX_DEPTH = 32;

/** A meta page: where the state of one transaction begins. */
export interface Meta {
  readonly lastPage: number;
  readonly transaction: number;
  /** Descriptions of the list of free pages and of the main database. */
  readonly databases: readonly [Buffer, Buffer];
}

/**
 * Walks every tree of the state that `meta` describes and checks that pages are what their parents take
 * them for, that nothing points out of its page or of the file, and that no page is used twice. Reading
 * a file that fails this through the library would end the process or change foreign pages. Throws
 * `StoreError` `corrupt`. Layout: LMDB's data file, as lmdb-js writes it.
 */
export function assertPagesSound(file: number, path: string, meta: Meta): void {
  new PageWalk(file, path, meta).run();
}

class PageWalk {
  readonly #file: number;
  readonly #path: string;
  readonly #meta: Meta;
  readonly #used: Uint8Array;
  /** One buffer per depth: a parent's page is still being read while its children are. */
  readonly #buffers: Buffer[] = [];
  readonly #head = Buffer.alloc(PAGE_HEADER);

  constructor(file: number, path: string, meta: Meta) {
    this.#file = file;
    this.#path = path;
    this.#meta = meta;
    this.#used = new Uint8Array(meta.lastPage + 1);
  }

  run(): void {
    for (const database of this.#meta.databases) this.#database(database, 0);
  }

  #database(description: Buffer, depth: number): void {
    const root = description.readBigUInt64LE(ROOT_AT);
    if (root === NO_ROOT) return;
    const levels = description.readUInt16LE(DEPTH_AT);
    if (levels === 0 || depth + levels > MAX_DEPTH) throw this.#damaged(`a tree of ${levels} levels`);
    this.#page(Number(root), levels, depth);
  }

  /** Checks a page that is `levels` above the ground, 1 being a leaf. */
  #page(number: number, levels: number, depth: number): void {
    this.#take(number, 1);
    const page = this.#read(number, depth);
    const flags = page.readUInt16LE(FLAGS_AT);
    if (flags !== (levels === 1 ? LEAF : BRANCH)) throw this.#damaged(`page ${number} has the wrong kind`);
    const lower = page.readUInt16LE(LOWER_AT);
    const upper = page.readUInt16LE(UPPER_AT);
    if (lower > upper || upper > PAGE - PAGE_HEADER || lower % 2 !== 0) {
      throw this.#damaged(`page ${number} has impossible bounds`);
    }
    for (let slot = 0; slot < lower; slot += 2) {
      const at = PAGE_HEADER + page.readUInt16LE(PAGE_HEADER + slot);
      if (at < PAGE_HEADER + upper || at + NODE_HEADER > PAGE) {
        throw this.#damaged(`page ${number} points out of itself`);
      }
      if (levels === 1) this.#leafNode(page, at, number, depth);
      else this.#page(childOf(page, at), levels - 1, depth + 1);
    }
  }

  #leafNode(page: Buffer, at: number, number: number, depth: number): void {
    const size = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 0x1_0000;
    const flags = page.readUInt16LE(at + 4);
    const data = at + NODE_HEADER + page.readUInt16LE(at + 6);
    const here = (flags & BIG_DATA) === 0 ? size : BIG_DATA_REFERENCE;
    if (data + here > PAGE) throw this.#damaged(`a record of page ${number} crosses its end`);
    if ((flags & BIG_DATA) !== 0) {
      this.#run(Number(page.readBigUInt64LE(data)), Math.ceil((PAGE_HEADER + size) / PAGE));
    } else if ((flags & SUB_DATABASE) !== 0) {
      if (size !== DATABASE) throw this.#damaged(`page ${number} describes a database in ${size} bytes`);
      this.#database(page.subarray(data, data + DATABASE), depth + 1);
    }
  }

  /** Checks a run of pages that holds one large record. */
  #run(first: number, pages: number): void {
    this.#take(first, pages);
    this.#fill(this.#head, first);
    if (this.#head.readUInt16LE(FLAGS_AT) !== OVERFLOW || this.#head.readUInt32LE(RUN_LENGTH_AT) < pages) {
      throw this.#damaged(`page ${first} does not begin a record of ${pages} pages`);
    }
  }

  #take(first: number, pages: number): void {
    if (!(first >= 2 && first + pages - 1 <= this.#meta.lastPage)) {
      throw this.#damaged(`page ${first} is outside of the file`);
    }
    for (let page = first; page < first + pages; page++) {
      if (this.#used[page] === 1) throw this.#damaged(`page ${page} is used twice`);
      this.#used[page] = 1;
    }
  }

  #read(number: number, depth: number): Buffer {
    this.#buffers[depth] ??= Buffer.alloc(PAGE);
    const buffer = this.#buffers[depth];
    this.#fill(buffer, number);
    return buffer;
  }

  #fill(buffer: Buffer, number: number): void {
    const read = readSync(this.#file, buffer, 0, buffer.length, number * PAGE);
    if (read < buffer.length) throw this.#damaged(`page ${number} is cut off`);
    if (Number(buffer.readBigUInt64LE(0)) !== number)
      throw this.#damaged(`page ${number} says it is another`);
    if (Number(buffer.readBigUInt64LE(8)) > this.#meta.transaction) {
      throw this.#damaged(`page ${number} is newer than the file`);
    }
  }

  #damaged(what: string): Error {
    return corrupt(`${this.#path}: ${what}`);
  }
}

function childOf(page: Buffer, at: number): number {
  return (
    page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 0x1_0000 + page.readUInt16LE(at + 4) * 0x1_0000_0000
  );
}
