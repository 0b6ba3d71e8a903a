/** Steps and states of blocks, from another node, and the state before the first block. */
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { SparseMerkle } from '../../primitives/merkle/sparse.ts';
import type { B256 } from '../../primitives/types.ts';
import { genesisBlock } from '../../state/genesis.ts';
import { type StateParts, type Step, UtxoState } from '../../tx/stateSteps.ts';
import { genesisOf } from '../genesisOf.ts';
import { treeGenesis } from './blocks.ts';
import { STATE_PREFIX } from './routes.ts';

/** What a block commits to beyond its bytes, opened. */
export type BlockTrace = {
  readonly stateRoot: B256;
  readonly stepRoot: B256;
  readonly parts: StateParts;
  readonly steps: readonly Step[];
};

/** Longest wait for an answer. */
const TIMEOUT_MS = 30_000;

type Json = { readonly [name: string]: unknown };
type StepJson = Record<keyof Step, string>;

/**
 * An answer about the state of a node.
 * @throws CodedError STATE_TREE_UNREACHABLE with its text
 */
export async function askState(url: string, path: string): Promise<Json> {
  const at = new URL(url);
  at.pathname = STATE_PREFIX + path;
  let answer: Json;
  try {
    const response = await fetch(at, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    answer = (await response.json()) as Json;
  } catch (cause) {
    const text = `${at} gives no state: ${String(cause)}`;
    throw new CodedError('STATE_TREE_UNREACHABLE', text, {}, cause);
  }
  const error = answer['error'] as { message?: string } | undefined;
  if (error === undefined) return answer;
  throw new CodedError('STATE_TREE_UNREACHABLE', `${at}: ${error.message}`);
}

function stepOf({ coins, messages, held, out }: StepJson): Step {
  return {
    coins: coins as B256,
    messages: messages as B256,
    held: BigInt(held),
    out: BigInt(out),
  };
}

/**
 * What a node says of a block; nothing of it is believed before its roots are compared.
 * @param url of its API
 * @throws CodedError STATE_TREE_UNREACHABLE
 */
export async function fetchTrace(url: string, height: number): Promise<BlockTrace> {
  const [root, { steps }] = await Promise.all([
    askState(url, `root/${height}`),
    askState(url, `steps/${height}`),
  ]);
  const { stateRoot, stepRoot, rest } = root as Record<string, B256>;
  const parts = { ...stepOf(root as StepJson), rest: rest! };
  const made = (steps as readonly StepJson[]).map(stepOf);
  return { stateRoot: stateRoot!, stepRoot: stepRoot!, parts, steps: made };
}

/** The state before the first block. @param snapshotPath null: the built-in local chain */
export function genesisTrace(snapshotPath: string | null): {
  readonly utxos: UtxoState;
  readonly parts: StateParts;
} {
  const snapshot = genesisOf(snapshotPath, null);
  const { baseAssetId } = snapshot.chainConfig.consensusParameters;
  const { coins, messages, rest, held } = treeGenesis(genesisBlock(snapshot), baseAssetId);
  const utxos = new UtxoState(held);
  for (const [key, value] of coins) utxos.coins.update(key, value);
  for (const [key, value] of messages) utxos.messages.update(key, value);
  const others = new SparseMerkle();
  for (const { key, value } of rest) others.update(key, value ?? hexToBytes('0x'));
  return { utxos, parts: { ...utxos.step(0n), rest: bytesToHex(others.root()) } };
}
