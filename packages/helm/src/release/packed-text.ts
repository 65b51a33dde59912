import { promisify } from "node:util";
import { constants, crc32, deflateRaw, deflateRawSync } from "node:zlib";

/** Texts up to this many bytes are compressed at once: another thread would take longer to be told. */
const SMALL = 32 * 1024;
const LEVEL = { level: 9 };
/** Ends at a byte and refers to nothing before: it may follow anything and be followed by anything. */
const PART = { ...LEVEL, finishFlush: constants.Z_FULL_FLUSH };
/** RFC 1952, section 2.3: deflate, no name, no time, best compression, unknown system; as Go writes it. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff]);

const deflateAsync = promisify(deflateRaw);

/** A text that goes into many gzip files, compressed once. */
export class PackedText {
  readonly bytes: Buffer;
  #packed: Promise<Buffer> | undefined;

  constructor(text: string) {
    this.bytes = Buffer.from(text);
  }

  /** The text as blocks of a deflate stream that do not end it. */
  packed(): Promise<Buffer> {
    this.#packed ??= deflated(this.bytes, PART);
    return this.#packed;
  }
}

/** A gzip file of one member (RFC 1952) of texts one after the other. */
export async function gzipTexts(texts: readonly (string | PackedText)[]): Promise<Buffer> {
  const blocks: Buffer[] = [HEADER];
  let checksum = 0;
  let length = 0;
  for (const [index, text] of texts.entries()) {
    const bytes = typeof text === "string" ? Buffer.from(text) : text.bytes;
    // Of nothing it would begin anew.
    if (bytes.length > 0) checksum = crc32(bytes, checksum);
    length += bytes.length;
    if (typeof text !== "string") blocks.push(await text.packed());
    else blocks.push(await deflated(bytes, index === texts.length - 1 ? LEVEL : PART));
  }
  // A packed text does not end the stream: an empty block does.
  if (typeof texts.at(-1) !== "string") blocks.push(deflateRawSync(Buffer.alloc(0)));
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  return Buffer.concat([...blocks, trailer]);
}

async function deflated(bytes: Buffer, options: typeof LEVEL): Promise<Buffer> {
  return bytes.length <= SMALL ? deflateRawSync(bytes, options) : deflateAsync(bytes, options);
}
