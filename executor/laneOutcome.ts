/**
 * Reading of a lane's result. Everything that can be wrong with it is found here, before any of it
 * counts: a result that cannot be read, or wrote what its transactions did not declare, is a fault
 * of the lane, not of the block.
 */
import { assert } from '../primitives/errors.ts';
import type { UtxoKey } from '../primitives/types.ts';
import type { AccessList } from '../tx/access.ts';
import { decodeReceiptsWithData } from '../tx/codec/index.ts';
import { decodeExecuted } from '../tx/executed.ts';
import type { Receipt } from '../tx/receipt.ts';
import type { ChargeableTx } from '../tx/types.ts';
import { decodeResult } from './laneCodec.ts';
import type { LaneChanges, LaneTxResult } from './laneMessages.ts';
import { assertDeclared } from './merge.ts';
import {
  type BlockEnv,
  type Changes,
  type ExecutedTx,
  emptyChanges,
  type StateView,
  type TxToExecute,
} from './ports.ts';
import type { TxReads } from './runTx.ts';
import type { LaneOutcome } from './settlement.ts';
import { addUtxoChanges, type Settled } from './utxos.ts';

/** What a lane was sent, and where it stands in the block. Arrays run parallel. */
export type SentLane = {
  readonly jobs: readonly TxToExecute[];
  readonly accesses: readonly AccessList[];
  /** Provisional indices in the block. */
  readonly txIndices: readonly number[];
  readonly env: Pick<BlockEnv, 'height' | 'utxoValidation'>;
  /** The state as it is: nothing that the lane declared has changed since it was sent. */
  readonly state: StateView;
};

/** A lane's result, as its transactions declare it to be. Arrays have one entry for each. */
export type ReadLane = {
  readonly outcomes: readonly LaneOutcome[];
  readonly runMs: readonly number[];
  /** Of those that ran ahead: null, too, when it was skipped. */
  readonly effects: readonly ({ readonly changes: Changes; readonly reads: TxReads } | null)[];
  /** Of the whole lane, pointers provisional; empty when it ran ahead. */
  readonly changes: Changes;
};

/** @throws AssertionError, CodedError TX_DECODE, or whatever reading of wrong bytes ends with */
export function readLane(bytes: Uint8Array, sent: SentLane): ReadLane {
  const { accesses, jobs } = sent;
  const { changes: together, txs } = decodeResult(bytes);
  assert(txs.length === jobs.length, 'a lane answers for each of its transactions');
  const raws = copyOfRaws(txs);
  const changes = withEmptyUtxos(together);
  const isAhead = txs.some((result) => result.ok && result.effects !== null);
  const coins: Changes['coins'] = isAhead ? new Map() : changes.coins;
  const effects: ReadLane['effects'][number][] = [];
  const outcomes = txs.map((result, i): LaneOutcome => {
    effects.push(null);
    if (!result.ok) return { reason: result.reason };
    const { messageIds, sizeBytes } = result;
    const tx = executedTx(jobs[i]!, raws[i]!);
    const own = result.effects === null ? changes : withEmptyUtxos(result.effects.changes);
    addUtxos(sent, i, { tx, success: result.success }, own, coins);
    if (result.effects !== null) {
      assertDeclared(own, new Set(accesses[i]!.writes));
      effects[i] = { changes: own, reads: result.effects.reads };
    }
    return { executed: executedOf(jobs[i]!, tx, raws[i]!, result), messageIds, sizeBytes };
  });
  assertDeclared(changes, new Set(accesses.flatMap(({ writes }) => writes)));
  return { changes, outcomes, effects, runMs: txs.map(({ runMs }) => runMs) };
}

function withEmptyUtxos(changes: LaneChanges): Changes {
  return { ...emptyChanges(), ...changes };
}

/**
 * Adds to `own` what a transaction spends and creates.
 * @param coins as earlier ones of the lane left them; then as this one does
 */
function addUtxos(
  { env, jobs, state, txIndices }: SentLane,
  i: number,
  ran: Pick<Settled, 'tx' | 'success'>,
  own: Changes,
  coins: Changes['coins'],
): void {
  const pointer = { blockHeight: env.height, txIndex: txIndices[i]! };
  const isCoin = (key: UtxoKey): boolean => {
    if (env.utxoValidation) return true;
    const left = coins.get(key);
    return (left === undefined ? state.coin(key) : left) !== null;
  };
  addUtxoChanges({ id: jobs[i]!.id, ...ran }, pointer, own, isCoin);
  if (own.coins === coins) return;
  for (const [key, coin] of own.coins) coins.set(key, coin);
}

/** The buffer of a lane holds more than these, which live longer. */
function copyOfRaws(txs: readonly LaneTxResult[]): Uint8Array[] {
  let size = 0;
  for (const tx of txs) if (tx.ok) size += tx.raw.length;
  const all = new Uint8Array(size);
  let end = 0;
  return txs.map((tx) => {
    const at = end;
    if (tx.ok) {
      all.set(tx.raw, at);
      end = at + tx.raw.length;
    }
    return all.subarray(at, end);
  });
}

function executedTx(job: TxToExecute, raw: Uint8Array): ChargeableTx {
  assert(raw.length === job.raw.length, 'a lane gives back what it was given');
  return decodeExecuted(job.tx, raw);
}

type Ran = Extract<LaneTxResult, { ok: true }>;

function executedOf(
  { id }: TxToExecute,
  tx: ChargeableTx,
  raw: Uint8Array,
  result: Ran,
): ExecutedTx {
  const { success, programState, reason, totalGas, totalFee } = result;
  const receipts: readonly Receipt[] = decodeReceiptsWithData(result.receipts);
  return { id, tx, raw, success, programState, reason, receipts, totalGas, totalFee };
}
