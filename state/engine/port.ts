/** What the chain store needs from a key-value engine. Keys are ordered by their bytes. */

export type Row = { readonly key: Uint8Array; readonly value: Uint8Array };

/** Collects the changes of one atomic write. Keys and values are not changed afterwards. */
export interface RowBatch {
  put(key: Uint8Array, value: Uint8Array): void;
  del(key: Uint8Array): void;
}

/** A walk over the keys that start with `prefix`. */
export type Scan = {
  readonly prefix: Uint8Array;
  /** Whole key, exclusive: the walk starts behind it in the direction of the walk. */
  readonly after?: Uint8Array | undefined;
  readonly reverse?: boolean | undefined;
  /** Most rows to return. */
  readonly limit: number;
};

/** Reads rows by their keys. */
export interface EngineRows {
  /** Sees every write that has resolved. */
  get(key: Uint8Array): Uint8Array | undefined;
  close(): Promise<void>;
}

export interface Engine extends EngineRows {
  readonly name: 'memory' | 'disk';
  /** Directory that threads of this process can read with `openDiskRows`; null: there is none. */
  readonly location: string | null;
  scan(scan: Scan): Promise<Row[]>;
  /** All of the batch or nothing, also when the process is killed on the way. */
  write(fill: (batch: RowBatch) => void): Promise<void>;
}
