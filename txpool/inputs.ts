/** Do the inputs of a transaction exist, and do they say the truth? */
import type { CodedError } from '../primitives/errors.ts';
import type { ContractId, UtxoKey } from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import type { CoinInput, MessageInput, Output } from '../tx/types.ts';
import { refusal } from './errors.ts';
import type { ExtractedOutputs } from './extracted.ts';
import type { DependencyGraph } from './graph.ts';
import type { PoolMessage, PoolView } from './ports.ts';
import type { SpentInputs } from './spent.ts';
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
  readonly graph: DependencyGraph;
  readonly extracted: ExtractedOutputs;
  readonly spent: SpentInputs;
  /** False: coins and messages are not looked up. */
  readonly utxoValidation: boolean;
};

/**
 * @returns what is missing; it may still appear
 * @throws CodedError POOL_INPUT, POOL_SPENT when an input can never be right
 */
export function checkInputs(entry: PooledTx, sources: InputSources): MissingInput[] {
  const missing: MissingInput[] = [];
  for (const input of entry.tx.inputs) {
    if (input.type === 'coin') {
      const absent = checkCoin(input, sources);
      if (absent !== null) missing.push(absent);
    } else if (input.type === 'message') checkMessage(input, sources);
    else {
      const id = input.contractId;
      const exists =
        sources.graph.contractCreator(id) !== undefined ||
        sources.view.contractUtxo(id) !== null ||
        sources.extracted.hasContract(id);
      if (!exists) missing.push({ type: 'contract', contractId: id });
    }
  }
  return missing;
}

function checkCoin(input: CoinInput, sources: InputSources): MissingInput | null {
  const { txId, outputIndex } = input.utxoId;
  const key = utxoKeyOf(txId, outputIndex);
  const creator = sources.graph.coinCreator(key);
  if (creator !== undefined) {
    checkAgainstOutput(input, creator.entry.tx.outputs[outputIndex]);
    return null;
  }
  if (!sources.utxoValidation) return null;
  if (sources.spent.isSpentCoin(key)) throw refusal.coinSpent(key);
  const coin = sources.view.coin(key);
  if (coin === null) {
    return sources.extracted.hasCoin(txId, outputIndex, input) ? null : { type: 'coin', key };
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

function checkMessage(input: MessageInput, sources: InputSources): void {
  if (!sources.utxoValidation) return;
  if (sources.spent.isSpentMessage(input.nonce)) throw refusal.messageSpent(input.nonce);
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
