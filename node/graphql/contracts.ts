/** Contracts, their balances, and blobs. */
import { CodedError } from '../../primitives/errors.ts';
import type { AssetId, BlobId, ContractId } from '../../primitives/types.ts';
import type { ApiContext, ResolverTable } from './context.ts';
import { mapConnection, type PageArgs, paginate } from './pagination.ts';
import { parseB256 } from './scalars.ts';

/** This node keeps no history of contract storage. */
export function needsHistory(): never {
  throw new CodedError('HISTORY_OFF', '`--historical-execution` is required for this operation');
}

type ContractNode = { readonly id: ContractId; readonly bytecode: Uint8Array };
type BlobNode = { readonly id: BlobId; readonly bytecode: Uint8Array };

export const CONTRACTS: ResolverTable = {
  Query: {
    contract: (
      _: unknown,
      { id }: { id: ContractId },
      { services }: ApiContext,
    ): ContractNode | null => {
      const bytecode = services.store.contractCode(id);
      return bytecode && { id, bytecode };
    },
    contractBalance: (
      _: unknown,
      { contract, asset }: { contract: ContractId; asset: AssetId },
      { services }: ApiContext,
    ) => ({ contract, assetId: asset, amount: services.store.balance(contract, asset) ?? 0n }),
    contractBalances: async (
      _: unknown,
      args: PageArgs & { filter: { contract: ContractId } },
      { services: { store } }: ApiContext,
    ) => {
      const { contract } = args.filter;
      const page = await paginate(args, {
        parseCursor: parseB256,
        cursorOf: (row: { assetId: AssetId }) => row.assetId,
        has: (assetId) => store.balance(contract, assetId) !== null,
        rows: (range) => store.contractBalances(contract, range),
      });
      return mapConnection(page, (row) => ({ contract, ...row }));
    },
    contractSlotValues: needsHistory,
    contractBalanceValues: needsHistory,
    storageReadReplay: needsHistory,
    blob: (_: unknown, { id }: { id: BlobId }, { services }: ApiContext): BlobNode | null => {
      const bytecode = services.store.blob(id);
      return bytecode && { id, bytecode };
    },
  },
  Contract: {
    salt: ({ id }: ContractNode, _: unknown, { services }: ApiContext) => {
      const salt = services.store.contractSalt(id);
      if (salt !== null) return salt;
      throw new CodedError(
        'NOT_FOUND',
        'resource was not found in table `ContractsInfo`: the contract has no known salt',
        { id },
      );
    },
  },
};
