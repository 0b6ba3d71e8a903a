/**
 * A VM that can stop: at breakpoints, after every instruction, and that shows its registers and
 * memory meanwhile.
 *
 * @source fuel-vm 0.66.4, debugger (behaviour)
 */
import { type ContractId, type TxId, ZERO_B256 } from '../primitives/types.ts';
import { prepareForExecution } from '../tx/id.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { Receipt } from '../tx/receipt.ts';
import type { ScriptTx } from '../tx/types.ts';
import type { CheckedBalances } from '../tx/validity/balances.ts';
import { RuntimeBalances, spendable } from './balances.ts';
import { executeWord, stepper } from './interpret.ts';
import { IS, type Machine, PC, releaseMachine, SSP } from './machine.ts';
import { returnWord } from './ops/frame.ts';
import type { VmRules, VmStorage } from './ports.ts';
import { HALT, type Step } from './row.ts';
import { closeScript, finish, startScript } from './transact.ts';

/** A place in a program. `contract`: zero for the script. `pc`: from the program's start, bytes. */
export type DebugPlace = { readonly contract: ContractId; readonly pc: bigint };

/** What surrounds the scripts of one session. */
export type DebugWorld = {
  readonly params: ConsensusParameters;
  readonly rules: VmRules;
  readonly storage: VmStorage;
};

export type DebugScript = {
  readonly tx: ScriptTx;
  readonly txId: TxId;
  readonly balances: CheckedBalances;
};

/** Nothing is paid for in a debugger. */
const GAS_PRICE = 0n;
const INSTRUCTION_BYTES = 4;
const REGISTER_COUNT = 64;

const isSame = (a: DebugPlace | null, b: DebugPlace): boolean =>
  a !== null && a.contract === b.contract && a.pc === b.pc;

/** See the head of the file. One script after the other; storage keeps what they wrote. */
export class DebugVm {
  readonly #world: DebugWorld;
  readonly #breakpoints: Set<string> = new Set();
  #isActive = false;
  #isStepping = false;
  /** Where it stopped last; there it does not stop again at once. */
  #stopped: DebugPlace | null = null;
  #machine: Machine | null = null;
  /** `fetches`: there are instructions; a script without code ends before a debugger looks. */
  #run: { fetches: boolean; step: () => Step; finish: (step: Step) => string | null } | null = null;

  constructor(world: DebugWorld) {
    this.#world = world;
  }

  setStepping(enable: boolean): void {
    this.#isActive = true;
    this.#isStepping = enable;
  }

  addBreakpoint({ contract, pc }: DebugPlace): void {
    this.#isActive = true;
    this.#breakpoints.add(`${contract} ${pc}`);
  }

  /** Receipts of the script so far. */
  get receipts(): readonly Receipt[] {
    return this.#machine?.receipts.all() ?? [];
  }

  /** null: there is no such register. */
  register(index: number): bigint | null {
    if (index >= REGISTER_COUNT || this.#machine === null) return null;
    return this.#machine.reg(index);
  }

  /** null: the range does not exist. Unit: bytes. */
  memory(start: number, length: number): Uint8Array | null {
    const m = this.#machine;
    return m === null || m.checkRead(start, length) !== 0
      ? null
      : m.mem.slice(start, start + length);
  }

  /**
   * Runs a script until its end or the first stop.
   * @returns where it stopped (null: it ended), or why the VM refuses it
   */
  start({ tx, txId, balances }: DebugScript): { stop: DebugPlace | null } | { refused: string } {
    const { params, rules, storage } = this.#world;
    this.close();
    const prepared = prepareForExecution(tx) as ScriptTx;
    for (const input of prepared.inputs) {
      if (input.type === 'contract' && storage.contractCode(input.contractId) === null) {
        return { refused: 'Panic(InputContractDoesNotExist)' };
      }
    }
    const amounts = spendable(balances, params.baseAssetId);
    if (amounts === null) return { refused: 'CheckError(Validity(BalanceOverflow))' };
    const runtime = new RuntimeBalances(amounts);
    const input = { tx, txId, params, rules, storage, balances, gasPrice: GAS_PRICE };
    const m = startScript(input, prepared, runtime, null);
    this.#machine = m;
    this.#stopped = null;
    const fetches = tx.script.length > 0;
    this.#run = {
      fetches,
      step: fetches ? stepper(m) : () => returnWord(m, 1n),
      finish: (step) => {
        if (m.refused !== null) return m.refused;
        const end = closeScript(m, prepared, step);
        const left = (asset: `0x${string}`): bigint => runtime.amount(asset) ?? 0n;
        return finish(input, prepared, end, left, []).refused ?? null;
      },
    };
    return this.resume();
  }

  /** Goes on after a stop. @returns as {@link start}; `null` also when nothing is running */
  resume(): { stop: DebugPlace | null } | { refused: string } {
    const m = this.#machine;
    const run = this.#run;
    if (m === null || run === null) return { stop: null };
    for (;;) {
      const stop = run.fetches ? this.#stopHere(m) : null;
      if (stop !== null) return { stop };
      const step = run.step();
      if (step === 0) continue;
      this.#run = null;
      const refused = run.finish(step);
      return refused === null ? { stop: null } : { refused };
    }
  }

  /**
   * Executes one instruction out of turn, in the state that the VM is in. Where the debugger would
   * stop, it stops instead.
   * @returns false: it panicked, or nothing ever ran
   */
  execute(word: number): boolean {
    const m = this.#machine;
    if (m === null) return false;
    if (this.#isActive && this.#evaluate(m) !== null) return true;
    const step = executeWord(m, word);
    return step === 0 || step >= HALT.return;
  }

  /** Gives its memory back. */
  close(): void {
    if (this.#machine !== null) releaseMachine(this.#machine);
    this.#machine = null;
    this.#run = null;
  }

  #stopHere(m: Machine): DebugPlace | null {
    if (!this.#isActive) return null;
    const pc = m.num(PC);
    // What cannot be fetched panics before a debugger looks.
    const isFetched =
      m.checkRead(pc, INSTRUCTION_BYTES) === 0 && pc >= m.num(IS) && pc < m.num(SSP);
    return isFetched ? this.#evaluate(m) : null;
  }

  #evaluate(m: Machine): DebugPlace | null {
    const place = {
      contract: m.contract ?? ZERO_B256,
      pc: BigInt(Math.max(0, m.num(PC) - m.num(IS))),
    };
    const last = this.#stopped;
    this.#stopped = null;
    const stops = this.#isStepping || this.#breakpoints.has(`${place.contract} ${place.pc}`);
    if (!stops || isSame(last, place)) return null;
    this.#stopped = place;
    return place;
  }
}
