/**
 * Which entries each version of the gas table has, in the order of its binary form. A star marks
 * an entry that grows with size.
 *
 * @source fuel-tx 0.66.4, gas cost tables V1 to V7
 */

import { assert } from '../primitives/errors.ts';
import type { DependentCost, GasCosts, GasCostValue } from './params.ts';

export type GasTableVersion = GasCosts['version'];

export type GasEntry = { readonly key: string; readonly dependent: boolean };

/** Prices that do not exist in a version but are answered from another entry of it. */
const DERIVED_KEYS: readonly (readonly [key: string, from: string])[] = [
  ['aloc', 'aloc'],
  ['cfe', 'cfei'],
  ['cfei', 'cfei'],
  ['ed19', 'ed19'],
];

// biome-ignore format: word lists
const LISTS: Readonly<Record<GasTableVersion, string>> = {
  1: `
    add addi aloc and andi bal bhei bhsh burn cb cfei cfsi div divi eck1 ecr1 ed19 eq exp expi
    flag gm gt gtf ji jmp jne jnei jnzi jmpf jmpb jnzf jnzb jnef jneb lb log lt lw mint mlog mod
    modi move movi mroo mul muli mldv noop not or ori poph popl pshh pshl ret_contract
    rvrt_contract sb sll slli srl srli srw sub subi sw sww time tr tro wdcm wqcm wdop wqop wdml
    wqml wddv wqdv wdmd wqmd wdam wqam wdmm wqmm xor xori call* ccp* croo* csiz* k256* ldc*
    logd* mcl* mcli* mcp* mcpi* meq* retd_contract* s256* scwq* smo* srwq* swwq* contract_root*
    state_root* new_storage_per_byte vm_initialization*`,
  2: `
    add addi and andi bal bhei bhsh burn cb cfei cfsi div divi eck1 ecr1 ed19 eq exp expi flag
    gm gt gtf ji jmp jne jnei jnzi jmpf jmpb jnzf jnzb jnef jneb lb log lt lw mint mlog mod modi
    move movi mroo mul muli mldv noop not or ori poph popl pshh pshl ret_contract rvrt_contract
    sb sll slli srl srli srw sub subi sw sww time tr tro wdcm wqcm wdop wqop wdml wqml wddv wqdv
    wdmd wqmd wdam wqam wdmm wqmm xor xori aloc* call* ccp* croo* csiz* k256* ldc* logd* mcl*
    mcli* mcp* mcpi* meq* retd_contract* s256* scwq* smo* srwq* swwq* contract_root* state_root*
    new_storage_per_byte vm_initialization*`,
  3: `
    add addi and andi bal bhei bhsh burn cb cfsi div divi eck1 ecr1 ed19 eq exp expi flag gm gt
    gtf ji jmp jne jnei jnzi jmpf jmpb jnzf jnzb jnef jneb lb log lt lw mint mlog mod modi move
    movi mroo mul muli mldv noop not or ori poph popl pshh pshl ret_contract rvrt_contract sb
    sll slli srl srli srw sub subi sw sww time tr tro wdcm wqcm wdop wqop wdml wqml wddv wqdv
    wdmd wqmd wdam wqam wdmm wqmm xor xori aloc* cfe* cfei* call* ccp* croo* csiz* k256* ldc*
    logd* mcl* mcli* mcp* mcpi* meq* retd_contract* s256* scwq* smo* srwq* swwq* contract_root*
    state_root* new_storage_per_byte vm_initialization*`,
  4: `
    add addi and andi bal bhei bhsh burn cb cfsi div divi eck1 ecr1 eq exp expi flag gm gt gtf
    ji jmp jne jnei jnzi jmpf jmpb jnzf jnzb jnef jneb lb log lt lw mint mlog mod modi move movi
    mroo mul muli mldv noop not or ori poph popl pshh pshl ret_contract rvrt_contract sb sll
    slli srl srli srw sub subi sw sww time tr tro wdcm wqcm wdop wqop wdml wqml wddv wqdv wdmd
    wqmd wdam wqam wdmm wqmm xor xori aloc* bsiz* bldd* cfe* cfei* call* ccp* croo* csiz* ed19*
    k256* ldc* logd* mcl* mcli* mcp* mcpi* meq* retd_contract* s256* scwq* smo* srwq* swwq*
    contract_root* state_root* new_storage_per_byte vm_initialization*`,
  5: `
    add addi and andi bal bhei bhsh burn cb cfsi div divi eck1 ecr1 eq exp expi flag gm gt gtf
    ji jmp jne jnei jnzi jmpf jmpb jnzf jnzb jnef jneb lb log lt lw mint mlog mod modi move movi
    mroo mul muli mldv noop not or ori poph popl pshh pshl ret_contract rvrt_contract sb sll
    slli srl srli srw sub subi sw sww time tr tro wdcm wqcm wdop wqop wdml wqml wddv wqdv wdmd
    wqmd wdam wqam wdmm wqmm xor xori ecop aloc* bsiz* bldd* cfe* cfei* call* ccp* croo* csiz*
    ed19* k256* ldc* logd* mcl* mcli* mcp* mcpi* meq* retd_contract* s256* scwq* smo* srwq*
    swwq* epar* contract_root* state_root* new_storage_per_byte vm_initialization*`,
  6: `
    add addi and andi bal bhei bhsh burn cb cfsi div divi eck1 ecr1 eq exp expi flag gm gt gtf
    ji jmp jne jnei jnzi jmpf jmpb jnzf jnzb jnef jneb lb log lt lw mint mlog mod modi move movi
    mroo mul muli mldv niop noop not or ori poph popl pshh pshl ret_contract rvrt_contract sb
    sll slli srl srli srw sub subi sw sww time tr tro wdcm wqcm wdop wqop wdml wqml wddv wqdv
    wdmd wqmd wdam wqam wdmm wqmm xor xori ecop aloc* bsiz* bldd* cfe* cfei* call* ccp* croo*
    csiz* ed19* k256* ldc* logd* mcl* mcli* mcp* mcpi* meq* retd_contract* s256* scwq* smo*
    srwq* swwq* epar* contract_root* state_root* new_storage_per_byte vm_initialization*`,
  7: `
    add addi and andi bal bhei bhsh burn cb cfsi div divi eck1 ecr1 eq exp expi flag gm gt gtf
    ji jmp jne jnei jnzi jmpf jmpb jnzf jnzb jnef jneb lb log lt lw mint mlog mod modi move movi
    mroo mul muli mldv niop noop not or ori poph popl pshh pshl ret_contract rvrt_contract sb
    sll slli srl srli sub subi sw time tr tro wdcm wqcm wdop wqop wdml wqml wddv wqdv wdmd wqmd
    wdam wqam wdmm wqmm xor xori ecop aloc* bsiz* bldd* cfe* cfei* call* ccp* croo* csiz* ed19*
    k256* ldc* logd* mcl* mcli* mcp* mcpi* meq* retd_contract* s256* smo* epar*
    storage_read_cold* storage_read_hot* storage_write* storage_clear* contract_root*
    state_root* new_storage_per_byte vm_initialization*`,
};

function parseList(list: string): readonly GasEntry[] {
  return list
    .trim()
    .split(/\s+/)
    .map((word) => ({ key: word.replace('*', ''), dependent: word.endsWith('*') }));
}

/** Entries of each version, in binary order. */
export const GAS_ENTRIES: Readonly<Record<GasTableVersion, readonly GasEntry[]>> = {
  1: parseList(LISTS[1]),
  2: parseList(LISTS[2]),
  3: parseList(LISTS[3]),
  4: parseList(LISTS[4]),
  5: parseList(LISTS[5]),
  6: parseList(LISTS[6]),
  7: parseList(LISTS[7]),
};

/** What an entry costs that a table's JSON leaves out. */
export function unitCost(entry: GasEntry): GasCostValue {
  return entry.dependent ? { type: 'heavy', base: 1n, gasPerUnit: 0n } : 1n;
}

/** The table of version `version` with every price 1: tests and estimations start from it. */
export function unitGasCosts(version: GasTableVersion): GasCosts {
  const costs = new Map(GAS_ENTRIES[version].map((entry) => [entry.key, unitCost(entry)]));
  return { version, costs };
}

const effective: WeakMap<GasCosts, ReadonlyMap<string, GasCostValue>> = new WeakMap();

function flat(base: GasCostValue): DependentCost {
  return typeof base === 'bigint' ? { type: 'heavy', base, gasPerUnit: 0n } : base;
}

/**
 * The prices as the VM sees them: early versions price ALOC, CFE, CFEI and ED19 as plain numbers,
 * which count as a base that does not grow. Keys are those of {@link GasCosts}.
 */
export function effectiveGasCosts(gasCosts: GasCosts): ReadonlyMap<string, GasCostValue> {
  const known = effective.get(gasCosts);
  if (known !== undefined) return known;
  const costs = new Map(gasCosts.costs);
  for (const [key, from] of DERIVED_KEYS) {
    const value = costs.get(key) ?? gasCosts.costs.get(from);
    if (value !== undefined) costs.set(key, flat(value));
  }
  effective.set(gasCosts, costs);
  return costs;
}

/**
 * A table from text: `name=price`, `name=base+u/unitsPerGas` (light) or `name=base+u*gasPerUnit`
 * (heavy), separated by white space. For number tables in code: a broken one is a bug.
 */
export function gasCostsFromText(version: GasTableVersion, text: string): GasCosts {
  const costs = new Map<string, GasCostValue>();
  for (const word of text.trim().split(/\s+/)) {
    const match = /^(\w+)=(\d+)(?:\+u([*/])(\d+))?$/.exec(word);
    assert(match !== null, `gas table word ${word} is well-formed`);
    const [, key, base, sign, slope] = match;
    costs.set(key!, costFromParts(BigInt(base!), sign, slope));
  }
  for (const entry of GAS_ENTRIES[version]) {
    const isRight = (typeof costs.get(entry.key) === 'object') === entry.dependent;
    assert(costs.has(entry.key) && isRight, `gas table has ${entry.key} in its form`);
  }
  assert(costs.size === GAS_ENTRIES[version].length, 'gas table has no other entries');
  return { version, costs };
}

function costFromParts(
  base: bigint,
  sign: string | undefined,
  slope: string | undefined,
): GasCostValue {
  if (sign === undefined || slope === undefined) return base;
  return sign === '/'
    ? { type: 'light', base, unitsPerGas: BigInt(slope) }
    : { type: 'heavy', base, gasPerUnit: BigInt(slope) };
}
