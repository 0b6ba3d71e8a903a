/** Do the inputs of a transaction exist, and do they say the truth? */
import type { CodedError } from '../primitives/errors.ts';
import type { ContractId, UtxoKey } from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import type { CoinInput, MessageInput, Output } from '../tx/types.ts';
import { refusal } from './errors.ts';
import { coinCreator, keyOfInput, type PoolKey } from './graph.ts';
import type { InFlight } from './inFlight.ts';
import type { PoolMessage, PoolView } from './ports.ts';
import type { RecentlySpent } from './spent.ts';
import type { PooledTx } from './types.ts';

/** What a transaction may wait for. */
export type MissingInput =
  | { readonly type: 'coin'; readonly key: UtxoKey }
  | { readonly type: 'contract'; readonly contractId: ContractId };

/** The refusal when the wait was in vain. */
export function missingError(missing: MissingInput): CodedError {
  return missing.type === 'coin'
    ? refusal.coinMissing(missing.key)
    : refusal.contractMissing(missing.contractId);
}

/** Where inputs may come from. */
export type InputSources = {
  readonly view: PoolView;
  readonly inFlight: InFlight;
  readonly spent: RecentlySpent;
  /** False: coins and messages are not looked up. */
  readonly utxoValidation: boolean;
};

/**
 * @param keys what `entry` declares, as held
 * @returns what is missing; it may still appear
 * @throws CodedError POOL_INPUT, POOL_SPENT when an input can never be right
 */
export function checkInputs(
  entry: PooledTx,
  keys: readonly PoolKey[],
  sources: InputSources,
): MissingInput[] {
  const missing: MissingInput[] = [];
  entry.tx.inputs.forEach((input, index) => {
    const key = keyOfInput(entry, keys, index);
    if (input.type === 'coin') {
      const absent = checkCoin(input, key, sources);
      if (absent !== null) missing.push(absent);
    } else if (input.type === 'message') checkMessage(input, key, sources);
    else {
      const id = input.contractId;
      const exists =
        key.creator !== null ||
        sources.view.contractUtxo(id) !== null ||
        sources.inFlight.hasContract(id);
      if (!exists) missing.push({ type: 'contract', contractId: id });
    }
  });
  return missing;
}

/** Being spent, or spent a moment ago. */
function isSpent(key: PoolKey, { spent }: InputSources): boolean {
  return key.takenCount > 0 || spent.has(key.name);
}

function checkCoin(input: CoinInput, key: PoolKey, sources: InputSources): MissingInput | null {
  const { txId, outputIndex } = input.utxoId;
  const creator = coinCreator(key, outputIndex);
  if (creator !== null) {
    checkAgainstOutput(input, creator.entry.tx.outputs[outputIndex]);
    return null;
  }
  if (!sources.utxoValidation) return null;
  const utxoKey = utxoKeyOf(txId, outputIndex);
  if (isSpent(key, sources)) throw refusal.coinSpent(utxoKey);
  const coin = sources.view.coin(utxoKey);
  if (coin === null) {
    const isThere = sources.inFlight.hasCoin(txId, outputIndex, input);
    return isThere ? null : { type: 'coin', key: utxoKey };
  }
  if (
    coin.owner !== input.owner ||
    coin.amount !== input.amount ||
    coin.assetId !== input.assetId
  ) {
    throw refusal.coinMismatch();
  }
  return null;
}

function checkAgainstOutput(input: CoinInput, output: Output | undefined): void {
  if (output?.type === 'change' || output?.type === 'variable') throw refusal.changeOrVariable();
  if (output?.type !== 'coin') throw refusal.contractOutput();
  if (output.to !== input.owner) throw refusal.wrongOwner();
  if (output.amount !== input.amount) throw refusal.wrongAmount();
  if (output.assetId !== input.assetId) throw refusal.wrongAssetId();
}

function checkMessage(input: MessageInput, key: PoolKey, sources: InputSources): void {
  if (!sources.utxoValidation) return;
  if (isSpent(key, sources)) throw refusal.messageSpent(input.nonce);
  const message = sources.view.message(input.nonce);
  if (message === null) throw refusal.messageUnknown(input.nonce);
  if (!sameMessage(message, input)) throw refusal.messageMismatch();
}

function sameMessage(message: PoolMessage, input: MessageInput): boolean {
  return (
    message.sender === input.sender &&
    message.recipient === input.recipient &&
    message.nonce === input.nonce &&
    message.amount === input.amount &&
    message.data.length === input.data.length &&
    message.data.every((byte, i) => byte === input.data[i])
  );
}
