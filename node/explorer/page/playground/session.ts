/**
 * A script run in this tab, as often as somebody looks: the VM is fast and the same input gives the
 * same steps, so going to a step means running up to it.
 */
import { bytesToHex } from '../../../../primitives/bytes.ts';
import { ZERO_B256 } from '../../../../primitives/types.ts';
import { localChain } from '../../../../state/localChain.ts';
import { txId } from '../../../../tx/id.ts';
import type { Receipt } from '../../../../tx/receipt.ts';
import type { ScriptTx } from '../../../../tx/types.ts';
import { checkedBalances } from '../../../../tx/validity/balances.ts';
import { formatInstruction } from '../../../../vm/asm.ts';
import type { Machine } from '../../../../vm/machine.ts';
import type { VmStorage } from '../../../../vm/ports.ts';
import { rulesFor } from '../../../../vm/rules.ts';
import { transact, type VmResult } from '../../../../vm/transact.ts';

/** A run that takes more is cut: the tab would stand still. */
export const STEPS_MAX = 2_000_000;
export const REGISTERS = 64;
const COIN = 1_000_000_000n;
const PC = 3;
const SSP = 4;
const SP = 5;
const HP = 7;
const GGAS = 9;
const IS = 12;
/** Program counters that are kept, for the list of what ran. */
const TRAIL_MAX = 10_000;

const PARAMS = localChain().chainConfig.consensusParameters;

/** Nothing is deployed: what a script asks for is not there. */
const EMPTY_WORLD: VmStorage = {
  contractCode: () => null,
  slot: () => null,
  setSlot: () => {},
  clearSlot: () => {},
  balance: () => null,
  setBalance: () => {},
  clearBalance: () => {},
  blob: () => null,
  createContract: () => {},
  createBlob: () => {},
  uploadedBytecode: () => null,
  setUploadedBytecode: () => {},
  addConsensusParameters: () => false,
  addStateTransitionBytecode: () => false,
  blockHeight: 1,
  consensusParametersVersion: 0,
  stateTransitionVersion: 0,
  coinbase: ZERO_B256,
  blockHash: () => ZERO_B256,
  timestamp: () => (1n << 62n) + 10n,
};

export type Program = {
  readonly code: Uint8Array;
  readonly data: Uint8Array;
  readonly gasLimit: bigint;
};

/** Where memory is looked at. Unit: bytes. */
export type Window = {
  readonly from: 'script' | 'stack' | 'heap' | number;
  readonly length: number;
};

export type Moment = {
  /** Instructions that have run. */
  readonly step: number;
  /** Next instruction: offset in the script, and as text; null at the end. */
  readonly offset: number;
  readonly next: string | null;
  readonly registers: readonly bigint[];
  readonly receipts: readonly Receipt[];
  readonly gasLeft: bigint;
  readonly memory: {
    readonly address: number;
    /** Only what exists. */
    readonly bytes: Uint8Array;
  };
};

export type Run = {
  readonly steps: number;
  /** null: cut after {@link STEPS_MAX}. */
  readonly result: VmResult | null;
  /** Offsets of the first instructions that ran. */
  readonly trail: readonly number[];
};

/** Ends a run from inside. */
const STOP: unique symbol = Symbol('stop');

function txOf({ code, data, gasLimit }: Program): ScriptTx {
  return {
    type: 'script',
    scriptGasLimit: gasLimit,
    receiptsRoot: ZERO_B256,
    script: code,
    scriptData: data,
    policies: { maxFee: 0n },
    inputs: [
      {
        type: 'coin',
        utxoId: { txId: ZERO_B256, outputIndex: 0 },
        owner: ZERO_B256,
        amount: COIN,
        assetId: PARAMS.baseAssetId,
        txPointer: { blockHeight: 0, txIndex: 0 },
        witnessIndex: 0,
        predicateGasUsed: 0n,
        predicate: new Uint8Array(0),
        predicateData: new Uint8Array(0),
      },
    ],
    outputs: [{ type: 'change', to: ZERO_B256, amount: 0n, assetId: PARAMS.baseAssetId }],
    witnesses: [new Uint8Array(64)],
  };
}

type Watch = { readonly step: (m: Machine) => void; readonly end: (m: Machine) => void };

function execute(program: Program, observe: Watch): VmResult | null {
  const tx = txOf(program);
  const checked = checkedBalances(tx, PARAMS.baseAssetId);
  if (!checked.ok) throw new Error(checked.error.name);
  try {
    return transact({
      tx,
      txId: txId(tx, PARAMS.chainId),
      params: PARAMS,
      gasPrice: 0n,
      storage: EMPTY_WORLD,
      rules: rulesFor(PARAMS, 'auto'),
      balances: checked.balances,
      observe,
    });
  } catch (error) {
    if (error === STOP) return null;
    throw error;
  }
}

/** From start to end. */
export function run(program: Program): Run {
  let steps = 0;
  const trail: number[] = [];
  const result = execute(program, {
    step: (m) => {
      if (steps === STEPS_MAX) throw STOP;
      if (steps < TRAIL_MAX) trail.push(m.num(PC) - m.num(IS));
      steps += 1;
    },
    end: () => {},
  });
  return { steps, result, trail };
}

function memoryOf(m: Machine, { from, length }: Window): Moment['memory'] {
  const starts = { script: m.num(IS), stack: m.num(SSP), heap: m.num(HP) };
  const address = typeof from === 'number' ? from : starts[from];
  const stackEnd = Math.max(m.stackHigh, m.num(SP));
  const end =
    address >= m.num(HP)
      ? Math.min(address + length, m.mem.length)
      : Math.min(address + length, stackEnd);
  return { address, bytes: m.mem.slice(address, Math.max(address, end)) };
}

function momentOf(m: Machine, step: number, window: Window, isEnd: boolean): Moment {
  const pc = m.num(PC);
  const isReadable = !isEnd && pc + 4 <= m.stackHigh;
  return {
    step,
    offset: pc - m.num(IS),
    next: isReadable ? formatInstruction(m.view.getUint32(pc)) : null,
    registers: Array.from({ length: REGISTERS }, (_, i) => m.reg(i)),
    receipts: [...m.receipts.all()],
    gasLeft: m.reg(GGAS),
    memory: memoryOf(m, window),
  };
}

/** The machine before instruction `step` ran; behind the last one: at the end. */
export function momentAt(program: Program, step: number, window: Window): Moment | null {
  let [at, found]: [number, Moment | null] = [0, null];
  execute(program, {
    step: (m) => {
      if (at === step || at === STEPS_MAX) {
        found = momentOf(m, at, window, false);
        throw STOP;
      }
      at += 1;
    },
    end: (m) => {
      found = momentOf(m, at, window, true);
    },
  });
  return found;
}

/** A receipt in a line. */
export function receiptText(receipt: Receipt): string {
  const parts = Object.entries(receipt).flatMap(([name, value]) => {
    const isSaidAlready = name === 'type' || value === ZERO_B256;
    if (isSaidAlready || value === null || value === undefined) return [];
    return [`${name} ${value instanceof Uint8Array ? bytesToHex(value) : String(value)}`];
  });
  return `${receipt.type}: ${parts.join(', ')}`;
}
