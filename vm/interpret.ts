/**
 * Runs the program that a machine stands at, until it ends or panics.
 *
 * Two loops with the same meaning: the hot one (generated, most instructions inlined on local
 * numbers; anything unusual goes through the table's effect, one instruction at a time) and the
 * observed one, which takes every instruction through the table's effects. The tests compare them.
 *
 * @source fuel-vm 0.66.4, instruction executor
 */
import { enginePlan } from './engine.ts';
import { gasTableOf, HOT_BUDGET_MAX, type PricedRow } from './gas.ts';
import { execute, runHot } from './gen/dispatch.ts';
import { ISA } from './isa.ts';
import { runWithEngine } from './jit/run.ts';
import { IS, type Machine, PC, SSP } from './machine.ts';
import { PANIC } from './panic.ts';
import type { OpRow, Step } from './row.ts';

const INSTRUCTION_BYTES = 4;

function pricedRow({ code, gas }: OpRow): PricedRow {
  if (gas === 'inside') return { code, key: null };
  return { code, key: typeof gas === 'string' ? gas : gas.key };
}

const PRICED: readonly PricedRow[] = ISA.map(pricedRow);

/**
 * Executes until the end. `observe` sees the machine before each instruction.
 * @returns a HALT kind, or the PanicReason byte; $pc and `m.word` are then those of the panic.
 */
export function interpret(m: Machine, observe?: (m: Machine) => void): Step {
  m.gas = gasTableOf(m.ctx.params.gasCosts, PRICED);
  if (observe !== undefined) return runObserved(m, observe);
  const plan = enginePlan(stepOnce);
  if (plan !== null) return runWithEngine(m, plan);
  for (;;) {
    runHot(m, HOT_BUDGET_MAX);
    const step = stepOnce(m);
    if (step !== 0) return step;
  }
}

/** One instruction at a time, for debuggers. Every call of what it returns executes one. */
export function stepper(m: Machine): () => Step {
  m.gas = gasTableOf(m.ctx.params.gasCosts, PRICED);
  return () => stepOnce(m);
}

/** Executes an instruction that need not lie in memory; otherwise as {@link stepper}. */
export function executeWord(m: Machine, word: number): Step {
  m.gas = gasTableOf(m.ctx.params.gasCosts, PRICED);
  m.word = word;
  return execute(m, word);
}

function runObserved(m: Machine, observe: (m: Machine) => void): Step {
  for (;;) {
    observe(m);
    const step = stepOnce(m);
    if (step !== 0) return step;
  }
}

/** Fetches and executes one instruction. Reading memory is judged before the executable region. */
function stepOnce(m: Machine): Step {
  const pc = m.lo[PC]!;
  m.word = 0;
  const unreadable = m.checkRead(pc, INSTRUCTION_BYTES);
  if (unreadable !== 0) return unreadable;
  m.word = m.view.getUint32(pc);
  if (pc < m.lo[IS]! || pc >= m.lo[SSP]!) return PANIC.MemoryNotExecutable;
  return execute(m, m.word);
}
