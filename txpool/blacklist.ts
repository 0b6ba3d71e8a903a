/** Addresses, coins, messages and contracts that the operator does not serve. */
import type { CodedError } from '../primitives/errors.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import type { ChargeableTx, Input } from '../tx/types.ts';
import type { Blacklist } from './config.ts';
import { refusal } from './errors.ts';

/** @returns a check that gives the refusal of the first blacklisted input, or null */
export function createBlacklistCheck(list: Blacklist): (tx: ChargeableTx) => CodedError | null {
  const addresses = new Set<string>(list.addresses);
  const coins = new Set<string>(list.coins);
  const messages = new Set<string>(list.messages);
  const contracts = new Set<string>(list.contracts);
  const empty = addresses.size + coins.size + messages.size + contracts.size === 0;

  const checkInput = (input: Input): CodedError | null => {
    if (input.type === 'coin') {
      const key = utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex);
      if (coins.has(key)) return refusal.blacklistedCoin(key);
      return addresses.has(input.owner) ? refusal.blacklistedOwner(input.owner) : null;
    }
    if (input.type === 'contract') {
      const id = input.contractId;
      return contracts.has(id) ? refusal.blacklistedContract(id) : null;
    }
    if (messages.has(input.nonce)) return refusal.blacklistedMessage(input.nonce);
    if (addresses.has(input.sender)) return refusal.blacklistedOwner(input.sender);
    return addresses.has(input.recipient) ? refusal.blacklistedOwner(input.recipient) : null;
  };

  return (tx) => {
    if (empty) return null;
    for (const input of tx.inputs) {
      const error = checkInput(input);
      if (error !== null) return error;
    }
    return null;
  };
}
