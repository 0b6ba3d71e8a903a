/** Consensus parameters and the two kinds of upgrades. */
import type { FieldNode, GraphQLResolveInfo, SelectionSetNode } from 'graphql';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { B256 } from '../../primitives/types.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { ApiContext, ResolverTable } from './context.ts';
import type { GasCostsNode } from './gasCosts.ts';
import { notFound } from './notFound.ts';

/** Source of `ConsensusParameters`; `old`: shown without what V2 and V7 brought. */
type ParamsNode = { readonly params: ConsensusParameters; readonly old: boolean };

/** Slots were 32 bytes before script parameters V2. */
const OLD_SLOT_LENGTH = 32n;
const NEW_GAS_FIELDS = ['storageReadCold', 'storageReadHot', 'storageWrite', 'storageClear'];

/** The field is selected somewhere below, fragments included. */
function selects(
  sets: readonly SelectionSetNode[],
  path: readonly string[],
  info: GraphQLResolveInfo,
): boolean {
  const [name, ...rest] = path;
  const below: SelectionSetNode[] = [];
  let met = false;
  const walk = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (selection.kind === 'FragmentSpread') {
        const fragment = info.fragments[selection.name.value];
        if (fragment) walk(fragment.selectionSet);
      } else if (selection.kind === 'InlineFragment') {
        walk(selection.selectionSet);
      } else if (selection.name.value === name) {
        met = true;
        if (selection.selectionSet) below.push(selection.selectionSet);
      }
    }
  };
  for (const set of sets) walk(set);
  return met && (rest.length === 0 || selects(below, rest, info));
}

/**
 * Older clients know neither script parameters V2 nor gas table V7. Whoever selects none of their
 * fields gets both in the form before.
 */
export function paramsForSelection(
  params: ConsensusParameters,
  info: GraphQLResolveInfo,
): ParamsNode {
  const sets = info.fieldNodes.flatMap((node: FieldNode) => node.selectionSet ?? []);
  const wantsNew =
    selects(sets, ['scriptParams', 'maxStorageSlotLength'], info) ||
    NEW_GAS_FIELDS.some((field) => selects(sets, ['gasCosts', field], info));
  return { params, old: !wantsNew && params.version === 2 };
}

const V1 = (): string => 'V1';

function uploaded(context: ApiContext, root: B256): Record<string, unknown> {
  const found = context.services.store.uploadedBytecode(root);
  if (!found) {
    throw notFound('UploadedBytecodes');
  }
  return {
    bytecode: found.bytecode,
    uploadedSubsectionsNumber: found.type === 'completed' ? null : found.uploadedSubsections,
    completed: found.type === 'completed',
  };
}

export const PARAMS: ResolverTable = {
  Query: {
    consensusParameters: (
      _: unknown,
      { version }: { version: number },
      { services }: ApiContext,
      info: GraphQLResolveInfo,
    ) => {
      const current = services.params();
      const params =
        version === current.version ? current.params : services.store.consensusParameters(version);
      if (params) return paramsForSelection(params, info);
      throw notFound('ConsensusParametersVersions', { version });
    },
    stateTransitionBytecodeByVersion: (
      _: unknown,
      { version }: { version: number },
      { services }: ApiContext,
    ) => {
      const root = services.store.stateTransitionBytecodeRoot(version);
      return root === null ? null : { root };
    },
    stateTransitionBytecodeByRoot: (_: unknown, { root }: { root: Uint8Array }) => {
      if (root.length !== 32) throw new CodedError('BAD_ROOT', 'could not convert slice to array');
      return { root: bytesToHex(root) };
    },
  },
  StateTransitionBytecode: {
    root: ({ root }: { root: B256 }) => hexToBytes(root),
    bytecode: ({ root }: { root: B256 }, _: unknown, context: ApiContext) =>
      uploaded(context, root),
  },
  ConsensusParameters: {
    version: V1,
    txParams: (node: ParamsNode) => node.params.txParams,
    predicateParams: (node: ParamsNode) => node.params.predicateParams,
    scriptParams: (node: ParamsNode) => node,
    contractParams: (node: ParamsNode) => node.params.contractParams,
    feeParams: (node: ParamsNode) => node.params.feeParams,
    baseAssetId: (node: ParamsNode) => node.params.baseAssetId,
    blockGasLimit: (node: ParamsNode) => node.params.blockGasLimit,
    blockTransactionSizeLimit: (node: ParamsNode) => node.params.blockTransactionSizeLimit,
    chainId: (node: ParamsNode) => node.params.chainId,
    gasCosts: (node: ParamsNode): GasCostsNode => ({
      gasCosts: node.params.gasCosts,
      old: node.old,
    }),
    privilegedAddress: (node: ParamsNode) => node.params.privilegedAddress,
  },
  TxParameters: {
    version: V1,
    maxSize: (params: ConsensusParameters['txParams']) => params.maxSizeBytes,
  },
  PredicateParameters: { version: V1 },
  ContractParameters: { version: V1 },
  FeeParameters: { version: V1 },
  ScriptParameters: {
    version: (node: ParamsNode) => (node.old ? 'V1' : `V${node.params.scriptParams.version}`),
    maxScriptLength: (node: ParamsNode) => node.params.scriptParams.maxScriptLength,
    maxScriptDataLength: (node: ParamsNode) => node.params.scriptParams.maxScriptDataLength,
    maxStorageSlotLength: (node: ParamsNode) =>
      node.params.scriptParams.maxStorageSlotLength ?? OLD_SLOT_LENGTH,
  },
};
