/** What the predicates of a transaction did: what each cost, and whether it let its input be spent. */
import { type PredicateInput, predicateInputs } from '../../predicates/verify.ts';
import type { TxId } from '../../primitives/types.ts';
import { predicateOwner } from '../../tx/contractId.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { CoinInput, MessageInput, Transaction } from '../../tx/types.ts';
import { formatInstruction } from '../../vm/asm.ts';
import { IS, type Machine, PC } from '../../vm/machine.ts';
import { PANIC, panicName } from '../../vm/panic.ts';
import type { VmRules } from '../../vm/ports.ts';
import {
  type BlobSource,
  type PredicateEnd,
  type PredicateRun,
  type PredicateSubject,
  predicateSubject,
  runPredicate,
} from '../../vm/predicateRun.ts';
import { codeAround, TraceRecorder } from './recorder.ts';
import type { TraceEnd, TraceInstruction, TracePredicate } from './types.ts';

/** What a run needs to know besides the transaction. */
export type PredicateWorld = {
  readonly params: ConsensusParameters;
  readonly rules: VmRules;
  readonly blobs: BlobSource;
};

const ownerOf = (input: CoinInput | MessageInput): string =>
  input.type === 'coin' ? input.owner : input.recipient;

/** Of a transaction that is in a block: each passed, with exactly the gas that it declares. */
export function predicatesByReceipts(tx: Transaction): TracePredicate[] {
  if (tx.type === 'mint') return [];
  return predicateInputs(tx).map(({ index, input }) => ({
    input: index,
    owner: ownerOf(input),
    refused: null,
    gasDeclared: String(input.predicateGasUsed),
    gasUsed: String(input.predicateGasUsed),
    instructions: null,
    end: null,
    code: [],
    opcodes: [],
  }));
}

/** Runs all of them, also those behind one that fails. */
export function runPredicates(tx: Transaction, id: TxId, world: PredicateWorld): TracePredicate[] {
  if (tx.type === 'mint') return [];
  const inputs = predicateInputs(tx);
  if (inputs.length === 0) return [];
  const subject = predicateSubject(tx, id, world.params, world.blobs, world.rules);
  return inputs.map((each) => runOne(subject, each));
}

type Observed = PredicateRun & {
  readonly recorder: TraceRecorder;
  readonly offset: number;
  readonly code: readonly TraceInstruction[];
};

function observed(subject: PredicateSubject, index: number, gas: bigint): Observed {
  const recorder = new TraceRecorder();
  let offset = 0;
  let code: readonly TraceInstruction[] = [];
  const end = (m: Machine): void => {
    recorder.end(m);
    offset = m.num(PC) - m.num(IS);
    code = codeAround(m);
  };
  const run = runPredicate(subject, index, gas, { step: recorder.step, end });
  return { ...run, recorder, offset, code };
}

/** With the gas that it declares; where that is too little, with all that a predicate may use. */
function runOne(subject: PredicateSubject, { index, input }: PredicateInput): TracePredicate {
  const declared = input.predicateGasUsed;
  const { maxGasPerPredicate } = subject.params.predicateParams;
  const first = observed(subject, index, declared);
  const isShort = first.end.type === 'panic' && first.end.reason === PANIC.OutOfGas;
  const ran =
    isShort && declared < maxGasPerPredicate ? observed(subject, index, maxGasPerPredicate) : first;
  const passes = ran.end.type === 'return' && ran.end.value === 1n;
  return {
    input: index,
    owner: ownerOf(input),
    refused: refusalOf(ran, input),
    gasDeclared: String(declared),
    gasUsed: String(ran.gasUsed),
    instructions: ran.recorder.instructions,
    end: endOf(ran.end, ran.offset),
    code: passes ? [] : ran.code,
    opcodes: ran.recorder.gas()[0]?.opcodes ?? [],
  };
}

/** The order is that of the checks. */
function refusalOf({ end, gasUsed }: PredicateRun, input: CoinInput | MessageInput): string | null {
  const declared = input.predicateGasUsed;
  if (predicateOwner(input.predicate) !== ownerOf(input)) {
    return 'the owner is not the address of this code';
  }
  if (end.type === 'revert') return 'it reverted';
  if (end.type === 'panic') return `it panicked: ${panicName(end.reason)}`;
  if (end.type === 'returnData') return 'it returned data instead of 1';
  if (end.value !== 1n) return `it returned ${end.value} instead of 1`;
  if (gasUsed === declared) return null;
  return `it uses ${gasUsed} gas and the input declares ${declared}: estimate the predicates`;
}

function endOf(end: PredicateEnd, offset: number): TraceEnd {
  switch (end.type) {
    case 'return':
      return { type: 'return', value: String(end.value) };
    case 'returnData':
      return { type: 'returnData', data: end.digest };
    case 'revert':
      return { type: 'revert', value: String(end.value), offset };
    case 'panic':
      return {
        type: 'panic',
        reason: panicName(end.reason),
        offset,
        instruction: formatInstruction(end.instruction),
        contract: null,
      };
  }
}
