/** A protobuf message that breaks off or breaks the rules of its encoding. */
export class ProtobufError extends Error {
  override readonly name = "ProtobufError";
}

const text = new TextDecoder("utf-8", { fatal: true });

/** Reads the wire format of Protocol Buffers out of one message. Throws `ProtobufError`. */
export class ProtobufReader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** A tag: the field number above three bits of wire type. */
  tag(): number {
    return this.#unsigned();
  }

  bool(): boolean {
    return this.#unsigned() !== 0;
  }

  int32(): number {
    return this.int64() | 0;
  }

  /** Signed; exact up to 2^53, as JSON numbers are. */
  int64(): number {
    const first = this.#bytes[this.#at];
    if (first !== undefined && first < 0x80 && this.#at < this.#end) {
      this.#at++;
      return first;
    }
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw new ProtobufError("proto: integer overflow");
  }

  double(): number {
    if (this.#at + 8 > this.#end) throw unexpectedEnd();
    const value = this.#bytes.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  string(): string {
    const [start, end] = this.#range();
    const short = end - start <= 24 ? shortAscii(this.#bytes, start, end) : undefined;
    if (short !== undefined) return short;
    try {
      return text.decode(this.#bytes.subarray(start, end));
    } catch (error) {
      throw new ProtobufError("proto: invalid UTF-8 in string", { cause: error });
    }
  }

  /** Bytes as JSON carries them. */
  base64(): string {
    const [start, end] = this.#range();
    return this.#bytes.toString("base64", start, end);
  }

  bytes(): Buffer {
    const [start, end] = this.#range();
    return this.#bytes.subarray(start, end);
  }

  /** A reader of the message embedded here. */
  message(): ProtobufReader {
    const [start, end] = this.#range();
    return new ProtobufReader(this.#bytes, start, end);
  }

  /** Passes over a field that nobody knows. */
  skip(wireType: number): void {
    switch (wireType) {
      case 0:
        this.int64();
        return;
      case 1:
        this.#advance(8);
        return;
      case 2:
        this.#range();
        return;
      case 5:
        this.#advance(4);
        return;
      default:
        throw new ProtobufError(`proto: illegal wireType ${wireType}`);
    }
  }

  #advance(length: number): void {
    if (this.#at + length > this.#end) throw unexpectedEnd();
    this.#at += length;
  }

  #range(): readonly [number, number] {
    const length = this.#unsigned();
    const start = this.#at;
    const end = start + length;
    if (end > this.#end) throw unexpectedEnd();
    this.#at = end;
    return [start, end];
  }

  #unsigned(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 42; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError("proto: integer overflow");
  }

  #byte(): number {
    const byte = this.#at < this.#end ? this.#bytes[this.#at] : undefined;
    if (byte === undefined) throw unexpectedEnd();
    this.#at++;
    return byte;
  }
}

function unexpectedEnd(): ProtobufError {
  return new ProtobufError("unexpected EOF");
}

/** Short ASCII text read by hand, which is faster than a decoder; `undefined` for other text. */
function shortAscii(bytes: Buffer, start: number, end: number): string | undefined {
  let value = "";
  for (let at = start; at < end; at++) {
    const code = bytes[at] ?? 0x80;
    if (code >= 0x80) return undefined;
    value += String.fromCharCode(code);
  }
  return value;
}
