/** Random blocks of the executor with the steps that they commit to. */
import type { Changes, SealedBlock } from '../../executor/ports.ts';
import { produceBlock } from '../../executor/produce.ts';
import type { RelayedEvent } from '../../executor/relayed.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { freshTreeBlock, treeGenesis } from '../../node/stateTree/blocks.ts';
import type { InboxEntry } from '../../settlement/index.ts';
import type { StateAuditTerms, TracedBlock } from '../../settlement/stateAudit.ts';
import { stepsOf } from '../../state/stateTree.ts';
import { type StateParts, UtxoState } from '../../tx/stateSteps.ts';
import { idOf } from './chainMaker.ts';
import * as make from './executorTx.ts';
import { memoryState } from './memoryState.ts';
import { listSource, RandomChain, testEnv } from './randomBlock.ts';

const TXS = 24;
const { PARAMS } = make;
const REST = idOf('rest');

export const TERMS: StateAuditTerms = {
  chainId: PARAMS.chainId,
  baseAsset: PARAMS.baseAssetId,
  transferGas: 1n,
};

/** A block with its steps, and what it took in. */
export type Made = {
  readonly block: TracedBlock;
  readonly inbox: { readonly entries: readonly InboxEntry[]; readonly firstNonce: number };
};
/** A chain from its genesis on. */
export type TracedWorld = {
  /** Made anew by each call. */
  readonly genesis: () => { utxos: UtxoState; parts: StateParts };
  readonly made: Made[];
};

function eventsOf(height: number): RelayedEvent[] {
  const data = new Uint8Array(height);
  const message = { sender: idOf('l1'), recipient: idOf('r'), amount: 9n, daHeight: 1n, data };
  return [
    { type: 'message', message: { ...message, nonce: idOf(`nonce ${height}`) } },
    // One that does not decode: it changes nothing, and takes a step.
    { type: 'transaction', nonce: idOf('n'), maxGas: 5n, raw: Uint8Array.of(9), daHeight: 1n },
  ];
}

/** Random blocks of the executor. */
export async function tracedWorld(seed: number, blocks: number): Promise<TracedWorld> {
  const chain = new RandomChain(seed, PARAMS, true);
  const layers: Changes[] = [chain.genesis];
  const runner = createSerialRunner();
  const start = { header: { height: 0, id: idOf('0') }, changes: chain.genesis };
  const tree = treeGenesis(start as unknown as SealedBlock, PARAMS.baseAssetId);
  const genesis = (): { utxos: UtxoState; parts: StateParts } => {
    const fresh = new UtxoState(tree.held);
    for (const [key, value] of tree.coins) fresh.coins.update(key, value);
    for (const [key, value] of tree.messages) fresh.messages.update(key, value);
    return { utxos: fresh, parts: { ...fresh.step(0n), rest: REST } };
  };
  const { utxos } = genesis();
  const made: Made[] = [];
  for (let height = 1; height <= blocks; height++) {
    const env = testEnv(PARAMS, { height, daHeight: 1n });
    const events = eventsOf(height);
    const source = listSource(chain.txs(TXS), TXS);
    const block = await produceBlock(env, source, memoryState(layers), runner, { events });
    layers.push(block.changes);
    const sealed = { ...block, consensus: { type: 'poa', signature: new Uint8Array(64) } } as const;
    const steps = [...stepsOf(utxos, freshTreeBlock(sealed, PARAMS.baseAssetId))];
    const parts = { ...steps.at(-1)!, rest: REST };
    const transactions = block.transactions.map(({ raw }) => raw);
    const entries = events.map((event) => ({ id: idOf('entry'), block: 1n, event }));
    const firstNonce = made.length * events.length;
    const inboxCount = BigInt(firstNonce + events.length);
    made.push({
      block: { header: block.header, inboxCount, transactions, steps, parts },
      inbox: { entries, firstNonce },
    });
  }
  return { genesis, made };
}
