/** Checks one predicate vector: verification, estimation, and each predicate run alone. */

import { measurePredicates } from '../../predicates/estimate.ts';
import { type PredicateError, predicateInputs, verifyPredicates } from '../../predicates/verify.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { decodeTx, encodeTx } from '../../tx/codec/transaction.ts';
import { codeRoot, predicateOwner } from '../../tx/contractId.ts';
import { txId } from '../../tx/id.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { ChargeableTx } from '../../tx/types.ts';
import { checkErrorText, checkTx } from '../../tx/validity.ts';
import { CGAS, GGAS, type Machine } from '../../vm/machine.ts';
import { panicName } from '../../vm/panic.ts';
import type { VmRules } from '../../vm/ports.ts';
import { type PredicateEnd, predicateSubject, runPredicate } from '../../vm/predicateRun.ts';
import { rulesFor } from '../../vm/rules.ts';
import { type HostStorage, hostStorageOf, paramsOf } from './host.ts';
import {
  asBigint,
  asString,
  type Json,
  type JsonObject,
  jsonDifference,
  jsonInt,
  plainHex,
} from './json.ts';

/** The reference runs single predicates for at most so many steps. */
const STEPS_MAX = 50_000;

type World = {
  readonly params: ConsensusParameters;
  readonly storage: HostStorage;
  readonly rules: VmRules;
  readonly height: number;
};

/** null: equal; else where and how our answer differs first. */
export function checkPredicateVector(request: JsonObject, answer: JsonObject): string | null {
  if (request['code'] !== undefined) {
    const code = hexToBytes(asString(request['code'], 'code'));
    const ours = { root: codeRoot(code).slice(2), owner: predicateOwner(code).slice(2) };
    return jsonDifference(ours, answer);
  }
  return jsonDifference(answerOf(request), normalised(answer));
}

function normalised(answer: JsonObject): JsonObject {
  const out: Record<string, Json> = { ...answer };
  for (const key of ['verifyAsGiven', 'verifyEstimated']) {
    if (typeof out[key] === 'string') out[key] = withoutMnemonic(out[key] as string);
  }
  return out;
}

/** The disassembly inside a panic text goes; its bytes stay. */
function withoutMnemonic(text: string): string {
  return text.replace(/instruction: [A-Za-z0-9]+ (\{[^{}]*\} )?\(bytes:/, 'instruction: (bytes:');
}

function answerOf(request: JsonObject): JsonObject {
  let tx: ChargeableTx;
  try {
    const decoded = decodeTx(hexToBytes(asString(request['hex'], 'hex'))).tx;
    if (decoded.type === 'mint') return { error: 'Mint has no predicates' };
    tx = decoded;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { error: `decode: ${String(error.context['reason'])}` };
  }
  const params = paramsOf(request);
  const world: World = {
    params,
    storage: hostStorageOf(request).storage,
    rules: rulesFor(params, 'auto'),
    height: Number(asBigint(request['height'], 1n)),
  };
  const out: Record<string, Json> = { verifyAsGiven: verifyForm(tx, world) };
  const measured = measurePredicates(tx, undefined, params, world.storage, world.rules);
  out['estimate'] =
    measured.maxGas > params.txParams.maxGasPerTx
      ? `TransactionExceedsTotalGasAllowance(${measured.maxGas})`
      : 'ok';
  out['inputs'] = inputsForm(measured.tx, world);
  out['txEstimated'] = plainHex(encodeTx(measured.tx));
  out['id'] = txId(measured.tx, params.chainId).slice(2);
  out['verifyEstimated'] = verifyForm(measured.tx, world);
  return out;
}

function verifyForm(tx: ChargeableTx, world: World): Json {
  const { params, height, storage, rules } = world;
  const basic = checkTx(tx, height, params);
  if (!basic.ok) return `basic: ${checkErrorText(basic.error)}`;
  const verdict = verifyPredicates(tx, txId(tx, params.chainId), params, storage, rules);
  if (verdict.ok) return { ok: true, gasUsed: jsonInt(verdict.gasUsed) };
  return predicateErrorText(verdict.error);
}

/** The reference's debug text, without the disassembly of instructions. */
export function predicateErrorText(error: PredicateError): string {
  switch (error.name) {
    case 'TransactionExceedsTotalGasAllowance':
      return `${error.name}(${error.maxGas})`;
    case 'Panic':
      return `Panic { index: ${error.index}, reason: ${error.reason} }`;
    case 'PanicInstruction': {
      const bytes = wordHex(error.instruction).replace(/(..)(?=.)/g, '$1 ');
      const inner = `PanicInstruction { reason: ${error.reason}, instruction: (bytes: ${bytes}) }`;
      return `PanicInstruction { index: ${error.index}, instruction: ${inner} }`;
    }
    default:
      return `${error.name} { index: ${error.index} }`;
  }
}

const wordHex = (word: number): string => word.toString(16).padStart(8, '0');

function lesser(a: bigint, b: bigint): bigint {
  return b < a ? b : a;
}

function inputsForm(tx: ChargeableTx, world: World): Json {
  const { params, storage, rules } = world;
  const subject = predicateSubject(tx, txId(tx, params.chainId), params, storage, rules);
  const each = params.predicateParams.maxGasPerPredicate;
  const all = params.txParams.maxGasPerTx;
  const gas = lesser(each, all);
  return predicateInputs(tx).map(({ index, input }): Json => {
    const probe = new StepProbe(gas);
    const { end, gasUsed } = runPredicate(subject, index, gas, {
      step: (m) => probe.step(m),
      end: (m) => probe.capture(m),
    });
    const owner = input.type === 'coin' ? input.owner : input.recipient;
    return {
      input: index,
      gasUsed: jsonInt(input.predicateGasUsed),
      run: probe.limited ?? {
        end: endForm(end),
        steps: probe.steps,
        gas: jsonInt(gasUsed),
        regs: probe.registers,
      },
      root: codeRoot(input.predicate).slice(2),
      ownerOfCode: predicateOwner(input.predicate).slice(2),
      owner: owner.slice(2),
    };
  });
}

/** Counts steps, and stops what runs longer than the reference looks. */
class StepProbe {
  steps = 0;
  registers: string[] = [];
  limited: Json | null = null;
  readonly #gas: bigint;

  constructor(gas: bigint) {
    this.#gas = gas;
  }

  step(m: Machine): void {
    this.steps++;
    if (this.steps !== STEPS_MAX + 1) return;
    this.capture(m);
    const gas = jsonInt(this.#gas - m.reg(GGAS));
    this.limited = { end: 'step limit', steps: this.steps, gas, regs: this.registers };
    m.setReg(GGAS, 0n);
    m.setReg(CGAS, 0n);
  }

  capture(m: Machine): void {
    this.registers = Array.from({ length: 64 }, (_, i) => m.reg(i).toString(16));
  }
}

function endForm(end: PredicateEnd): Json {
  switch (end.type) {
    case 'return':
      return { return: jsonInt(end.value) };
    case 'returnData':
      return { returnData: end.digest.slice(2) };
    case 'revert':
      return { revert: jsonInt(end.value) };
    case 'panic':
      return { panic: panicName(end.reason), instruction: wordHex(end.instruction) };
  }
}
