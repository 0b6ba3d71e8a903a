/** What leaving a closed chain needs of a node: blocks, coins, and proofs about its state. */
import type { Address, Nonce, UtxoKey } from '../../primitives/types.ts';
import type { StateParts } from '../../tx/stateSteps.ts';
import { getCoins } from './balances.ts';
import { getChainInfo } from './chain.ts';
import { createClient } from './graphql.ts';
import { askOwnRoute, type NodeTarget } from './ownRoutes.ts';
import { getRawBlock, type RawBlock } from './rawBlocks.ts';
import { getStateProof, type StateProof } from './stateProof.ts';

/** A route of the node: the height follows. */
const STATE_ROOT = '/v1/fuelrail/state/root';

/** Give it to `openExits` of `fuelrail/node`. */
export type ExitSourceOfNode = {
  latestHeight(): Promise<number>;
  source(height: number): Promise<RawBlock | null>;
  /** What the state root behind a block is made of. */
  state(height: number): Promise<StateParts>;
  /** Of the base asset. */
  coins(owner: Address): Promise<readonly UtxoKey[]>;
  /** @throws CodedError PROOF_INVALID, STATE_TREE_… */
  prove(
    subject: { type: 'coin'; utxo: UtxoKey } | { type: 'message'; nonce: Nonce },
    height: number,
  ): Promise<StateProof>;
};

/** @param target a node with `--state-tree` */
export function exitSource(target: NodeTarget): ExitSourceOfNode {
  const client = createClient(typeof target === 'string' ? { url: target } : target);
  return {
    latestHeight: async () => (await getChainInfo(client)).height,
    source: (height) => getRawBlock(client, height),
    async state(height) {
      type Row = Omit<StateParts, 'held' | 'out'> & { held: string; out: string };
      const row = await askOwnRoute<Row>(target, `${STATE_ROOT}/${height}`);
      const { coins, messages, rest, held, out } = row;
      return { coins, messages, rest, held: BigInt(held), out: BigInt(out) };
    },
    async coins(owner) {
      const { baseAssetId } = await getChainInfo(client);
      const coins = await getCoins(client, owner, baseAssetId);
      return coins.map(({ utxoId }) => utxoId as UtxoKey);
    },
    prove: (subject, height) => getStateProof(target, subject, height),
  };
}
