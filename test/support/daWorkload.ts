/** Chains of executed transactions, as they go into frames. */

import { type WorkloadName, workload } from '../../bench/workloads/index.ts';
import type { BlockToWrite } from '../../da/compact/encode.ts';
import { produceBlock } from '../../executor/produce.ts';
import { sealBlock } from '../../executor/seal.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { DEV_CONSENSUS_KEY } from '../../node/defaults.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { parseChainConfig } from '../../state/chainConfig.ts';
import { genesisBlock } from '../../state/genesis.ts';
import { openChainStore } from '../../state/open.ts';
import { parseStateConfig } from '../../state/stateConfig.ts';
import type { ChainStore } from '../../state/types.ts';
import { rulesFor } from '../../vm/rules.ts';
import { roomyParams } from './funded.ts';

const SECRET = hexToBytes(DEV_CONSENSUS_KEY);
const PARAMS = roomyParams();

export type ExecutedChain = {
  readonly blocks: readonly BlockToWrite[];
  readonly fresh: () => Promise<ChainStore>;
};

/** Executes a workload of `bench/workloads` in blocks; `fresh` gives the state before it. */
export async function executedChain(
  name: WorkloadName,
  options: { readonly count: number; readonly txsPerBlock: number },
): Promise<ExecutedChain> {
  const { txs, chain } = workload(name, { count: options.count });
  const { chainConfig, stateConfig } = chain();
  const genesis = genesisBlock({
    chainConfig: parseChainConfig('chainConfig', chainConfig, new Uint8Array(0)),
    stateConfig: parseStateConfig('stateConfig', stateConfig),
  });
  const fresh = async (): Promise<ChainStore> =>
    await (await openChainStore({ engine: 'memory' })).initialise(genesis);
  const store = await fresh();
  const blocks: BlockToWrite[] = [];
  for (let at = 0; at < txs.length; at += options.txsPerBlock) {
    let left = txs.slice(at, at + options.txsPerBlock);
    const take = (): typeof left => {
      const now = left;
      left = [];
      return now;
    };
    const { latest } = store;
    const executed = await produceBlock(
      {
        height: latest.height + 1,
        time: latest.time + 10n,
        daHeight: latest.daHeight,
        prevRoot: store.blocksRoot(latest.height),
        gasPrice: 0n,
        coinbaseRecipient: ZERO_B256,
        consensusParametersVersion: latest.consensusParametersVersion,
        stateTransitionVersion: latest.stateTransitionBytecodeVersion,
        params: PARAMS,
        rules: rulesFor(PARAMS, 'auto'),
        utxoValidation: true,
      },
      { take },
      store,
      createSerialRunner(),
    );
    const sealed = sealBlock(executed, SECRET);
    await store.commitBlock(sealed);
    const { header, consensus, transactions } = sealed;
    const block = {
      header,
      consensus,
      transactions: transactions.map(({ raw }) => raw),
      inbox: [],
    };
    blocks.push({ block, ids: transactions.map(({ id }) => id) });
  }
  return { blocks, fresh };
}
