/**
 * The host's WebAssembly, with types: neither the language's library nor Node's types have them
 * without those of browsers.
 */

/** Memory of one or more instances. Pages of 64 KiB. */
export type WasmMemory = { readonly buffer: ArrayBuffer; grow(pages: number): number };
/** A compiled module; opaque. */
export type WasmModule = { readonly wasmModule?: never };
export type WasmInstance = { readonly exports: Readonly<Record<string, unknown>> };
export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export type WebAssemblyHost = {
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum?: number;
  }) => WasmMemory;
  /** Compiles at once. Throws when the bytes are no module that this host can run. */
  readonly Module: new (
    bytes: Uint8Array<ArrayBuffer>,
  ) => WasmModule;
  /** Compiles in threads of the host's own. Rejects where `Module` throws. */
  compile(bytes: Uint8Array<ArrayBuffer>): Promise<WasmModule>;
  readonly Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance;
};

/** undefined: this host has none. */
export const webAssembly: WebAssemblyHost | undefined = (
  globalThis as { readonly WebAssembly?: WebAssemblyHost }
).WebAssembly;

/** Unit: bytes. */
export const WASM_PAGE_BYTES = 65_536;
