/**
 * The step debugger: sessions, each with a VM of its own over the state of this node. What their
 * scripts write stays in the session.
 *
 * @source behaviour of fuel-core 0.48.2, debug API
 */
import { randomUUID } from 'node:crypto';
import { TxOverlay } from '../../executor/overlay.ts';
import { CodedError } from '../../primitives/errors.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import { type ContractId, ZERO_B256 } from '../../primitives/types.ts';
import type { ChainStore } from '../../state/types.ts';
import { maxFee } from '../../tx/fees.ts';
import { txId } from '../../tx/id.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { ScriptTx } from '../../tx/types.ts';
import { checkTx, debugText } from '../../tx/validity.ts';
import { type DebugPlace, DebugVm } from '../../vm/debug.ts';
import { rulesFor, type VmRulesSetting } from '../../vm/rules.ts';
import { instructionFromJson, receiptToJson, scriptFromJson } from './json.ts';

/** Each may hold 64 MiB; beyond this the session that was unused for longest ends. */
export const DEBUG_SESSIONS_MAX: number = 16;
/** `RET $16`: what a new session has run. */
const DUMMY_SCRIPT: readonly number[] = [0x24, 0x40, 0x00, 0x00];
const PUBLIC_KEY_BYTES = 64;
const WITNESS_LIMIT = 10_000n;
const INSTRUCTION_BYTES = 4n;

export type RunResult = {
  readonly state: 'COMPLETED' | 'BREAKPOINT';
  readonly breakpoint: DebugPlace | null;
  readonly jsonReceipts: readonly string[];
};

/** All but `startSession` and `endSession` @throws CodedError DEBUG_SESSION when there is none */
export interface DebugService {
  startSession(): string;
  /** @returns whether there was such a session */
  endSession(id: string): boolean;
  reset(id: string): boolean;
  /** @param op JSON of an instruction @returns false: it panicked. @throws CodedError DEBUG_OP */
  execute(id: string, op: string): boolean;
  setSingleStepping(id: string, enable: boolean): boolean;
  /** @param pc in instructions from the program's start */
  setBreakpoint(id: string, contract: ContractId, pc: bigint): boolean;
  /** @param txJson a script @throws CodedError DEBUG_TX */
  startTx(id: string, txJson: string): RunResult;
  continueTx(id: string): RunResult;
  register(id: string, register: number): bigint;
  /** As a JSON list of bytes. */
  memory(id: string, start: number, size: number): string;
}

export type DebugDeps = {
  readonly store: ChainStore;
  readonly params: () => { readonly version: number; readonly params: ConsensusParameters };
  readonly vmRules: VmRulesSetting;
};

export function createDebugger(deps: DebugDeps): DebugService {
  return new Debugger(deps);
}

class Debugger implements DebugService {
  readonly #deps: DebugDeps;
  /** Last used last. */
  readonly #sessions: Map<string, DebugVm> = new Map();

  constructor(deps: DebugDeps) {
    this.#deps = deps;
  }

  startSession(): string {
    const id = randomUUID();
    this.#sessions.set(id, this.#newVm());
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > DEBUG_SESSIONS_MAX && oldest !== undefined) this.endSession(oldest);
    return id;
  }

  endSession(id: string): boolean {
    this.#sessions.get(id)?.close();
    return this.#sessions.delete(id);
  }

  reset(id: string): boolean {
    const old = this.#find(id, 'The VM instance was not found');
    old.close();
    this.#sessions.set(id, this.#newVm());
    return true;
  }

  execute(id: string, op: string): boolean {
    const word = instructionFromJson(op);
    return this.#sessions.get(id)?.execute(word) ?? false;
  }

  setSingleStepping(id: string, enable: boolean): boolean {
    this.#find(id).setStepping(enable);
    return enable;
  }

  setBreakpoint(id: string, contract: ContractId, pc: bigint): boolean {
    this.#find(id).addBreakpoint({ contract, pc: pc * INSTRUCTION_BYTES });
    return true;
  }

  startTx(id: string, txJson: string): RunResult {
    const tx = scriptFromJson(txJson);
    const vm = this.#find(id);
    return resultOf(vm, this.#start(vm, tx), 0);
  }

  continueTx(id: string): RunResult {
    const vm = this.#find(id);
    const before = vm.receipts.length;
    return resultOf(vm, vm.resume(), before);
  }

  register(id: string, register: number): bigint {
    const value = this.#sessions.get(id)?.register(register) ?? null;
    if (value === null) throw new CodedError('DEBUG_REGISTER', 'Invalid register identifier');
    return value;
  }

  memory(id: string, start: number, size: number): string {
    const bytes = this.#sessions.get(id)?.memory(start, size) ?? null;
    if (bytes === null) throw new CodedError('DEBUG_MEMORY', 'Invalid memory range');
    return JSON.stringify([...bytes]);
  }

  #find(id: string, text = 'VM not found'): DebugVm {
    const vm = this.#sessions.get(id);
    if (vm === undefined) throw new CodedError('DEBUG_SESSION', text);
    this.#sessions.delete(id);
    this.#sessions.set(id, vm);
    return vm;
  }

  #newVm(): DebugVm {
    const { store, vmRules } = this.#deps;
    const { version, params } = this.#deps.params();
    const { latest } = store;
    const rules = rulesFor(params, vmRules);
    const storage = new TxOverlay(store, {
      height: latest.height,
      time: latest.time,
      daHeight: latest.daHeight,
      prevRoot: ZERO_B256,
      gasPrice: 0n,
      coinbaseRecipient: ZERO_B256,
      consensusParametersVersion: version,
      stateTransitionVersion: latest.stateTransitionBytecodeVersion,
      params,
      rules,
      utxoValidation: false,
    });
    const vm = new DebugVm({ params, rules, storage });
    this.#start(vm, dummyTx(params.txParams.maxGasPerTx / 2n));
    return vm;
  }

  #start(vm: DebugVm, tx: ScriptTx): ReturnType<DebugVm['start']> {
    const { params } = this.#deps.params();
    const { height } = this.#deps.store.latest;
    const checked = checkTx(tx, height, params);
    if (!checked.ok) {
      throw new CodedError('DEBUG_TX', `Validity(${debugText(checked.error)})`);
    }
    const limit = tx.policies.maxFee ?? 0n;
    const fee = maxFee(tx, params, 0n);
    if (fee > limit) {
      const why = `InsufficientMaxFee { max_fee_from_policies: ${limit}, max_fee_from_gas_price: ${fee} }`;
      throw new CodedError('DEBUG_TX', `Failed to apply dynamic values to checked tx: ${why}`);
    }
    return vm.start({ tx, txId: txId(tx, params.chainId), balances: checked.balances });
  }
}

function resultOf(
  vm: DebugVm,
  ran: { stop: DebugPlace | null } | { refused: string },
  knownReceipts: number,
): RunResult {
  if ('refused' in ran) {
    throw new CodedError('DEBUG_TX', `Transaction failed: ${ran.refused}`);
  }
  return {
    state: ran.stop === null ? 'COMPLETED' : 'BREAKPOINT',
    breakpoint: ran.stop,
    jsonReceipts: vm.receipts.slice(knownReceipts).map(receiptToJson),
  };
}

function dummyTx(gasLimit: bigint): ScriptTx {
  return {
    type: 'script',
    scriptGasLimit: gasLimit,
    receiptsRoot: ZERO_B256,
    script: Uint8Array.from(DUMMY_SCRIPT),
    scriptData: new Uint8Array(0),
    policies: { maturity: 0n, witnessLimit: WITNESS_LIMIT, maxFee: 0n } as ScriptTx['policies'],
    inputs: [
      {
        type: 'coin',
        utxoId: { txId: ZERO_B256, outputIndex: 0 },
        owner: sha256Hex(new Uint8Array(PUBLIC_KEY_BYTES)),
        amount: 0n,
        assetId: ZERO_B256,
        txPointer: { blockHeight: 0, txIndex: 0 },
        witnessIndex: 0,
        predicateGasUsed: 0n,
        predicate: new Uint8Array(0),
        predicateData: new Uint8Array(0),
      },
    ],
    outputs: [],
    witnesses: [new Uint8Array(0)],
  };
}
