/** What the composition root hands to posting and following. */
import type { SealedBlock } from '../executor/ports.ts';
import { CodedError } from '../primitives/errors.ts';
import type { ConsensusConfig } from '../state/chainConfig.ts';
import type { ChainStore } from '../state/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { TxPoolService } from '../txpool/service.ts';
import type { NodeConfig } from './config.ts';
import type { NodeDaDeps } from './daBlocks.ts';
import { inboxReader } from './daInbox.ts';
import type { Log } from './log.ts';
import type { NodeRelayer } from './relayer.ts';
import type { NodeServices } from './services.ts';

type Chain = {
  readonly store: ChainStore;
  readonly genesis: SealedBlock;
  readonly consensus: ConsensusConfig;
};

export function daDeps(wires: {
  readonly config: NodeConfig;
  readonly chain: Chain;
  readonly log: Log;
  readonly nowMs: () => number;
  readonly relayer: NodeRelayer;
  readonly params: () => { params: ConsensusParameters };
}): NodeDaDeps {
  const { config, chain, log, nowMs, relayer, params } = wires;
  const { store, consensus, genesis } = chain;
  return {
    config,
    store,
    log,
    nowMs,
    consensus,
    chainId: params().params.chainId,
    firstHeight: genesis.header.height,
    inboxOf: async (height) => {
      const header = store.block(height)?.header;
      const before = store.block(height - 1)?.header;
      if (header === undefined || before === undefined) return [];
      return await relayer.events(before.daHeight, header.daHeight);
    },
    ethereum: config.relayer === null ? null : inboxReader(relayer),
  };
}

/** A node that follows takes no transactions: nobody would put them into a block. */
export function readOnly(pool: TxPoolService): NodeServices['txs'] {
  return {
    pooled: (id) => pool.pooled(id),
    stats: () => pool.stats(),
    gauges: () => pool.gauges(),
    fairness: () => pool.fairness(),
    submit: async () => {
      throw new CodedError(
        'FOLLOWER_READ_ONLY',
        'This node follows the DA layer and takes no transactions: send them to the sequencer',
      );
    },
  };
}
