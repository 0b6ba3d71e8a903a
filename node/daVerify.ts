/**
 * Derives a chain again from its blobs alone: genesis from the configuration, every block executed
 * on top of the one before, every id compared with what the blob says.
 */

import { openLocalDa } from '../da/local.ts';
import { type RecoveredBlock, recoverBlocks } from '../da/recover.ts';
import type { LaneRunner } from '../executor/block.ts';
import type { SealedBlock } from '../executor/ports.ts';
import { validateBlock } from '../executor/validate.ts';
import { CodedError } from '../primitives/errors.ts';
import type { B256, BlockHeight, BlockId } from '../primitives/types.ts';
import { genesisBlock } from '../state/genesis.ts';
import { openChainStore } from '../state/open.ts';
import type { ChainStore } from '../state/types.ts';
import { decodeTx } from '../tx/codec/transaction.ts';
import { rulesFor, type VmRulesSetting } from '../vm/rules.ts';
import { embeddedConfig } from './defaults.ts';
import { genesisOf } from './genesisOf.ts';
import { daPath } from './paths.ts';
import { createRunner } from './runner.ts';

export type DaVerifyOptions = {
  readonly dbPath: string;
  readonly snapshotPath: string | null;
  readonly vmRules: VmRulesSetting;
  readonly workerCount: number;
  /** As the producer had it. */
  readonly utxoValidation: boolean;
  readonly onProgress?: (height: BlockHeight) => void;
};

export type DaVerifyReport = {
  readonly blocks: number;
  readonly transactions: number;
  readonly tipHeight: BlockHeight;
  readonly tipId: BlockId;
  /** Digest of the whole derived state. */
  readonly stateDigest: B256;
};

async function execute(
  block: RecoveredBlock,
  store: ChainStore,
  options: DaVerifyOptions,
  runner: LaneRunner,
): Promise<void> {
  const { header } = block;
  const params = store.consensusParameters(header.consensusParametersVersion);
  if (params === null) {
    throw new CodedError('BLOCK_INVALID', `block ${header.height} names unknown parameters`);
  }
  const executed = await validateBlock(
    { header, transactions: block.transactions.map((raw) => decodeTx(raw).tx) },
    {
      params,
      rules: rulesFor(params, options.vmRules),
      utxoValidation: options.utxoValidation,
      prevRoot: store.blocksRoot(store.latest.height),
    },
    store,
    runner,
  );
  const sealed: SealedBlock = { ...executed, consensus: block.consensus };
  await store.commitBlock(sealed);
}

/**
 * @throws CodedError DA_EMPTY, DA_GENESIS_MISMATCH, DA_…, BLOCK_INVALID: naming the block
 */
export async function verifyDa(options: DaVerifyOptions): Promise<DaVerifyReport> {
  const snapshot = genesisOf(options.snapshotPath, null);
  const genesis = genesisBlock(snapshot);
  const { chainId } = snapshot.chainConfig.consensusParameters;
  const layer = await openLocalDa({ directory: daPath(options.dbPath) });
  const store = await (await openChainStore({ engine: 'memory' })).initialise(genesis);
  const runner = await createRunner(embeddedConfig({ workerCount: options.workerCount }));
  let blocks = 0;
  let transactions = 0;
  try {
    for await (const block of recoverBlocks(layer, { chainId }, new AbortController().signal)) {
      if (block.header.height === genesis.header.height) checkGenesis(block, genesis);
      else await execute(block, store, options, runner);
      blocks += 1;
      transactions += block.transactions.length;
      options.onProgress?.(block.header.height);
    }
    if (blocks === 0) {
      throw new CodedError(
        'DA_EMPTY',
        `there are no blobs in ${daPath(options.dbPath)}: check --db-path`,
      );
    }
    return {
      blocks,
      transactions,
      tipHeight: store.latest.height,
      tipId: store.latest.id,
      stateDigest: await store.digest(),
    };
  } finally {
    await runner.close();
    await layer.close();
    await store.close();
  }
}

function checkGenesis(block: RecoveredBlock, genesis: SealedBlock): void {
  const ours = genesis.consensus;
  const theirs = block.consensus;
  const same =
    block.header.id === genesis.header.id &&
    ours.type === 'genesis' &&
    theirs.type === 'genesis' &&
    ours.chainConfigHash === theirs.chainConfigHash &&
    ours.coinsRoot === theirs.coinsRoot &&
    ours.contractsRoot === theirs.contractsRoot &&
    ours.messagesRoot === theirs.messagesRoot;
  if (same) return;
  throw new CodedError(
    'DA_GENESIS_MISMATCH',
    'the blobs begin with another genesis: name the chain with --snapshot',
  );
}
