/** What posting and recovering need from a data-availability layer. Adapters hold no policy. */
import type { B256, Hex } from '../primitives/types.ts';

/** A position on the layer; blobs are ordered by it. */
export type DaPosition = {
  /** Height on the layer: a block, a slot, the number of a record. */
  readonly height: bigint;
  /** Place of the blob among those of its height. */
  readonly index: number;
};

/** Where a blob is. Plain data: goes into files and over the wire. */
export type DaPointer = DaPosition & {
  /** Name of the layer. */
  readonly layer: string;
  /** The layer's own commitment to the bytes of the blob; sha256 on the local one. */
  readonly commitment: Hex;
  /** The transaction that carried it, where the layer has such. */
  readonly txHash?: string;
};

/** What is written down before anything is sent. Plain data; `memo` is the adapter's own. */
export type DaIntent = {
  readonly layer: string;
  /** The tip of the layer when it was made: nothing of it can lie below. */
  readonly fromHeight: bigint;
  readonly commitments: readonly Hex[];
  readonly memo: Readonly<Record<string, string>>;
};

/** One or more blobs on their way. */
export type DaAttempt = {
  /** What an earlier attempt wrote down; null for the first. */
  readonly earlier: DaIntent | null;
  /** Makes an intent durable; a layer sends nothing before this has resolved. */
  record(intent: DaIntent): Promise<void>;
};

/** Whether a blob stays. `lost`: a reorganisation of the layer has taken it out again. */
export type DaFinality = 'included' | 'final' | 'lost';

export type DaFee = {
  /** In `unit`. */
  readonly amount: bigint;
  /** Smallest unit of the layer's coin; `none` where nothing is paid. */
  readonly unit: 'none' | 'utia' | 'wei';
};

/** A proof that a blob lies where its pointer says; `kind` tells how to read the rest. */
export type DaProof =
  | { readonly kind: 'digest'; readonly digest: B256 }
  | { readonly kind: 'nmt'; readonly proof: NmtInclusion }
  | { readonly kind: 'kzg'; readonly versionedHash: Hex; readonly kzgCommitment: Hex };

/** Shares of a blob under the row roots of its block. */
export type NmtInclusion = {
  readonly dataRoot: Hex;
  readonly rowRoots: readonly Hex[];
  readonly columnRoots: readonly Hex[];
  /** One range proof per row that the blob touches. */
  readonly rows: readonly {
    readonly row: number;
    /** Half-open range of leaves in the row. */
    readonly start: number;
    readonly end: number;
    readonly nodes: readonly Hex[];
  }[];
};

export type DaHealth = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export type DaPage = {
  readonly pointers: readonly DaPointer[];
  /** Where the next page begins. */
  readonly next: DaPosition;
  /** Nothing more lies on the layer for now. */
  readonly atTip: boolean;
  /** Height of the layer up to which there is something to read. */
  readonly tipHeight: bigint;
};

/** The begin of every layer. */
export const DA_START: DaPosition = { height: 0n, index: 0 };

export interface DataAvailability {
  readonly name: string;
  /** Anyone can put blobs where ours are: those that are not signed by the chain are foreign. */
  readonly isOpen: boolean;
  /** Largest blob. Unit: bytes. */
  readonly blobBytesMax: number;
  /** Most blobs in one submission. */
  readonly blobCountMax: number;
  /**
   * Resolves once the layer has the blobs, in order. With an `earlier` intent it looks for that
   * first, and sends again only what cannot be found. An error or an abort leaves it open whether
   * they were taken.
   * @throws CodedError DA_TOO_LARGE (final), DA_REFUSED (final), DA_UNAVAILABLE (retry)
   */
  submit(
    blobs: readonly Uint8Array[],
    attempt: DaAttempt,
    signal: AbortSignal,
  ): Promise<DaPointer[]>;
  /** Where the blobs of an intent are; null while any is not on the layer. @throws DA_UNAVAILABLE */
  find(intent: DaIntent, signal: AbortSignal): Promise<DaPointer[] | null>;
  /**
   * The blob, checked against its commitment.
   * @throws CodedError DA_NOT_FOUND (final), DA_CORRUPT (the layer lies), DA_UNAVAILABLE (retry)
   */
  get(pointer: DaPointer, signal: AbortSignal): Promise<Uint8Array>;
  /** Blobs from a position on, in order, at most `limit`; foreign ones too. */
  list(from: DaPosition, limit: number, signal: AbortSignal): Promise<DaPage>;
  finality(pointer: DaPointer, signal: AbortSignal): Promise<DaFinality>;
  /** @throws CodedError DA_NOT_FOUND, DA_UNAVAILABLE */
  proof(pointer: DaPointer, signal: AbortSignal): Promise<DaProof>;
  /** Checks a proof here, without asking the layer. */
  verify(pointer: DaPointer, blob: Uint8Array, proof: DaProof): Promise<boolean>;
  health(signal: AbortSignal): Promise<DaHealth>;
  /** What blobs of these sizes would cost now. Unit of `sizes`: bytes. */
  estimate(sizes: readonly number[], signal: AbortSignal): Promise<DaFee>;
  close(): Promise<void>;
}
