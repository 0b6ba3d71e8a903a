/** A `FakeL1` behind JSON-RPC over HTTP, as Ethereum endpoints speak it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { L1Address, L1Block, L1Log } from '../../settlement/index.ts';
import type { FakeL1 } from './fakeL1.ts';

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

type Call = { id: number; method: string; params: unknown[] };
type Filter = { fromBlock: string; toBlock: string; address: L1Address[] };

const blockJson = (block: L1Block | null): unknown =>
  block === null ? null : { number: hex(block.number), hash: block.hash, transactions: [] };

const logJson = (log: L1Log): unknown => ({
  address: log.address,
  topics: log.topics,
  data: bytesToHex(log.data),
  blockNumber: hex(log.blockNumber),
  blockHash: log.blockHash,
  transactionHash: log.blockHash,
  transactionIndex: '0x0',
  logIndex: hex(log.logIndex),
  removed: false,
});

async function answer(l1: FakeL1, { method, params }: Call): Promise<unknown> {
  switch (method) {
    case 'eth_chainId':
      return hex(l1.id);
    case 'eth_syncing':
      return l1.isSyncing ? { currentBlock: '0x1' } : false;
    case 'eth_getBlockByNumber': {
      const [tag] = params as [string];
      return blockJson(await (tag === 'finalized' ? l1.finalized() : l1.block(BigInt(tag))));
    }
    case 'eth_getLogs': {
      const [{ fromBlock, toBlock, address }] = params as [Filter];
      return (await l1.logs(BigInt(fromBlock), BigInt(toBlock), address)).map(logJson);
    }
    default:
      throw new CodedError('L1_REFUSED', `no method ${method}`);
  }
}

async function reply(l1: FakeL1, call: Call): Promise<unknown> {
  const head = { jsonrpc: '2.0', id: call.id };
  try {
    return { ...head, result: await answer(l1, call) };
  } catch (reason) {
    return { ...head, error: { code: -32_005, message: String(reason) } };
  }
}

export type FakeL1Server = {
  readonly url: string;
  /** Methods of every request so far; several in one when they came as a batch. */
  readonly requests: readonly (readonly string[])[];
  close(): Promise<void>;
};

export async function serveL1(l1: FakeL1): Promise<FakeL1Server> {
  const requests: string[][] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const asked = JSON.parse(Buffer.concat(parts).toString()) as Call | Call[];
      const calls = [asked].flat();
      requests.push(calls.map(({ method }) => method));
      void Promise.all(calls.map((call) => reply(l1, call))).then((replies) =>
        response.end(JSON.stringify(Array.isArray(asked) ? replies : replies[0])),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
