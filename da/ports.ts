/** What posting and recovering need from a data-availability layer. */
import type { B256 } from '../primitives/types.ts';

/** Where a blob is. Plain data: goes into files and over the wire. */
export type DaReceipt = {
  /** Name of the layer. */
  readonly layer: string;
  /** Position on the layer; blobs of one poster are ordered by it. */
  readonly height: bigint;
  /** The layer's commitment to the bytes of the blob. */
  readonly commitment: B256;
};

export type DaHealth = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface DataAvailability {
  readonly name: string;
  /** Largest blob that `post` accepts. Unit: bytes. */
  readonly blobBytesMax: number;
  /**
   * Resolves once the layer guarantees the blob. Idempotent: the same bytes give the same receipt.
   * An abort leaves it open whether the blob was taken; posting it again is safe.
   * @throws CodedError DA_TOO_LARGE (final), DA_UNAVAILABLE (retry)
   */
  post(blob: Uint8Array, signal: AbortSignal): Promise<DaReceipt>;
  /** @throws CodedError DA_NOT_FOUND (final), DA_CORRUPT (final), DA_UNAVAILABLE (retry) */
  fetch(receipt: DaReceipt, signal: AbortSignal): Promise<Uint8Array>;
  /** The next blobs behind `after`, or from the first; in order, at most `limit`. */
  list(after: DaReceipt | null, limit: number, signal: AbortSignal): Promise<DaReceipt[]>;
  health(signal: AbortSignal): Promise<DaHealth>;
  close(): Promise<void>;
}
