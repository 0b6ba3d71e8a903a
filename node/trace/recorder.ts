/** Watches one execution: gas of every call and opcode, methods, arguments, the place of failure. */
import { bytesToHex } from '../../primitives/bytes.ts';
import type { ContractId } from '../../primitives/types.ts';
import { formatInstruction } from '../../vm/asm.ts';
import { ISA } from '../../vm/isa.ts';
import type { Machine } from '../../vm/machine.ts';
import { GGAS, HP, IS, MEM_BYTES, PC } from '../../vm/machine.ts';
import type { Observer } from '../../vm/transact.ts';
import type { TraceGas, TraceInstruction, TraceOpcode } from './types.ts';

/** What execution tells of a call beyond its receipts. Gas in gas units. */
export type CallRecord = {
  readonly method: string | null;
  readonly args: string | null;
  gasUsed: number;
  ownGas: number;
};

/** Bytes behind the pointer to the arguments that are kept of a call, and of all calls together. */
export const ARG_BYTES_MAX: number = 1024;
export const ARG_BYTES_TOTAL_MAX: number = 1024 * 1024;
/** Longest name of a method. Unit: bytes. */
export const METHOD_BYTES_MAX: number = 128;
/** Instructions shown before and after the one that failed. */
const BEFORE = 6;
const AFTER = 2;
const WORD = 4;
const CODE_SHIFT = 24;
const NAMES: ReadonlyMap<number, string> = new Map(ISA.map(({ code, name }) => [code, name]));
const METHOD = /^[A-Za-z_][A-Za-z0-9_]*$/;
const utf8 = new TextDecoder();

type Tally = { count: number; gas: number };
type Method = {
  readonly contract: ContractId | null;
  readonly method: string | null;
  calls: number;
  gas: number;
  /** By opcode. */
  readonly opcodes: (Tally | undefined)[];
};
type Open = CallRecord & { readonly of: Method; enteredGas: number };

/** Reads memory; null where there is none. */
export type ReadMemory = (address: bigint, length: number) => Uint8Array | null;

/** The name that a call passes as its first parameter, as Sway does. */
export function methodAt(read: ReadMemory, address: bigint): string | null {
  const head = read(address, 8);
  if (head === null) return null;
  const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0);
  if (length === 0n || length > BigInt(METHOD_BYTES_MAX)) return null;
  const bytes = read(address + 8n, Number(length));
  const name = bytes === null ? '' : utf8.decode(bytes);
  return METHOD.test(name) ? name : null;
}

export class TraceRecorder implements Observer {
  /** In the order of the calls' receipts. */
  readonly calls: CallRecord[] = [];
  readonly script: CallRecord = { method: null, args: null, gasUsed: 0, ownGas: 0 };
  instructions = 0;
  code: TraceInstruction[] = [];
  readonly #methods: Map<string, Method> = new Map();
  readonly #open: Open[] = [];
  #lastGas = 0;
  #lastWord = 0;
  #argBytes = 0;

  step = (m: Machine): void => {
    const gas = m.num(GGAS);
    this.#charge(gas);
    const depth = m.frames.length;
    if (this.#open.length === 0) this.#enter(m, gas);
    if (depth >= this.#open.length) this.#enter(m, gas);
    while (depth < this.#open.length - 1) this.#leave(gas);
    const pc = m.num(PC);
    this.#lastWord = pc + WORD <= MEM_BYTES ? m.view.getUint32(pc) : 0;
    this.#lastGas = gas;
    this.instructions += 1;
  };

  end = (m: Machine): void => {
    const gas = m.num(GGAS);
    this.#charge(gas);
    while (this.#open.length > 0) this.#leave(gas);
    const failed = m.receipts.all().some(({ type }) => type === 'panic' || type === 'revert');
    if (failed) this.code = codeAround(m);
  };

  /** Gas by contract and method, dearest first. */
  gas(): TraceGas[] {
    const all = [...this.#methods.values()].sort((a, b) => b.gas - a.gas);
    return all.map(({ contract, method, calls, gas, opcodes }) => ({
      contract,
      method,
      calls,
      gas: String(gas),
      opcodes: opcodesOf(opcodes),
    }));
  }

  /** What the last instruction cost goes to the call that it stood in. */
  #charge(gas: number): void {
    const top = this.#open.at(-1);
    if (top === undefined) return;
    const spent = this.#lastGas - gas;
    top.ownGas += spent;
    top.of.gas += spent;
    const code = this.#lastWord >>> CODE_SHIFT;
    const tally = (top.of.opcodes[code] ??= { count: 0, gas: 0 });
    tally.count += 1;
    tally.gas += spent;
  }

  #enter(m: Machine, gas: number): void {
    const isScript = this.#open.length === 0;
    const record = isScript ? this.script : this.#recordOf(m);
    if (!isScript) this.calls.push(record);
    const contract = isScript ? null : m.contract;
    const key = `${contract} ${record.method}`;
    let of = this.#methods.get(key);
    if (of === undefined) {
      of = { contract, method: record.method, calls: 0, gas: 0, opcodes: [] };
      this.#methods.set(key, of);
    }
    of.calls += 1;
    this.#open.push(Object.assign(record, { of, enteredGas: gas }));
  }

  #leave(gas: number): void {
    const open = this.#open.pop();
    if (open !== undefined) open.gasUsed = open.enteredGas - gas;
  }

  #recordOf(m: Machine): CallRecord {
    const none = { method: null, args: null, gasUsed: 0, ownGas: 0 };
    const call = m.receipts.all().at(-1);
    if (call?.type !== 'call') return none;
    const read: ReadMemory = (address, length) => {
      if (address > BigInt(MEM_BYTES)) return null;
      const at = Number(address);
      return m.checkRead(at, length) === 0 ? m.mem.subarray(at, at + length) : null;
    };
    const method = methodAt(read, call.param1);
    return { ...none, method, args: method === null ? null : this.#argsAt(m, call.param2) };
  }

  #argsAt(m: Machine, address: bigint): string | null {
    if (address >= BigInt(MEM_BYTES)) return null;
    const at = Number(address);
    const regionEnd = at >= (m.lo[HP] as number) ? MEM_BYTES : m.stackHigh;
    const length = Math.min(ARG_BYTES_MAX, regionEnd - at);
    if (length < 0 || this.#argBytes + length > ARG_BYTES_TOTAL_MAX) return null;
    this.#argBytes += length;
    return bytesToHex(m.mem.subarray(at, at + length));
  }
}

/** Dearest first. */
function opcodesOf(tallies: readonly (Tally | undefined)[]): TraceOpcode[] {
  const used = tallies.flatMap((tally, code) => (tally === undefined ? [] : [{ code, ...tally }]));
  used.sort((a, b) => b.gas - a.gas);
  return used.map(({ code, count, gas }) => ({
    name: NAMES.get(code) ?? `0x${code.toString(16).padStart(2, '0')}`,
    count,
    gas: String(gas),
  }));
}

/** The code around the place where a machine stands. */
export function codeAround(m: Machine): TraceInstruction[] {
  const pc = m.num(PC);
  const start = m.num(IS);
  const lines: TraceInstruction[] = [];
  for (let at = pc - BEFORE * WORD; at <= pc + AFTER * WORD; at += WORD) {
    if (at < start || m.checkRead(at, WORD) !== 0) continue;
    lines.push({ offset: at - start, text: formatInstruction(m.view.getUint32(at)) });
  }
  return lines;
}
