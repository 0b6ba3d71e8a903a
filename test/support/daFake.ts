/**
 * A layer that fails in all the ways that real ones do, and the adapter to it. The layer is a list
 * of heights with blobs and a mempool; everything that goes wrong is drawn from a seed.
 */
import { checkSizes } from '../../da/limits.ts';
import type {
  DaAttempt,
  DaFinality,
  DaIntent,
  DaPage,
  DaPointer,
  DaPosition,
  DataAvailability,
} from '../../da/ports.ts';
import { CodedError } from '../../primitives/errors.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import type { Hex } from '../../primitives/types.ts';

const LAYER = 'fake';

type Pending = { blobs: readonly Uint8Array[]; landsIn: number };

/** The machine of others: survives the processes that use it. */
export class FakeLayer {
  readonly heights: (readonly Uint8Array[])[] = [];
  mempool: Pending[] = [];
  /** Heights below the tip that cannot be taken back. */
  finalDepth = 0;
  pricePerByte = 0n;

  send(blobs: readonly Uint8Array[], landsIn: number): void {
    this.mempool.push({ blobs: blobs.map((blob) => blob.slice()), landsIn });
  }

  /** One block of the layer. */
  tick(): void {
    const due = this.mempool.filter(({ landsIn }) => landsIn <= 0);
    this.mempool = this.mempool
      .filter(({ landsIn }) => landsIn > 0)
      .map((pending) => ({ ...pending, landsIn: pending.landsIn - 1 }));
    this.heights.push(due.flatMap(({ blobs }) => blobs));
  }

  /** Takes heights back; their blobs wait again, in the given order, or are gone. */
  reorganise(depth: number, keep: (index: number) => boolean): void {
    const count = Math.min(depth, this.heights.length, Math.max(0, this.finalDepth));
    const taken = this.heights.splice(this.heights.length - count, count).flat();
    taken.forEach((blob, index) => {
      if (keep(index)) this.mempool.unshift({ blobs: [blob], landsIn: 0 });
    });
    // Another branch is as long: otherwise what is final would come near the tip again.
    for (let i = 0; i < count; i++) this.heights.push([]);
  }
}

/** Chances of a hundred. */
export type FakeFaults = {
  /** The submission fails before anything is sent. */
  readonly unsent: number;
  /** It is sent, and times out. */
  readonly unknown: number;
  /** It is sent and lost. */
  readonly vanished: number;
  /** It lands some heights later than usual. */
  readonly delayed: number;
  /** Bytes come back cut, changed, or not at all. */
  readonly lies: number;
  /** The layer does not answer. */
  readonly down: number;
  /** A height is taken back. */
  readonly reorganised: number;
};

export const NO_FAULTS: FakeFaults = {
  unsent: 0,
  unknown: 0,
  vanished: 0,
  delayed: 0,
  lies: 0,
  down: 0,
  reorganised: 0,
};

function unavailable(what: string): CodedError {
  return new CodedError('DA_UNAVAILABLE', `the fake layer ${what}; try again`, { layer: LAYER });
}

class FakeDa implements DataAvailability {
  readonly name: string = LAYER;
  readonly isOpen: boolean = true;
  readonly blobBytesMax: number;
  readonly blobCountMax: number = 6;
  readonly #layer: FakeLayer;
  readonly #faults: FakeFaults;
  readonly #random: (below: number) => number;

  constructor(layer: FakeLayer, options: FakeOptions) {
    this.#layer = layer;
    this.#faults = options.faults ?? NO_FAULTS;
    this.#random = options.random ?? (() => 99);
    this.blobBytesMax = options.blobBytesMax ?? 1_000;
  }

  #happens(percent: number): boolean {
    return percent > 0 && this.#random(100) < percent;
  }

  #mayBeDown(): void {
    if (this.#happens(this.#faults.down)) throw unavailable('does not answer');
  }

  async submit(
    blobs: readonly Uint8Array[],
    attempt: DaAttempt,
    signal: AbortSignal,
  ): Promise<DaPointer[]> {
    checkSizes(this, blobs);
    signal.throwIfAborted();
    if (attempt.earlier !== null) {
      const found = await this.find(attempt.earlier, signal);
      if (found !== null) return found;
    }
    const copies = blobs.map((blob) => blob.slice());
    const intent: DaIntent = {
      layer: LAYER,
      fromHeight: BigInt(this.#layer.heights.length),
      commitments: copies.map(sha256Hex),
      memo: {},
    };
    await attempt.record(intent);
    if (this.#happens(this.#faults.unsent)) throw unavailable('refused the connection');
    if (!this.#happens(this.#faults.vanished)) {
      const landsIn = this.#happens(this.#faults.delayed) ? 1 + this.#random(5) : 0;
      this.#layer.send(copies, landsIn);
    }
    if (this.#happens(this.#faults.unknown)) throw unavailable('timed out');
    for (let waited = 0; waited < 3; waited++) {
      this.#layer.tick();
      const found = await this.find({ ...intent }, signal);
      if (found !== null) return found;
    }
    throw unavailable('did not include it in time');
  }

  async find(intent: DaIntent, signal: AbortSignal): Promise<DaPointer[] | null> {
    signal.throwIfAborted();
    this.#mayBeDown();
    const found = intent.commitments.map((commitment) =>
      this.#pointers(Number(intent.fromHeight)).find((each) => each.commitment === commitment),
    );
    return found.every((pointer) => pointer !== undefined) ? found : null;
  }

  *#all(fromHeight: number): Generator<DaPointer & { blob: Uint8Array }> {
    for (let height = fromHeight; height < this.#layer.heights.length; height++) {
      for (const [index, blob] of this.#layer.heights[height]!.entries()) {
        yield { layer: LAYER, height: BigInt(height), index, commitment: sha256Hex(blob), blob };
      }
    }
  }

  #pointers(fromHeight: number): DaPointer[] {
    return [...this.#all(fromHeight)].map(({ blob: _, ...pointer }) => pointer);
  }

  #there(pointer: DaPointer): Uint8Array {
    const blob = this.#layer.heights[Number(pointer.height)]?.[pointer.index];
    if (pointer.layer === LAYER && blob !== undefined && sha256Hex(blob) === pointer.commitment) {
      return blob;
    }
    throw new CodedError('DA_NOT_FOUND', `the fake layer has no blob ${pointer.commitment}`);
  }

  async get(pointer: DaPointer, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    this.#mayBeDown();
    let blob: Uint8Array | null = this.#there(pointer).slice();
    if (this.#happens(this.#faults.lies)) {
      const kind = this.#random(3);
      if (kind === 0) blob = null;
      else if (kind === 1) blob = blob.subarray(0, blob.length >> 1);
      else if (blob.length > 0) blob[this.#random(blob.length)]! ^= 1;
    }
    if (blob === null || sha256Hex(blob) !== pointer.commitment) {
      throw new CodedError('DA_CORRUPT', 'the fake layer gave other bytes than it committed to');
    }
    return blob;
  }

  async list(from: DaPosition, limit: number, signal: AbortSignal): Promise<DaPage> {
    signal.throwIfAborted();
    this.#mayBeDown();
    const all = this.#pointers(Number(from.height)).filter(
      ({ height, index }) => height > from.height || index >= from.index,
    );
    const pointers = all.slice(0, limit);
    const last = pointers.at(-1);
    const tip = { height: BigInt(this.#layer.heights.length), index: 0 };
    const atTip = pointers.length === all.length;
    const next = atTip || last === undefined ? tip : { height: last.height, index: last.index + 1 };
    // A tip that is taken back must be read again.
    const safe = BigInt(Math.max(0, this.#layer.heights.length - this.#layer.finalDepth));
    const isSafe = this.#layer.finalDepth === 0 || next.height <= safe;
    const start = isSafe ? next : lower(from, safe, next);
    return { pointers, next: start, atTip, tipHeight: tip.height };
  }

  async finality(pointer: DaPointer): Promise<DaFinality> {
    this.#mayBeDown();
    try {
      this.#there(pointer);
    } catch {
      return 'lost';
    }
    const depth = this.#layer.heights.length - Number(pointer.height);
    return depth > this.#layer.finalDepth ? 'final' : 'included';
  }

  async proof(pointer: DaPointer): Promise<{ kind: 'digest'; digest: Hex }> {
    return { kind: 'digest', digest: sha256Hex(this.#there(pointer)) };
  }

  async verify(
    pointer: DaPointer,
    blob: Uint8Array,
    proof: { kind: string; digest?: Hex },
  ): Promise<boolean> {
    return proof.digest === pointer.commitment && sha256Hex(blob) === pointer.commitment;
  }

  async health(): Promise<{ ok: true }> {
    return { ok: true };
  }

  async estimate(sizes: readonly number[]): Promise<{ amount: bigint; unit: 'utia' | 'none' }> {
    this.#mayBeDown();
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const { pricePerByte } = this.#layer;
    return pricePerByte === 0n
      ? { amount: 0n, unit: 'none' }
      : { amount: pricePerByte * BigInt(bytes), unit: 'utia' };
  }

  async close(): Promise<void> {}
}

/** Pages end at what is final; what lies above is handed out again until it is. */
function lower(from: DaPosition, safe: bigint, next: DaPosition): DaPosition {
  const bound = from.height > safe ? from : { height: safe, index: 0 };
  return bound.height < next.height ? bound : next;
}

export type FakeOptions = {
  readonly faults?: FakeFaults;
  readonly random?: (below: number) => number;
  readonly blobBytesMax?: number;
};

/** An adapter to a fake layer; several may share one. */
export function fakeDa(layer: FakeLayer, options: FakeOptions = {}): DataAvailability {
  return new FakeDa(layer, options);
}
