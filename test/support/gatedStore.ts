/** An engine whose writes wait at a gate, and fail when the gate says so. */
import { bucketBytesOf } from '../../state/columns.ts';
import { openMemoryEngine } from '../../state/engine/memory.ts';
import type { Engine, RowBatch } from '../../state/engine/port.ts';
import type { openChainStore } from '../../state/open.ts';
import { attachStore, createStore } from '../../state/store.ts';

type Op = readonly [key: Uint8Array, value: Uint8Array | null];

export class Gate {
  /** false: writes wait until {@link letOne} or {@link fail}. */
  isOpen: boolean = true;
  /** Called before each write that finds the gate open. */
  delay: () => Promise<void> = async () => {};
  #waiting: { pass(): void; fail(error: Error): void }[] = [];

  /** Writes that wait. */
  get length(): number {
    return this.#waiting.length;
  }
  letOne(): void {
    this.#waiting.shift()?.pass();
  }
  fail(error: Error): void {
    this.#waiting.shift()?.fail(error);
  }
  async pass(): Promise<void> {
    if (this.isOpen) return await this.delay();
    await new Promise<void>((pass, fail) => this.#waiting.push({ pass, fail }));
  }
}

class GatedEngine implements Engine {
  readonly name: 'disk' = 'disk';
  readonly location: string | null;
  readonly #inner: Engine;
  readonly #gate: Gate;

  constructor(gate: Gate, inner: Engine) {
    this.#gate = gate;
    this.#inner = inner;
    this.location = inner.location;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#inner.get(key);
  }
  scan(scan: Parameters<Engine['scan']>[0]): ReturnType<Engine['scan']> {
    return this.#inner.scan(scan);
  }
  async write(fill: (batch: RowBatch) => void): Promise<void> {
    const ops: Op[] = [];
    fill({
      put: (key, value) => void ops.push([key, value]),
      del: (key) => void ops.push([key, null]),
    });
    await this.#gate.pass();
    await this.#inner.write((batch) => {
      for (const [key, value] of ops) value === null ? batch.del(key) : batch.put(key, value);
    });
  }
  async close(): Promise<void> {
    await this.#inner.close();
  }
}

/** `inner`, whose writes wait at the gate. */
export function gatedEngine(gate: Gate, inner: Engine): Engine {
  return new GatedEngine(gate, inner);
}

/** For `NodeDeps.openStore`. */
export function gatedStore(gate: Gate): typeof openChainStore {
  return async (_, options) => {
    const engine = gatedEngine(gate, openMemoryEngine(bucketBytesOf));
    return {
      store: attachStore(engine),
      initialise: (genesis) => createStore(engine, genesis, options),
      close: () => engine.close(),
    };
  };
}
