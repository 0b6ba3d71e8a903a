/** Consensus parameters as fuel-core's chain configuration writes them. */

import { CodedError } from '../primitives/errors.ts';
import type { B256 } from '../primitives/types.ts';
import type { GasEntry, GasTableVersion } from './gasTable.ts';
import { GAS_ENTRIES, unitCost } from './gasTable.ts';
import type { LosslessJson } from './json.ts';
import type { ConsensusParameters, DependentCost, GasCosts, GasCostValue } from './params.ts';
import type { ScalarKind, Section, SectionValues } from './paramsShape.ts';
import {
  NO_BLOCK_SIZE_LIMIT,
  SCALAR_MAX,
  SECTIONS,
  sectionOf,
  sectionVersion,
} from './paramsShape.ts';

type JsonObject = { readonly [key: string]: unknown };

function invalid(path: string, what: string): CodedError {
  return new CodedError('PARAMS_INVALID', `consensus parameters: ${path} ${what}`, { path });
}

function objectAt(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(path, 'must be an object');
  }
  return value as JsonObject;
}

function integerAt(value: unknown, kind: ScalarKind, path: string): bigint {
  let number: bigint | null = null;
  if (typeof value === 'bigint') number = value;
  else if (typeof value === 'number' && Number.isSafeInteger(value)) number = BigInt(value);
  else if (typeof value === 'string' && /^\d{1,20}$/.test(value)) number = BigInt(value);
  if (number === null || number < 0n || number > SCALAR_MAX[kind]) {
    throw invalid(path, `must be an integer from 0 to ${SCALAR_MAX[kind]}`);
  }
  return number;
}

function idAt(value: unknown, path: string): B256 {
  const match = typeof value === 'string' ? /^(?:0x)?([0-9a-fA-F]{64})$/.exec(value) : null;
  if (match === null) throw invalid(path, 'must be 64 hex digits, with or without 0x');
  return `0x${match[1]!.toLowerCase()}`;
}

/** The only member of `{"V2": …}`: its version and value. */
function variantAt(value: unknown, versions: number, path: string): [number, JsonObject] {
  const object = objectAt(value, path);
  const [name, ...rest] = Object.keys(object);
  const version = name !== undefined && /^V\d$/.test(name) ? Number(name.slice(1)) : 0;
  if (name === undefined || rest.length > 0 || version < 1 || version > versions) {
    throw invalid(path, `must have exactly one member, V1 to V${versions}`);
  }
  return [version, objectAt(object[name], `${path}.${name}`)];
}

function parseSection(section: Section, root: JsonObject): unknown {
  const [version, fields] = variantAt(root[section.json], section.versions.length, section.json);
  const values: SectionValues = {};
  for (const { json, key, kind } of section.versions[version - 1]!) {
    const value = integerAt(fields[json], kind, `${section.json}.V${version}.${json}`);
    values[key] = kind === 'u64' ? value : Number(value);
  }
  return sectionOf(section, version, values);
}

function parseDependent(value: unknown, path: string): DependentCost {
  const object = objectAt(value, path);
  const light = object['LightOperation'];
  const heavy = object['HeavyOperation'];
  if (Object.keys(object).length !== 1 || (light === undefined && heavy === undefined)) {
    throw invalid(path, 'must have exactly one member, LightOperation or HeavyOperation');
  }
  const fields = objectAt(light ?? heavy, path);
  const number = (name: string): bigint => integerAt(fields[name], 'u64', `${path}.${name}`);
  const base = number('base');
  return light !== undefined
    ? { type: 'light', base, unitsPerGas: number('units_per_gas') }
    : { type: 'heavy', base, gasPerUnit: number('gas_per_unit') };
}

function parseCost(entry: GasEntry, value: unknown, path: string): GasCostValue {
  if (value === undefined) return unitCost(entry);
  return entry.dependent ? parseDependent(value, path) : integerAt(value, 'u64', path);
}

/** Reads a gas table, `{"V4": {…}}`. An entry that is left out costs 1. @throws as below */
export function parseGasCosts(json: unknown): GasCosts {
  const [version, fields] = variantAt(json, 7, 'gas_costs');
  const costs = new Map<string, GasCostValue>();
  for (const entry of GAS_ENTRIES[version as GasTableVersion]) {
    const path = `gas_costs.V${version}.${entry.key}`;
    costs.set(entry.key, parseCost(entry, fields[entry.key], path));
  }
  return { version: version as GasTableVersion, costs };
}

/**
 * Reads consensus parameters of any version. Integers may be `number`, `bigint` or decimal text;
 * ids may have 0x or not.
 *
 * @throws CodedError PARAMS_INVALID, naming the field.
 */
export function parseConsensusParameters(json: unknown): ConsensusParameters {
  const [version, root] = variantAt(json, 2, 'consensus_parameters');
  const sections: Record<string, unknown> = {};
  for (const section of SECTIONS) sections[section.key] = parseSection(section, root);
  const integer = (name: string): bigint => integerAt(root[name], 'u64', name);
  const params = {
    version,
    ...sections,
    chainId: integer('chain_id'),
    gasCosts: parseGasCosts(root['gas_costs']),
    baseAssetId: idAt(root['base_asset_id'], 'base_asset_id'),
    blockGasLimit: integer('block_gas_limit'),
    blockTransactionSizeLimit:
      version === 1 ? NO_BLOCK_SIZE_LIMIT : integer('block_transaction_size_limit'),
    privilegedAddress: idAt(root['privileged_address'], 'privileged_address'),
  };
  return params as unknown as ConsensusParameters;
}

function plain(value: number | bigint): number | bigint {
  if (typeof value === 'number') return value;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function costToJson(value: GasCostValue): LosslessJson {
  if (typeof value === 'bigint') return plain(value);
  const base = plain(value.base);
  return value.type === 'light'
    ? { LightOperation: { base, units_per_gas: plain(value.unitsPerGas) } }
    : { HeavyOperation: { base, gas_per_unit: plain(value.gasPerUnit) } };
}

/** The chain configuration's form of a gas table. Integers beyond 2^53 - 1 are `bigint`. */
export function gasCostsToJson(gasCosts: GasCosts): LosslessJson {
  const fields: Record<string, LosslessJson> = {};
  for (const entry of GAS_ENTRIES[gasCosts.version]) {
    fields[entry.key] = costToJson(gasCosts.costs.get(entry.key) ?? unitCost(entry));
  }
  return { [`V${gasCosts.version}`]: fields };
}

function sectionToJson(section: Section, params: ConsensusParameters): LosslessJson {
  const version = sectionVersion(section, params);
  const values = params[section.key] as unknown as SectionValues;
  const fields: Record<string, LosslessJson> = {};
  for (const { json, key } of section.versions[version - 1]!) fields[json] = plain(values[key]!);
  return { [`V${version}`]: fields };
}

/**
 * Inverse of {@link parseConsensusParameters}, in fuel-core's member order, ids without 0x.
 * Integers beyond 2^53 - 1 are `bigint`: write the text with `stringifyLossless`.
 */
export function consensusParametersToJson(params: ConsensusParameters): LosslessJson {
  const root: Record<string, LosslessJson> = {};
  for (const section of SECTIONS) root[section.json] = sectionToJson(section, params);
  root['chain_id'] = plain(params.chainId);
  root['gas_costs'] = gasCostsToJson(params.gasCosts);
  root['base_asset_id'] = params.baseAssetId.slice(2);
  root['block_gas_limit'] = plain(params.blockGasLimit);
  if (params.version === 2) {
    root['block_transaction_size_limit'] = plain(params.blockTransactionSizeLimit);
  }
  root['privileged_address'] = params.privilegedAddress.slice(2);
  return { [`V${params.version}`]: root };
}
