/**
 * Derives a chain again from its blobs alone: genesis from the configuration, every block executed
 * on top of the one before, every id compared with what the blob says.
 */

import type { DaPointer, DataAvailability } from '../da/ports.ts';
import { FrameWalk, newBlocks, type RecoveredBlock } from '../da/recover.ts';
import type { SealedBlock } from '../executor/ports.ts';
import { CodedError } from '../primitives/errors.ts';
import type { Address, B256, BlockHeight, BlockId } from '../primitives/types.ts';
import { genesisBlock } from '../state/genesis.ts';
import { openChainStore } from '../state/open.ts';
import type { ChainStore } from '../state/types.ts';
import type { VmRulesSetting } from '../vm/rules.ts';
import { checkGenesis, deriveBlock } from './daDerive.ts';
import { storeHistory } from './daHistory.ts';
import { daAuthorities, openDaLayer } from './daLayers.ts';
import type { DaSettings } from './daSettings.ts';
import { embeddedConfig } from './defaults.ts';
import { genesisOf } from './genesisOf.ts';
import { ProgressMeter } from './progress.ts';
import { createRunner } from './runner.ts';

export type DaVerifyOptions = {
  readonly da: DaSettings;
  /** Directory of the node; where its own layer of files lies. */
  readonly dbPath: string | null;
  readonly snapshotPath: string | null;
  readonly vmRules: VmRulesSetting;
  readonly workerCount: number;
  /** As the producer had it. */
  readonly utxoValidation: boolean;
  /** Blocks below are derived, since the state needs them, but not proven; null: all are. */
  readonly firstHeight?: BlockHeight | null;
  /** Blocks beyond are left alone; null: up to the tip. */
  readonly lastHeight?: BlockHeight | null;
  /** Ask the layer for the proof of every blob, and check it here. */
  readonly proofs?: boolean;
  /** A line of progress, now and then. */
  readonly onProgress?: (line: string) => void;
};

export type DaVerifyReport = {
  readonly layer: string;
  readonly blocks: number;
  readonly transactions: number;
  readonly frames: number;
  /** Bytes of frames. */
  readonly bytes: number;
  readonly foreignBlobs: number;
  readonly duplicateFrames: number;
  readonly proofs: number;
  readonly blocksPerSecond: number;
  readonly bytesPerSecond: number;
  readonly tipHeight: BlockHeight;
  readonly tipId: BlockId;
  /** Digest of the whole derived state. */
  readonly stateDigest: B256;
};

const PROGRESS_EVERY_MS = 1_000;

async function checkProof(
  layer: DataAvailability,
  pointer: DaPointer,
  signal: AbortSignal,
): Promise<void> {
  const blob = await layer.get(pointer, signal);
  const proof = await layer.proof(pointer, signal);
  if (await layer.verify(pointer, blob, proof)) return;
  throw new CodedError(
    'DA_PROOF_INVALID',
    `the layer ${layer.name} does not prove the blob ${pointer.commitment} at ${pointer.height}`,
    { layer: layer.name, height: pointer.height },
  );
}

type NodeRunner = Awaited<ReturnType<typeof createRunner>>;

type Totals = {
  blocks: number;
  transactions: number;
  frames: number;
  bytes: number;
  proofs: number;
};

/** One derivation; everything that it opened is closed by `close`. */
class Derivation {
  readonly totals: Totals = { blocks: 0, transactions: 0, frames: 0, bytes: 0, proofs: 0 };
  readonly layer: DataAvailability;
  readonly store: ChainStore;
  readonly walk: FrameWalk;
  readonly #options: DaVerifyOptions;
  readonly #genesis: SealedBlock;
  readonly #authorities: ReadonlySet<Address>;
  readonly #runner: NodeRunner;
  readonly #meter: ProgressMeter = new ProgressMeter(() => performance.now());
  readonly #signal: AbortSignal = new AbortController().signal;
  #toldAtMs: number = performance.now();

  constructor(
    options: DaVerifyOptions,
    made: {
      readonly layer: DataAvailability;
      readonly store: ChainStore;
      readonly genesis: SealedBlock;
      readonly authorities: ReadonlySet<Address>;
      readonly chainId: bigint;
      readonly runner: NodeRunner;
    },
  ) {
    this.#options = options;
    this.layer = made.layer;
    this.store = made.store;
    this.#genesis = made.genesis;
    this.#authorities = made.authorities;
    this.#runner = made.runner;
    const start = { height: options.da.startHeight, index: 0 };
    this.walk = new FrameWalk(made.layer, { ...made, start });
    this.#meter.begin(start.height);
  }

  async run(): Promise<void> {
    const last = this.#options.lastHeight ?? Number.POSITIVE_INFINITY;
    const first = this.#options.firstHeight ?? 0;
    for await (const recovered of this.walk.frames(this.#signal)) {
      this.totals.frames += 1;
      this.totals.bytes += recovered.bytes;
      this.#meter.add(0, recovered.bytes);
      const isInRange = recovered.frame.lastHeight >= first;
      if (this.#options.proofs && isInRange) await this.#prove(recovered.pointers);
      for (const block of newBlocks(recovered, storeHistory(this.store))) {
        if (block.header.height > last) return;
        await this.#apply(block);
      }
      if (recovered.frame.lastHeight >= last) return;
    }
    const gap = this.walk.gap();
    if (gap !== null) throw gap;
  }

  async #prove(pointers: readonly DaPointer[]): Promise<void> {
    for (const pointer of pointers) {
      await checkProof(this.layer, pointer, this.#signal);
      this.totals.proofs += 1;
    }
  }

  async #apply(block: RecoveredBlock): Promise<void> {
    if (block.header.height === this.#genesis.header.height) checkGenesis(block, this.#genesis);
    else {
      const derive = { ...this.#options, authorities: this.#authorities };
      const sealed = await deriveBlock(block, this.store, this.#runner, derive);
      await this.store.commitBlock(sealed);
    }
    this.totals.blocks += 1;
    this.totals.transactions += block.transactions.length;
    this.#meter.add(1, 0);
    this.#tell();
  }

  #tell(): void {
    const { onProgress } = this.#options;
    if (onProgress === undefined || performance.now() - this.#toldAtMs < PROGRESS_EVERY_MS) return;
    this.#toldAtMs = performance.now();
    const layerHeight = this.walk.position.height;
    const layerTip = this.walk.tipHeight;
    const etaSeconds = this.#meter.etaSeconds(layerHeight, layerTip);
    onProgress(
      this.#meter.line({ height: this.store.latest.height, layerHeight, layerTip, etaSeconds }),
    );
  }

  async close(): Promise<void> {
    await this.#runner.close();
    await this.layer.close();
    await this.store.close();
  }
}

/** What was asked for has to be there, or nothing was verified. */
function checkRange({ firstHeight, lastHeight }: DaVerifyOptions, tip: BlockHeight): void {
  const asked = Math.max(firstHeight ?? 0, lastHeight ?? 0);
  if (asked <= tip) return;
  throw new CodedError(
    'DA_RANGE',
    `the layer ends with block ${tip}: it has no block ${asked} yet`,
    {
      tip,
    },
  );
}

/**
 * @throws CodedError DA_EMPTY, DA_RANGE (a block that was asked for is not on the layer),
 *   DA_GENESIS_MISMATCH, DA_PROOF_INVALID, DA_…, BLOCK_INVALID
 */
export async function verifyDa(options: DaVerifyOptions): Promise<DaVerifyReport> {
  const snapshot = genesisOf(options.snapshotPath, null);
  const { consensus, consensusParameters } = snapshot.chainConfig;
  const { chainId } = consensusParameters;
  const layer = await openDaLayer(options.da.layer, {
    dbPath: options.dbPath,
    chainId,
    use: 'read',
  });
  if (layer === null) {
    throw new CodedError('DA_FOLLOW_NOWHERE', 'name the layer with --layer and its flags');
  }
  const genesis = genesisBlock(snapshot);
  const store = await (await openChainStore({ engine: 'memory' })).initialise(genesis);
  const authorities = daAuthorities(options.da, consensus, { debug: true, own: null });
  const runner = await createRunner(embeddedConfig({ workerCount: options.workerCount }));
  const derivation = new Derivation(options, {
    layer,
    store,
    genesis,
    authorities,
    chainId,
    runner,
  });
  const startedAtMs = performance.now();
  try {
    await derivation.run();
    const { totals, walk } = derivation;
    if (totals.blocks === 0) {
      throw new CodedError(
        'DA_EMPTY',
        'the layer holds no blobs of this chain: check --db-path, --layer and --da-authority',
      );
    }
    checkRange(options, store.latest.height);
    const seconds = (performance.now() - startedAtMs) / 1000;
    return {
      layer: layer.name,
      ...totals,
      ...walk.tally,
      blocksPerSecond: totals.blocks / seconds,
      bytesPerSecond: totals.bytes / seconds,
      tipHeight: store.latest.height,
      tipId: store.latest.id,
      stateDigest: await store.digest(),
    };
  } finally {
    await derivation.close();
  }
}
