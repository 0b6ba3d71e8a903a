/** Statements of the auditor as calls of the contract. */
import { bytesToHex } from '../primitives/bytes.ts';
import type { Statement, TxPlace } from './audit.ts';
import type { BlockProofStruct, TxProofStruct } from './batches.ts';

/** Proofs of what is committed. */
export interface Prover {
  block(height: number): BlockProofStruct;
  tx(place: TxPlace): TxProofStruct;
}

const KEY_BYTES = 64;

/** Arguments of the function that has the statement's name, in its order. */
export function statementArguments(statement: Statement, prover: Prover): readonly unknown[] {
  const at = (place: TxPlace): readonly unknown[] => [prover.block(place.height), prover.tx(place)];
  switch (statement.name) {
    case 'notCanonical':
    case 'misplacedMint':
      return at(statement.at);
    case 'inflation':
      return [...at(statement.at), statement.asset];
    case 'badSignature': {
      const key = statement.key ?? new Uint8Array(KEY_BYTES);
      const words = [bytesToHex(key.subarray(0, 32)), bytesToHex(key.subarray(32))];
      return [...at(statement.at), BigInt(statement.at.input), words];
    }
    case 'doubleSpend': {
      const { at: one, other } = statement;
      return [...at(one), BigInt(one.input), ...at(other), BigInt(other.input)];
    }
    case 'badInput':
      return [...at(statement.at), BigInt(statement.at.input), ...at(statement.creator)];
    case 'badPointer':
      return [...at(statement.at), BigInt(statement.at.input), prover.block(statement.target)];
    case 'wrongHeight':
      return [prover.block(statement.place), statement.place];
    case 'wrongEnd':
      return [prover.block(statement.height)];
    case 'wrongInbox': {
      const block = prover.block(statement.height);
      // The contract leaves the block before aside for the first one of the chain.
      const before = statement.isFirst ? block : prover.block(statement.height - 1);
      return [block, before, statement.ids];
    }
  }
}
