/** Running transactions without a trace, and estimating their predicates. */
import { concatBytes, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { maxGas } from '../../tx/fees.ts';
import type { DryRunResult, NodeServices } from '../services.ts';
import type { ApiContext, ResolverTable } from './context.ts';
import { decodeChargeable, decodeInput, withEstimatedPredicates } from './txInput.ts';
import { txNode } from './txLookup.ts';

type DryRunArgs = {
  txs: Uint8Array[];
  utxoValidation?: boolean | null;
  gasPrice?: bigint | null;
  blockHeight?: number | null;
};
type Output = Awaited<ReturnType<NodeServices['dryRuns']['dryRun']>>;
type StorageRead = Output['storageReads'][number];

const NO_MINT = "Mint transaction doesn't have max_gas";
/** Numbers of the reference's tables. */
const COLUMN = { slot: 2, balance: 4 } as const;

function checkGas(services: NodeServices, txs: readonly Parameters<typeof maxGas>[0][]): void {
  const { params } = services.params();
  let total = 0n;
  for (const tx of txs) {
    total += maxGas(tx, params);
    if (total > params.blockGasLimit) {
      throw new CodedError(
        'DRY_RUN_GAS',
        'The sum of the gas usable by the transactions is greater than the block gas limit',
      );
    }
  }
}

function dryRun(
  { services }: ApiContext,
  args: DryRunArgs,
  recordStorageReads: boolean,
): Promise<Output> {
  if (args.blockHeight != null) {
    throw new CodedError(
      'HISTORY_OFF',
      'The `blockHeight` parameter requires the `--historical-execution` option',
    );
  }
  const txs = args.txs.map((raw) => decodeChargeable(raw, NO_MINT));
  checkGas(services, txs);
  return services.dryRuns.dryRun(txs, {
    utxoValidation: args.utxoValidation ?? null,
    gasPrice: args.gasPrice ?? null,
    recordStorageReads,
  });
}

async function dryRunField(
  _: unknown,
  args: DryRunArgs,
  context: ApiContext,
): Promise<DryRunResult[]> {
  return (await dryRun(context, args, false)).results;
}

const readEvent = (read: StorageRead): unknown => ({
  column: COLUMN[read.kind],
  key: concatBytes(hexToBytes(read.contractId), hexToBytes(read.key)),
  value: read.value,
});

export const DRY_RUN: ResolverTable = {
  Query: {
    dryRun: dryRunField,
    dryRunRecordStorageReads: (_: unknown, args: DryRunArgs, context: ApiContext) =>
      dryRun(context, args, true),
    estimatePredicates: async (_: unknown, { tx }: { tx: Uint8Array }, { services }: ApiContext) =>
      txNode(services, await withEstimatedPredicates(services, decodeInput(tx))),
  },
  Mutation: { dryRun: dryRunField },
  DryRunStorageReads: {
    txStatuses: (output: Output) => output.results,
    storageReads: (output: Output) => output.storageReads.map(readEvent),
  },
  DryRunTransactionExecutionStatus: { status: (result: DryRunResult) => result },
  DryRunTransactionStatus: {
    __resolveType: (result: DryRunResult) =>
      result.success ? 'DryRunSuccessStatus' : 'DryRunFailureStatus',
  },
  DryRunFailureStatus: { reason: (result: DryRunResult) => result.reason ?? '' },
};
