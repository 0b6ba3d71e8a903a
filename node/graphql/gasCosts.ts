/** The gas table as GraphQL shows it, and its older form for clients that ask for nothing new. */
import type { DependentCost, GasCosts } from '../../tx/params.ts';
import type { FieldResolvers, ResolverTable } from './context.ts';

/** Source of GraphQL's `GasCosts`; `old`: a V7 table is shown in the form of the one before. */
export type GasCostsNode = { readonly gasCosts: GasCosts; readonly old: boolean };

/** Names in the gas table of the fields whose names differ. */
export const TABLE_NAMES: Readonly<Record<string, string>> = {
  modOp: 'mod',
  moveOp: 'move',
  ret: 'ret_contract',
  rvrt: 'rvrt_contract',
  retd: 'retd_contract',
  alocDependentCost: 'aloc',
  cfeiDependentCost: 'cfei',
  ed19DependentCost: 'ed19',
  contractRoot: 'contract_root',
  stateRoot: 'state_root',
  vmInitialization: 'vm_initialization',
  newStoragePerByte: 'new_storage_per_byte',
  storageReadCold: 'storage_read_cold',
  storageReadHot: 'storage_read_hot',
  storageWrite: 'storage_write',
  storageClear: 'storage_clear',
};

const FREE: DependentCost = { type: 'heavy', base: 0n, gasPerUnit: 0n };
/** What V7 does not price any more; the older form shows it as free. */
const DROPPED_IN_V7: ReadonlySet<string> = new Set(['srw', 'sww', 'scwq', 'srwq', 'swwq']);

function lookup(node: GasCostsNode, field: string): bigint | DependentCost | null {
  const { costs, version } = node.gasCosts;
  const name = TABLE_NAMES[field] ?? field;
  const found = costs.get(name) ?? (name === 'cfe' ? costs.get('cfei') : undefined);
  if (found !== undefined) return found;
  return node.old && version === 7 && DROPPED_IN_V7.has(field) ? FREE : null;
}

function asFixed(value: bigint | DependentCost | null): bigint | null {
  return value === null || typeof value === 'bigint' ? value : value.base;
}

function asDependent(value: bigint | DependentCost | null): DependentCost | null {
  return typeof value === 'bigint' ? { type: 'heavy', base: value, gasPerUnit: 0n } : value;
}

/** Resolvers for the given fields; `dependent` fields are costs that grow with size. */
export function gasCostResolvers(
  fields: readonly { readonly name: string; readonly dependent: boolean }[],
): FieldResolvers {
  const resolvers: Record<string, (node: GasCostsNode) => unknown> = { version: () => 'V1' };
  for (const { name, dependent } of fields) {
    if (name === 'version') continue;
    resolvers[name] = dependent
      ? (node) => asDependent(lookup(node, name))
      : (node) => asFixed(lookup(node, name));
  }
  return resolvers;
}

export const DEPENDENT_COST: ResolverTable = {
  DependentCost: {
    __resolveType: (cost: DependentCost) =>
      cost.type === 'light' ? 'LightOperation' : 'HeavyOperation',
  },
};
