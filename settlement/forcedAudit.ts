/**
 * Forced transfers that could have run and were left out: the rules of the contract `Forced`,
 * narrower than the chain's own on purpose.
 */
import type { RelayedEvent } from '../executor/relayed.ts';
import { bytesToHex, equalBytes, hexToBytes } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { sha256 } from '../primitives/hash.ts';
import { addressOfPublicKey, recoverPublicKey } from '../primitives/secp256k1.ts';
import type { AssetId, B256 } from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import { decodeTx } from '../tx/codec/index.ts';
import { txId } from '../tx/id.ts';
import { coinKey, coinValue, type UtxoState } from '../tx/stateSteps.ts';
import type { CoinInput, ScriptTx } from '../tx/types.ts';
import { siblingsOf } from './treeOps.ts';

/** `UnspentCoin` of the contract. */
export type SkippedCoin = {
  readonly height: number;
  readonly index: number;
  /** Public key that signed. */
  readonly key: readonly [B256, B256];
  readonly siblingsBefore: readonly B256[];
  readonly siblingsBehind: readonly B256[];
};

/** Inputs, outputs and witnesses of a forced transfer that can be judged. */
export const FORCED_PARTS_MAX = 8;
/** Its bytes. */
export const FORCED_BYTES_MAX = 4_096;
const U64_MAX = (1n << 64n) - 1n;

type Terms = {
  readonly chainId: bigint;
  readonly baseAsset: AssetId;
  readonly transferGas: bigint;
};
type Forced = Extract<RelayedEvent, { type: 'transaction' }>;

function scriptOf(raw: Uint8Array): ScriptTx | null {
  if (raw.length > FORCED_BYTES_MAX) return null;
  try {
    const { tx, bytesUsed, isCanonical } = decodeTx(raw);
    return tx.type === 'script' && isCanonical && bytesUsed === raw.length ? tx : null;
  } catch (error) {
    if (error instanceof CodedError && error.code === 'TX_DECODE') return null;
    throw error;
  }
}

/** The inputs, when nothing but its coins decides whether the transfer can run. */
function transferInputs(tx: ScriptTx, baseAsset: AssetId): readonly CoinInput[] | null {
  const { policies, inputs, outputs, witnesses } = tx;
  const hasCode = tx.scriptGasLimit > 0n || tx.script.length + tx.scriptData.length > 0;
  if (hasCode || policies.maxFee === undefined || Object.keys(policies).length !== 1) return null;
  if (Math.max(inputs.length, outputs.length, witnesses.length) > FORCED_PARTS_MAX) return null;
  const coins = inputs.filter((input) => input.type === 'coin');
  const keys = new Set(coins.map(({ utxoId }) => utxoKeyOf(utxoId.txId, utxoId.outputIndex)));
  const isFed =
    coins.length > 0 &&
    keys.size === inputs.length &&
    coins.every(({ predicate, assetId }) => predicate.length === 0 && assetId === baseAsset);
  if (!isFed) return null;
  let paid = policies.maxFee;
  let changes = 0;
  for (const output of outputs) {
    if (output.type !== 'coin' && output.type !== 'change') return null;
    if (output.assetId !== baseAsset) return null;
    if (output.type === 'change') changes += 1;
    else paid += output.amount;
  }
  const taken = coins.reduce((sum, { amount }) => sum + amount, 0n);
  return changes < 2 && taken >= paid && taken <= U64_MAX ? coins : null;
}

/** The coin as it is at both moments; null: it is not, or its place of birth is unknown. */
function coinAt(
  input: CoinInput,
  signer: Uint8Array,
  start: UtxoState,
  last: UtxoState,
): SkippedCoin | null {
  const key = coinKey(utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex));
  const hash = sha256(coinValue(input));
  for (const { coins } of [start, last]) {
    const there = coins.valueHash(key);
    if (there === null || !equalBytes(there, hash)) return null;
  }
  const { blockHeight: height, txIndex: index } = input.txPointer;
  const words = [bytesToHex(signer.subarray(0, 32)), bytesToHex(signer.subarray(32))] as const;
  const [siblingsBefore, siblingsBehind] = [start, last].map(({ coins }) =>
    siblingsOf(coins.prove(key)),
  );
  return {
    height,
    index,
    key: words,
    siblingsBefore: siblingsBefore!,
    siblingsBehind: siblingsBehind!,
  };
}

/**
 * The coins of a forced transfer that could run and was left out; null: there is nothing to say.
 * A transfer whose inputs do not say where their coins were made is not judged.
 * @param start before the transactions of the block; @param last behind them
 */
export function skippedCoins(
  { raw, maxGas }: Forced,
  start: UtxoState,
  last: UtxoState,
  { chainId, baseAsset, transferGas }: Terms,
): readonly SkippedCoin[] | null {
  const tx = maxGas < transferGas ? null : scriptOf(raw);
  const inputs = tx === null ? null : transferInputs(tx, baseAsset);
  if (tx === null || inputs === null) return null;
  const id = hexToBytes(txId(tx, chainId));
  const coins: SkippedCoin[] = [];
  for (const input of inputs) {
    const witness = tx.witnesses[input.witnessIndex];
    const signer = witness?.length === 64 ? recoverPublicKey(witness, id) : null;
    if (signer === null || addressOfPublicKey(signer) !== input.owner) return null;
    const coin = coinAt(input, signer, start, last);
    if (coin === null) return null;
    coins.push(coin);
  }
  return coins;
}
