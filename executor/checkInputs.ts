/** Do the inputs of a transaction exist, and do they say the truth? */
import { equalBytes } from '../primitives/bytes.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import type { Input, MessageInput } from '../tx/types.ts';
import type { MessageRecord, StateView } from './ports.ts';
import { skipText } from './texts.ts';

/**
 * @param daHeight of the block: newer messages cannot be spent yet
 * @returns null, or the text of the first input that is wrong
 */
export function checkInputs(
  inputs: readonly Input[],
  view: StateView,
  daHeight: bigint,
): string | null {
  for (const input of inputs) {
    const reason = checkInput(input, view, daHeight);
    if (reason !== null) return reason;
  }
  return null;
}

function checkInput(input: Input, view: StateView, daHeight: bigint): string | null {
  switch (input.type) {
    case 'coin': {
      const key = utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex);
      const coin = view.coin(key);
      if (coin === null) return skipText.coinDoesNotExist(key);
      const matches =
        coin.owner === input.owner &&
        coin.amount === input.amount &&
        coin.assetId === input.assetId;
      return matches ? null : skipText.coinMismatch(key);
    }
    case 'contract': {
      const { contractId } = input;
      const exists = view.contractUtxo(contractId) !== null;
      return exists ? null : skipText.contractDoesNotExist(contractId);
    }
    case 'message': {
      const message = view.message(input.nonce);
      if (message === null) return skipText.messageMissing(input.nonce);
      if (message.daHeight > daHeight) return skipText.messageSpendTooEarly(input.nonce);
      return matchesMessage(message, input) ? null : skipText.messageMismatch(input.nonce);
    }
  }
}

function matchesMessage(message: MessageRecord, input: MessageInput): boolean {
  return (
    message.sender === input.sender &&
    message.recipient === input.recipient &&
    message.nonce === input.nonce &&
    message.amount === input.amount &&
    equalBytes(message.data, input.data)
  );
}
