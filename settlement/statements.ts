/** Statements of the auditor as calls of the contract. */
import { bytesToHex } from '../primitives/bytes.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import type { StateParts, Step } from '../tx/stateSteps.ts';
import type { InboxEntry, Statement, TxPlace } from './audit.ts';
import type { BlockProofStruct, TxProofStruct } from './batches.ts';
import type { StateStatement } from './stateAudit.ts';
import { stepStruct } from './treeOps.ts';

/** Proofs of what is committed. */
export interface Prover {
  block(height: number): Promise<BlockProofStruct>;
  tx(place: TxPlace): Promise<TxProofStruct>;
  /** Steps and state of a block, as committed. */
  trace(height: number): Promise<{ readonly steps: readonly Step[]; readonly parts: StateParts }>;
  /** Height of the first block that is committed. */
  readonly firstHeight: number;
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
    case 'overcharge':
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
    default:
      return stateArguments(statement, prover);
  }
}

/** The contract leaves the block before aside for the first one of the chain. */
async function pairOf(height: number, prover: Prover): Promise<readonly BlockProofStruct[]> {
  const block = await prover.block(height);
  return [block, height === prover.firstHeight ? block : await prover.block(height - 1)];
}

/** `Message` of the contract; of a forced transaction it is not looked at. */
function messageStruct({ event }: InboxEntry): object {
  if (event?.type !== 'message') {
    return { sender: ZERO_B256, recipient: ZERO_B256, amount: 0n, data: '0x' };
  }
  const { sender, recipient, amount, data } = event.message;
  return { sender, recipient, amount, data: bytesToHex(data) };
}

async function stateArguments(
  statement: StateStatement,
  prover: Prover,
): Promise<readonly unknown[]> {
  const height = 'at' in statement ? statement.at.height : statement.height;
  const { steps, parts } = await prover.trace(height);
  const pair = await pairOf(height, prover);
  const [block, before] = pair;
  const step = (index: number): object => stepStruct(steps, index);
  switch (statement.name) {
    case 'wrongStart':
      return [...pair, statement.before, step(0)];
    case 'wrongState':
      return [...pair, parts, step(steps.length - 1)];
    case 'wrongMessageStep': {
      const { nonce, index, entry, op } = statement;
      return [...pair, BigInt(nonce), step(index), step(index + 1), messageStruct(entry), op];
    }
    case 'wrongStep': {
      const { at, taken, ops } = statement;
      const [pre, post] = [step(taken + at.tx), step(taken + at.tx + 1)];
      return [block, before, await prover.tx(at), pre, post, ops];
    }
    case 'absentInput': {
      const { at, taken, absence } = statement;
      const pre = step(taken + at.tx);
      return [block, before, await prover.tx(at), pre, BigInt(at.input), absence];
    }
    case 'skippedForced': {
      const { nonce, taken, entry, coins } = statement;
      const { event } = entry;
      const forced = event?.type === 'transaction' ? event : null;
      const [gas, raw] = [forced?.maxGas ?? 0n, bytesToHex(forced?.raw ?? new Uint8Array(0))];
      return [...pair, BigInt(nonce), gas, raw, step(taken), step(steps.length - 1), coins];
    }
  }
}
