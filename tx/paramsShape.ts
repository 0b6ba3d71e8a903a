/**
 * The versioned form of consensus parameters, stated once for JSON and for postcard: names and
 * kinds in the order of the binary form.
 *
 * @source fuel-tx 0.66.4 `ConsensusParameters`
 */
import type { ConsensusParameters } from './params.ts';

/** u16 and u32 are `number` in our types, u64 is `bigint`. */
export type ScalarKind = 'u16' | 'u32' | 'u64';

export type ScalarField = {
  readonly json: string;
  readonly key: string;
  readonly kind: ScalarKind;
};

export type Section = {
  readonly json: string;
  readonly key: 'txParams' | 'predicateParams' | 'scriptParams' | 'contractParams' | 'feeParams';
  /** Fields of version 1, 2, … */
  readonly versions: readonly (readonly ScalarField[])[];
};

const u16 = (json: string, key: string): ScalarField => ({ json, key, kind: 'u16' });
const u32 = (json: string, key: string): ScalarField => ({ json, key, kind: 'u32' });
const u64 = (json: string, key: string): ScalarField => ({ json, key, kind: 'u64' });

const SCRIPT_V1: readonly ScalarField[] = [
  u64('max_script_length', 'maxScriptLength'),
  u64('max_script_data_length', 'maxScriptDataLength'),
];

/** The five sections that lead every version. */
export const SECTIONS: readonly Section[] = [
  {
    json: 'tx_params',
    key: 'txParams',
    versions: [
      [
        u16('max_inputs', 'maxInputs'),
        u16('max_outputs', 'maxOutputs'),
        u32('max_witnesses', 'maxWitnesses'),
        u64('max_gas_per_tx', 'maxGasPerTx'),
        u64('max_size', 'maxSizeBytes'),
        u16('max_bytecode_subsections', 'maxBytecodeSubsections'),
      ],
    ],
  },
  {
    json: 'predicate_params',
    key: 'predicateParams',
    versions: [
      [
        u64('max_predicate_length', 'maxPredicateLength'),
        u64('max_predicate_data_length', 'maxPredicateDataLength'),
        u64('max_message_data_length', 'maxMessageDataLength'),
        u64('max_gas_per_predicate', 'maxGasPerPredicate'),
      ],
    ],
  },
  {
    json: 'script_params',
    key: 'scriptParams',
    versions: [SCRIPT_V1, [...SCRIPT_V1, u64('max_storage_slot_length', 'maxStorageSlotLength')]],
  },
  {
    json: 'contract_params',
    key: 'contractParams',
    versions: [
      [u64('contract_max_size', 'contractMaxSize'), u64('max_storage_slots', 'maxStorageSlots')],
    ],
  },
  {
    json: 'fee_params',
    key: 'feeParams',
    versions: [[u64('gas_price_factor', 'gasPriceFactor'), u64('gas_per_byte', 'gasPerByte')]],
  },
];

/** The value of the block size limit in version 1, which has none. */
export const NO_BLOCK_SIZE_LIMIT = 0xffff_ffff_ffff_ffffn;

/** Largest value of each kind. */
export const SCALAR_MAX: Readonly<Record<ScalarKind, bigint>> = {
  u16: 0xffffn,
  u32: 0xffff_ffffn,
  u64: 0xffff_ffff_ffff_ffffn,
};

export type SectionValues = Record<string, number | bigint>;

/** Our shape of a section: `scriptParams` also carries its version. */
export function sectionOf(section: Section, version: number, values: SectionValues): unknown {
  if (section.key !== 'scriptParams') return values;
  const slot = values['maxStorageSlotLength'] ?? null;
  return { ...values, version, maxStorageSlotLength: slot };
}

/** Version of a section in `params`. */
export function sectionVersion(section: Section, params: ConsensusParameters): number {
  return section.key === 'scriptParams' ? params.scriptParams.version : 1;
}

/** Longest storage slot. Unit: bytes. Version 1 of the script parameters stands for 32. */
export function maxStorageSlotLength(params: ConsensusParameters): bigint {
  return params.scriptParams.maxStorageSlotLength ?? 32n;
}
