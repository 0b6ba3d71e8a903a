/** The project's own contract `Settlement` over JSON-RPC. */
import { CodedError } from '../../primitives/errors.ts';
import type { B256 } from '../../primitives/types.ts';
import type { L1Hex, LaneCall } from '../lane.ts';
import type { L1Address } from './ports.ts';
import type { Rpc } from './rpc.ts';

const STRUCTS = [
  'struct Header { bytes32 prevRoot; uint32 height; uint64 time; uint64 daHeight; uint32 consensusParametersVersion; uint32 stateTransitionVersion; uint16 transactionsCount; uint32 messageCount; bytes32 transactionsRoot; bytes32 outboxRoot; bytes32 inboxRoot; }',
  'struct BlockProof { uint256 batch; Header header; bytes32 stateRoot; bytes32 stepRoot; uint64 inboxCount; bytes32[] proof; }',
  'struct TxProof { bytes raw; uint16 index; bytes32[] proof; }',
  'struct Batch { bytes32 root; bytes32 lastBlockId; uint32 first; uint32 last; uint64 inboxCount; uint64 time; address proposer; bool released; }',
  'struct Parts { bytes32 coins; bytes32 messages; bytes32 rest; uint128 held; uint128 out; }',
  'struct Step { bytes32 coins; bytes32 messages; uint128 held; uint128 out; bytes32[] proof; }',
  'struct TreeOp { bytes32[] siblings; bytes32 a; bytes32 b; uint8 kind; }',
  'struct Message { bytes32 sender; bytes32 recipient; uint64 amount; bytes data; }',
  'struct Coin { bytes32 txId; uint16 output; uint64 amount; uint32 height; uint16 index; }',
  'struct Owner { bytes32[2] key; bytes32 r; bytes32 vs; address to; }',
  'struct UnspentCoin { uint32 height; uint16 index; bytes32[2] key; bytes32[] siblingsBefore; bytes32[] siblingsBehind; }',
] as const;

/** What is called; a test compares it with the compiled contract. */
export const SETTLEMENT_ABI: readonly string[] = [
  ...STRUCTS,
  'function CHAIN_ID() view returns (uint64)',
  'function BASE_ASSET() view returns (bytes32)',
  'function BOND() view returns (uint256)',
  'function WINDOW() view returns (uint64)',
  'function INBOX_DELAY() view returns (uint64)',
  'function FIRST_HEIGHT() view returns (uint32)',
  'function BLOCKS_MAX() view returns (uint32)',
  'function INBOX() view returns (address)',
  'function GENESIS_STATE() view returns (bytes32)',
  'function TRANSFER_GAS() view returns (uint64)',
  'function isOpen() view returns (bool)',
  'function batchCount() view returns (uint256)',
  'function batchAt(uint256 index) view returns (Batch)',
  'function isFinal(uint256 index) view returns (bool)',
  'function commitBatch(bytes32 parent, uint32 last, bytes32 root, bytes32 lastBlockId, uint64 inboxCount, bytes daPointer) payable',
  'function doubleSpend(BlockProof blockA, TxProof txA, uint256 inputA, BlockProof blockB, TxProof txB, uint256 inputB)',
  'function badInput(BlockProof blk, TxProof transaction, uint256 input, BlockProof creatorBlock, TxProof creator)',
  'function badPointer(BlockProof blk, TxProof transaction, uint256 input, BlockProof target)',
  'function badSignature(BlockProof blk, TxProof transaction, uint256 input, bytes32[2] key)',
  'function inflation(BlockProof blk, TxProof transaction, bytes32 asset)',
  'function notCanonical(BlockProof blk, TxProof transaction)',
  'function misplacedMint(BlockProof blk, TxProof transaction)',
  'function wrongHeight(BlockProof blk, uint32 place)',
  'function wrongEnd(BlockProof blk)',
  'function wrongInbox(BlockProof blk, BlockProof before, bytes32[] ids)',
  'function overcharge(BlockProof blk, TxProof transaction, bytes32 asset)',
  'function wrongStart(BlockProof blk, BlockProof before, Parts parts, Step first)',
  'function wrongState(BlockProof blk, BlockProof before, Parts parts, Step last)',
  'function wrongMessageStep(BlockProof blk, BlockProof before, uint64 nonce, Step pre, Step post, Message message, TreeOp op)',
  'function wrongStep(BlockProof blk, BlockProof before, TxProof transaction, Step pre, Step post, TreeOp[] ops)',
  'function absentInput(BlockProof blk, BlockProof before, TxProof transaction, Step pre, uint256 input, TreeOp absence)',
  'function skippedForced(BlockProof blk, BlockProof before, uint64 nonce, uint64 maxGas, bytes raw, Step start, Step last, UnspentCoin[] coins)',
  'function ESCAPE() view returns (uint64)',
  'function DEPLOYED() view returns (uint64)',
  'function isClosed() view returns (bool)',
  'function canClose() view returns (bool)',
  'function lastCoins() view returns (bytes32)',
  'function lastMessages() view returns (bytes32)',
  'function exited(bytes32 place) view returns (bool)',
  'function reclaimed(uint64 nonce) view returns (bool)',
  'function relayed(bytes32 id) view returns (bool)',
  'function relayMessage(BlockProof blk, Parts parts, bytes32 sender, bytes32 recipient, bytes32 nonce, uint64 amount, bytes data, uint256 index, bytes32[] proof)',
  'function close(BlockProof blk, Parts parts)',
  'function exitCoin(Coin coin, bytes32[] siblings, Owner owner)',
  'function exitMessage(bytes32 nonce, Message message, bytes32[] siblings, Owner owner)',
  'function reclaim(uint64 nonce, Message message)',
  'error NoBatch()',
  'error NotYourTurn()',
  'error WrongBond()',
  'error WrongParent()',
  'error WrongRange()',
  'error InboxTooFarBehind()',
  'error InboxAhead()',
  'error NotInBatch()',
  'error NotInBlock()',
  'error TooLate()',
  'error NoFraud()',
  'error NotCanonical()',
  'error WrongKind()',
  'error AlreadyDone()',
  'error NotFinal()',
  'error NotClosed()',
  'error NotThere()',
  'error NotSigned()',
  'error PayoutFailed()',
];

export type SettlementTerms = {
  readonly chainId: bigint;
  readonly baseAsset: B256;
  /** Wei. */
  readonly bond: bigint;
  /** Root of the state that the first block builds on. */
  readonly genesisState: B256;
  /** What a forced transfer has to claim at least to be one that must not be left out. */
  readonly transferGas: bigint;
  /** Seconds in which a batch can be disputed. */
  readonly windowS: number;
  /** Seconds within which something sent must be taken in. */
  readonly inboxDelayS: number;
  readonly firstHeight: number;
  /** Blocks of one batch. */
  readonly blocksMax: number;
  readonly inbox: L1Address;
};

/** A committed batch; `timeS`: seconds since 1970. */
export type StoredBatch = {
  readonly root: B256;
  readonly lastBlockId: B256;
  readonly first: number;
  readonly last: number;
  readonly inboxCount: bigint;
  readonly timeS: number;
  readonly proposer: L1Address;
};

/** What a transaction to the contract would do now. */
export type SettlementVerdict =
  | { readonly type: 'ok'; readonly call: Omit<LaneCall, 'id'> }
  /** `reason`: name of the contract's error, or the endpoint's text. */
  | { readonly type: 'refused'; readonly reason: string };

/** How near the chain is to its end. */
export type ExitState = {
  readonly isClosed: boolean;
  /** Seconds since 1970: when it can be closed, if nobody commits before. */
  readonly closableAtS: number;
  /** Ethereum says so: its time is what counts. */
  readonly canClose: boolean;
  /** Roots of the last state; zero until it is closed. */
  readonly coins: B256;
  readonly messages: B256;
};

export interface SettlementContract {
  terms(): Promise<SettlementTerms>;
  batchCount(): Promise<number>;
  batchAt(index: number): Promise<StoredBatch>;
  isFinal(index: number): Promise<boolean>;
  /** Anybody may commit now. */
  isOpen(): Promise<boolean>;
  /** A call of one of the functions above. */
  verdict(name: string, args: readonly unknown[], value: bigint): Promise<SettlementVerdict>;
}

/** What those ask who want to be paid. */
export interface ExitContract {
  exitState(): Promise<ExitState>;
  /** What stood at this place of the trees was taken out. */
  exited(place: B256): Promise<boolean>;
  /** The entry of the inbox was given back. */
  reclaimed(nonce: bigint): Promise<boolean>;
  /** A message of a block was paid out. */
  relayed(messageId: B256): Promise<boolean>;
}

/** Gas beyond the estimate, in sixteenths of it. */
const GAS_MARGIN_SIXTEENTHS = 20n;

/** @param sender who would send the transactions */
export async function openSettlement(
  rpc: Rpc,
  address: L1Address,
  sender: L1Address,
): Promise<SettlementContract & ExitContract> {
  const viem = await import('viem');
  const abi = viem.parseAbi(SETTLEMENT_ABI) as import('viem').Abi;
  const read = async <T>(functionName: string, args: readonly unknown[] = []): Promise<T> => {
    const data = viem.encodeFunctionData({ abi, functionName, args });
    const answer = await rpc('eth_call', [{ from: sender, to: address, data }, 'latest']);
    return viem.decodeFunctionResult({ abi, functionName, data: answer as L1Hex }) as T;
  };
  const nameOf = (data: string): string | null => {
    try {
      return viem.decodeErrorResult({ abi, data: data as L1Hex }).errorName;
    } catch {
      return null;
    }
  };
  return {
    async terms() {
      return {
        chainId: await read<bigint>('CHAIN_ID'),
        baseAsset: await read<B256>('BASE_ASSET'),
        bond: await read<bigint>('BOND'),
        genesisState: await read<B256>('GENESIS_STATE'),
        transferGas: await read<bigint>('TRANSFER_GAS'),
        windowS: Number(await read<bigint>('WINDOW')),
        inboxDelayS: Number(await read<bigint>('INBOX_DELAY')),
        firstHeight: await read<number>('FIRST_HEIGHT'),
        blocksMax: await read<number>('BLOCKS_MAX'),
        inbox: (await read<string>('INBOX')).toLowerCase() as L1Address,
      };
    },
    batchCount: async () => Number(await read<bigint>('batchCount')),
    async batchAt(index) {
      type Row = Omit<StoredBatch, 'timeS'> & { time: bigint };
      const { time, ...row } = await read<Row>('batchAt', [BigInt(index)]);
      const proposer = row.proposer.toLowerCase() as L1Address;
      const { root, lastBlockId, first, last, inboxCount } = row;
      return { root, lastBlockId, first, last, inboxCount, timeS: Number(time), proposer };
    },
    isFinal: (index) => read<boolean>('isFinal', [BigInt(index)]),
    isOpen: () => read<boolean>('isOpen'),
    async exitState() {
      const count = await read<bigint>('batchCount');
      const newest =
        count === 0n
          ? await read<bigint>('DEPLOYED')
          : (await read<{ time: bigint }>('batchAt', [count - 1n])).time;
      return {
        isClosed: await read<boolean>('isClosed'),
        canClose: await read<boolean>('canClose'),
        closableAtS: Number(newest + (await read<bigint>('ESCAPE'))),
        coins: await read<B256>('lastCoins'),
        messages: await read<B256>('lastMessages'),
      };
    },
    exited: (place) => read<boolean>('exited', [place]),
    relayed: (messageId) => read<boolean>('relayed', [messageId]),
    reclaimed: (nonce) => read<boolean>('reclaimed', [nonce]),
    async verdict(name, args, value) {
      const data = viem.encodeFunctionData({ abi, functionName: name, args });
      const call = { from: sender, to: address, data, value: `0x${value.toString(16)}` };
      try {
        const estimate = BigInt((await rpc('eth_estimateGas', [call])) as string);
        const gas = (estimate * GAS_MARGIN_SIXTEENTHS) / 16n;
        return { type: 'ok', call: { to: address, data, gas, value } };
      } catch (error) {
        if (!(error instanceof CodedError) || error.code !== 'L1_REFUSED') throw error;
        const reason = nameOf(String(error.context['data'] ?? '')) ?? error.message;
        return { type: 'refused', reason };
      }
    },
  };
}
