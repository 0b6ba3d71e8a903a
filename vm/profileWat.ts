/** The WebAssembly that the engine makes of a program, as text. */
import type { ConsensusParameters } from '../tx/params.ts';
import { gasTableOf } from './gas.ts';
import { ISA } from './isa.ts';
import { translated } from './jit/code.ts';
import type { OpRow } from './row.ts';
import { watOf } from './wat.ts';

/** Parameters of every compiled function. */
const PARAMETERS = ['base', 'next', 'stackEnd', 'heapEnd', 'gas', 'is'];

function pricedRow({ code, gas }: OpRow): { readonly code: number; readonly key: string | null } {
  return { code, key: gas === 'inside' ? null : typeof gas === 'string' ? gas : gas.key };
}

/** As run with $flag = 0. null: nothing in it is worth compiling. */
export function programWat(code: Uint8Array, params: ConsensusParameters): string | null {
  const gas = gasTableOf(params.gasCosts, ISA.map(pricedRow));
  const made = translated({ bytes: code, gas, flag: 0, isFirst: true });
  return made === null ? null : watOf(made.wasm, PARAMETERS).join('\n\n');
}
