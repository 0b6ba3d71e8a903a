/** Statements of the auditor as calls of the contract. */
import { bytesToHex } from '../primitives/bytes.ts';
import type { Statement, TxPlace } from './audit.ts';
import type { BlockProofStruct, TxProofStruct } from './batches.ts';

/** Proofs of what is committed. */
export interface Prover {
  block(height: number): Promise<BlockProofStruct>;
  tx(place: TxPlace): Promise<TxProofStruct>;
}

const KEY_BYTES = 64;

/** Arguments of the function that has the statement's name, in its order. */
export async function statementArguments(
  statement: Statement,
  prover: Prover,
): Promise<readonly unknown[]> {
  const at = async (place: TxPlace): Promise<readonly unknown[]> => [
    await prover.block(place.height),
    await prover.tx(place),
  ];
  switch (statement.name) {
    case 'notCanonical':
    case 'misplacedMint':
      return at(statement.at);
    case 'inflation':
      return [...(await at(statement.at)), statement.asset];
    case 'badSignature': {
      const key = statement.key ?? new Uint8Array(KEY_BYTES);
      const words = [bytesToHex(key.subarray(0, 32)), bytesToHex(key.subarray(32))];
      return [...(await at(statement.at)), BigInt(statement.at.input), words];
    }
    case 'doubleSpend': {
      const { at: one, other } = statement;
      return [...(await at(one)), BigInt(one.input), ...(await at(other)), BigInt(other.input)];
    }
    case 'badInput':
      return [
        ...(await at(statement.at)),
        BigInt(statement.at.input),
        ...(await at(statement.creator)),
      ];
    case 'badPointer':
      return [
        ...(await at(statement.at)),
        BigInt(statement.at.input),
        await prover.block(statement.target),
      ];
    case 'wrongHeight':
      return [await prover.block(statement.place), statement.place];
    case 'wrongEnd':
      return [await prover.block(statement.height)];
    case 'wrongInbox': {
      const block = await prover.block(statement.height);
      // The contract leaves the block before aside for the first one of the chain.
      const before = statement.isFirst ? block : await prover.block(statement.height - 1);
      return [block, before, statement.ids];
    }
  }
}
