/**
 * The few parts of WebAssembly's binary format that generated modules need: numbers, code, and the
 * sections around it. Folders to the right may build on this file.
 *
 * @source WebAssembly core specification, binary format
 */

export const I32 = 0x7f;
export const I64 = 0x7e;
export const V128 = 0x7b;
export type ValueType = typeof I32 | typeof I64 | typeof V128;

/** Bytes that grow. */
export class ByteSink {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  length = 0;

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.length++] = value;
  }

  append(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** LEB128 of an unsigned 32-bit number. */
  u32(value: number): void {
    let rest = value >>> 0;
    for (; rest > 127; rest >>>= 7) this.byte((rest & 127) | 128);
    this.byte(rest);
  }

  /** LEB128 of a signed 32-bit number. */
  s32(value: number): void {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 127) | 128);
      rest >>= 7;
    }
    this.byte(rest & 127);
  }

  /** LEB128 of a signed 64-bit number. */
  s64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    while (rest < -64n || rest > 63n) {
      this.byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.byte(Number(rest & 127n));
  }

  /** What was written so far; valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }

  #grow(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const bigger = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + more));
    bigger.set(this.view());
    this.#bytes = bigger;
  }
}

export type WasmFunction = {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Behind the parameters. */
  readonly locals: readonly ValueType[];
  /** Instructions without the final `end`. */
  readonly body: Uint8Array;
  /** Absent: not exported. */
  readonly name?: string;
};

const HEADER: readonly number[] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const SECTION = { types: 1, imports: 2, functions: 3, exports: 7, code: 10, data: 11 } as const;
const FUNCTION_TYPE = 0x60;
const END = 0x0b;
const I32_CONST = 0x41;
const KIND_FUNCTION = 0;
const KIND_MEMORY = 2;

function name(sink: ByteSink, text: string): void {
  const bytes = new TextEncoder().encode(text);
  sink.u32(bytes.length);
  sink.append(bytes);
}

function section(out: ByteSink, id: number, fill: (sink: ByteSink) => void): void {
  const sink = new ByteSink();
  fill(sink);
  out.byte(id);
  out.u32(sink.length);
  out.append(sink.view());
}

/** Bytes that a module writes into its memory when it is instantiated. */
export type WasmData = { readonly at: number; readonly bytes: Uint8Array };

/** A function that a module takes from the host, as `host.name`. */
export type WasmImport = Pick<WasmFunction, 'params' | 'results'> & { readonly name: string };

/**
 * A module that imports a memory as `host.memory` and functions, and exports functions. Functions
 * call each other by number: first the imported ones, then those of the list.
 */
export function wasmModule(
  functions: readonly WasmFunction[],
  data: readonly WasmData[] = [],
  imports: readonly WasmImport[] = [],
): Uint8Array<ArrayBuffer> {
  const out = new ByteSink();
  for (const byte of HEADER) out.byte(byte);
  section(out, SECTION.types, (sink) => {
    sink.u32(imports.length + functions.length);
    for (const { params, results } of [...imports, ...functions]) {
      sink.byte(FUNCTION_TYPE);
      for (const types of [params, results]) {
        sink.u32(types.length);
        for (const type of types) sink.byte(type);
      }
    }
  });
  section(out, SECTION.imports, (sink) => {
    sink.u32(1 + imports.length);
    name(sink, 'host');
    name(sink, 'memory');
    sink.byte(KIND_MEMORY);
    sink.byte(0);
    sink.u32(1);
    for (const [i, each] of imports.entries()) {
      name(sink, 'host');
      name(sink, each.name);
      sink.byte(KIND_FUNCTION);
      sink.u32(i);
    }
  });
  section(out, SECTION.functions, (sink) => {
    sink.u32(functions.length);
    for (let i = 0; i < functions.length; i++) sink.u32(imports.length + i);
  });
  section(out, SECTION.exports, (sink) => {
    sink.u32(functions.filter((each) => each.name !== undefined).length);
    for (const [i, each] of functions.entries()) {
      if (each.name === undefined) continue;
      name(sink, each.name);
      sink.byte(KIND_FUNCTION);
      sink.u32(imports.length + i);
    }
  });
  section(out, SECTION.code, (sink) => {
    sink.u32(functions.length);
    for (const each of functions) codeEntry(sink, each);
  });
  section(out, SECTION.data, (sink) => {
    sink.u32(data.length);
    for (const { at, bytes } of data) {
      sink.byte(0);
      sink.byte(I32_CONST);
      sink.s32(at);
      sink.byte(END);
      sink.u32(bytes.length);
      sink.append(bytes);
    }
  });
  return out.view().slice();
}

function codeEntry(sink: ByteSink, { locals, body }: WasmFunction): void {
  const entry = new ByteSink();
  entry.u32(locals.length);
  for (const type of locals) {
    entry.u32(1);
    entry.byte(type);
  }
  entry.append(body);
  entry.byte(END);
  sink.u32(entry.length);
  sink.append(entry.view());
}
