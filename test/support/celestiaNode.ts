/**
 * A Celestia of our own for tests: bridge and consensus RPC on one port, heights in memory. It lays
 * blobs into squares, builds the namespaced trees over them and proves ranges as a node does; the
 * parity shares are filled with bytes instead of an erasure code, which no reader of ours looks at.
 * It is written from the recorded behaviour of celestia-node 0.32, quirks included: a zero `start` is
 * left out, none is `null`, a wrong commitment is taken.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { NMT_NODE_BYTES, nmtParent, PARITY_NAMESPACE } from '../../da/celestia/nmt.ts';
import { numberField, readFields, sizedField } from '../../da/celestia/protobuf.ts';
import {
  nmtLeaf,
  powerAtMost,
  rfc6962Root,
  SHARE_BYTES,
  shareCommitment,
  sharesOf,
} from '../../da/celestia/shares.ts';
import { bytesToHex, concatBytes, equalBytes } from '../../primitives/bytes.ts';
import { sha256 } from '../../primitives/hash.ts';

const TAIL_NAMESPACE = new Uint8Array(29).fill(0xff);
TAIL_NAMESPACE[28] = 0xfe;

type Blob = { namespace: Uint8Array; data: Uint8Array; commitment: Uint8Array; start: number };
type Leaf = { namespace: Uint8Array; share: Uint8Array };
type Height = { blobs: Blob[]; rows: Leaf[][]; rowRoots: Uint8Array[]; columnRoots: Uint8Array[] };

export type CelestiaFaults = {
  /** The blob lands, the answer does not come. */
  dropAnswers: boolean;
  /** Nothing lands, and no answer comes. */
  stalled: boolean;
  /** What blob.Get and GetAll do to bytes. */
  lie: 'no' | 'cut' | 'change' | 'null';
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const unbase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

function rootOf(nodes: readonly Uint8Array[]): Uint8Array {
  if (nodes.length === 1) return nodes[0]!;
  const half = nodes.length / 2;
  return nmtParent(rootOf(nodes.slice(0, half)), rootOf(nodes.slice(half)))!;
}

/** Nodes of a range proof, left to right. */
function rangeNodes(
  leaves: readonly Uint8Array[],
  start: number,
  end: number,
  at = 0,
): Uint8Array[] {
  const to = at + leaves.length;
  if (to <= start || at >= end) return [rootOf(leaves)];
  if (leaves.length === 1) return [];
  const half = powerAtMost(leaves.length - 1);
  return [
    ...rangeNodes(leaves.slice(0, half), start, end, at),
    ...rangeNodes(leaves.slice(half), start, end, at + half),
  ];
}

function squareOf(blobs: Blob[]): Height {
  const shares: Leaf[] = [];
  for (const blob of blobs) {
    blob.start = shares.length;
    for (const share of sharesOf(blob.namespace, blob.data)) {
      shares.push({ namespace: blob.namespace, share });
    }
  }
  let width = 1;
  while (width * width < shares.length) width *= 2;
  const tail = { namespace: TAIL_NAMESPACE, share: new Uint8Array(SHARE_BYTES).fill(0xfe) };
  while (shares.length < width * width) shares.push(tail);
  const rows: Leaf[][] = [];
  for (let row = 0; row < 2 * width; row++) {
    const leaves = row < width ? shares.slice(row * width, (row + 1) * width) : [];
    while (leaves.length < 2 * width) {
      const share = new Uint8Array(SHARE_BYTES).fill(row + leaves.length);
      leaves.push({ namespace: PARITY_NAMESPACE, share });
    }
    rows.push(leaves);
  }
  const rowRoots = rows.map((row) => rootOf(row.map(leafNode)));
  const columnRoots = rows.map((_, column) => rootOf(rows.map((row) => leafNode(row[column]!))));
  return { blobs, rows, rowRoots, columnRoots };
}

function leafNode({ namespace, share }: Leaf): Uint8Array {
  return nmtLeaf(namespace, share);
}

type NamespaceRow = { row: number; shares: string[]; proof: unknown };

function namespaceRows(height: Height, namespace: Uint8Array): NamespaceRow[] {
  const found: NamespaceRow[] = [];
  for (const [row, leaves] of height.rows.entries()) {
    const isOurs = (leaf: Leaf): boolean => equalBytes(leaf.namespace, namespace);
    const from = leaves.findIndex(isOurs);
    if (from < 0) continue;
    const to = leaves.findLastIndex(isOurs) + 1;
    const nodes = rangeNodes(leaves.map(leafNode), from, to).map(base64);
    const start = from === 0 ? {} : { start: from };
    const shares = leaves.slice(from, to).map(({ share }) => base64(share));
    found.push({
      row,
      shares,
      proof: { ...start, end: to, nodes, is_max_namespace_ignored: true },
    });
  }
  return found;
}

export class CelestiaNode {
  readonly faults: CelestiaFaults = { dropAnswers: false, stalled: false, lie: 'no' };
  readonly token = 'a token';
  readonly #heights: Height[] = [];
  readonly #txs: Map<string, { height: number; code: number; log: string }> = new Map();
  readonly #server: Server;
  sequence = 7n;
  readonly accountNumber = 12n;
  readonly chain = 'test';
  calls: string[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        const answer = this.#answer(request.headers.authorization ?? '', JSON.parse(body));
        if (answer === null) request.socket.destroy();
        else response.end(JSON.stringify(answer));
      });
    });
  }

  static async start(): Promise<CelestiaNode> {
    const node = new CelestiaNode();
    node.#heights.push(squareOf([]));
    await node.listen(0);
    return node;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A block with what others post. */
  land(blobs: readonly { namespace: Uint8Array; data: Uint8Array }[]): number {
    const made = blobs.map((blob) => ({
      ...blob,
      commitment: shareCommitment(blob.namespace, blob.data),
      start: 0,
    }));
    this.#heights.push(squareOf(made));
    return this.#heights.length;
  }

  #answer(authorization: string, call: { id: number; method: string; params: any }): unknown {
    const reply = (result: unknown): unknown => ({ jsonrpc: '2.0', id: call.id, result });
    const refuse = (message: string): unknown => ({ id: call.id, error: { code: 1, message } });
    this.calls.push(call.method);
    const isBridge = call.method.includes('.');
    if (isBridge && authorization !== `Bearer ${this.token}`) {
      return refuse("missing permission to invoke 'GetAll' (need 'read')");
    }
    if (call.method === 'blob.Submit') {
      if (this.faults.stalled) return null;
      const height = this.#submit(call.params[0]);
      return this.faults.dropAnswers ? null : reply(height);
    }
    try {
      return reply(isBridge ? this.#bridge(call.method, call.params) : this.#consensus(call));
    } catch (error) {
      return refuse((error as Error).message);
    }
  }

  #submit(blobs: { namespace: string; data: string }[]): number {
    return this.land(
      blobs.map(({ namespace, data }) => ({
        namespace: unbase64(namespace),
        data: unbase64(data),
      })),
    );
  }

  #bridge(method: string, params: any[]): unknown {
    const head = this.#heights.length;
    if (method === 'header.LocalHead') return this.#header(head);
    if (method === 'header.GetByHeight') return this.#header(params[0]);
    if (method === 'state.EstimateGasPrice') return 0.004;
    const height = this.#heights[params[0] - 1];
    if (height === undefined) throw new Error('header: given height is from the future');
    if (method === 'blob.GetAll') {
      const wanted = (params[1] as string[]).map(unbase64);
      const found = height.blobs.filter(({ namespace }) =>
        wanted.some((each) => equalBytes(each, namespace)),
      );
      return found.length === 0 ? null : found.map((blob) => this.#rpcBlob(blob, height));
    }
    if (method === 'share.GetNamespaceData') return namespaceRows(height, unbase64(params[1]));
    const blob = height.blobs.find(
      ({ namespace, commitment }) =>
        equalBytes(namespace, unbase64(params[1])) && equalBytes(commitment, unbase64(params[2])),
    );
    if (blob === undefined) throw new Error('blob: not found');
    if (method === 'blob.Get')
      return this.faults.lie === 'null' ? null : this.#rpcBlob(blob, height);
    if (method === 'blob.GetProof') return this.#proof(blob, height);
    throw new Error(`method '${method}' not found here`);
  }

  #rpcBlob({ namespace, data, commitment, start }: Blob, height: Height): unknown {
    const bytes = this.faults.lie === 'cut' ? data.slice(0, data.length >> 1) : data.slice();
    if (this.faults.lie === 'change') bytes[0]! ^= 1;
    const width = height.rows.length / 2;
    const index = Math.floor(start / width) * 2 * width + (start % width);
    return {
      namespace: base64(namespace),
      data: base64(bytes),
      share_version: 0,
      commitment: base64(commitment),
      index,
    };
  }

  /** As nodes do: for each row that the blob touches, all shares of its namespace there. */
  #proof({ namespace, start, data }: Blob, height: Height): unknown[] {
    const width = height.rows.length / 2;
    const first = Math.floor(start / width);
    const last = Math.floor((start + sharesOf(namespace, data).length - 1) / width);
    return namespaceRows(height, namespace)
      .filter(({ row }) => row >= first && row <= last)
      .map(({ proof }) => proof);
  }

  #header(height: number): unknown {
    const at = this.#heights[height - 1];
    if (at === undefined) throw new Error('header: given height is from the future');
    const roots = [...at.rowRoots, ...at.columnRoots];
    if (roots.some(({ length }) => length !== NMT_NODE_BYTES)) throw new Error('no roots');
    return {
      header: {
        height: String(height),
        data_hash: bytesToHex(rfc6962Root(roots)).slice(2).toUpperCase(),
      },
      dah: { row_roots: at.rowRoots.map(base64), column_roots: at.columnRoots.map(base64) },
    };
  }

  #consensus({ method, params }: { method: string; params: any }): unknown {
    if (method === 'status') return { node_info: { network: this.chain } };
    if (method === 'abci_query') {
      const base = concatBytes(numberField(3, this.accountNumber), numberField(4, this.sequence));
      const any = concatBytes(
        sizedField(1, '/cosmos.auth.v1beta1.BaseAccount'),
        sizedField(2, base),
      );
      return { response: { value: base64(sizedField(1, any)) } };
    }
    if (method === 'tx') {
      const hash = Buffer.from(params.hash, 'base64').toString('hex').toUpperCase();
      const found = this.#txs.get(hash);
      if (found === undefined) throw new Error('tx not found');
      return { height: String(found.height), tx_result: { code: found.code, log: found.log } };
    }
    if (method === 'broadcast_tx_sync') return this.#broadcast(unbase64(params.tx));
    throw new Error(`unknown method ${method}`);
  }

  /** Checks what a validator checks, and puts the blobs into a block. */
  #broadcast(bytes: Uint8Array): { code: number; log: string; hash: string } {
    const outer = readFields(bytes)!;
    const tx = outer.find(({ field }) => field === 1)!.value as Uint8Array;
    const hash = bytesToHex(sha256(tx)).slice(2).toUpperCase();
    const [body, auth, signature] = readFields(tx)!.map(({ value }) => value as Uint8Array);
    const signer = readFields(readFields(auth!)![0]!.value as Uint8Array)!;
    const sequence = (signer.find(({ field }) => field === 3)?.value as bigint | undefined) ?? 0n;
    if (sequence !== this.sequence) {
      const log = `account sequence mismatch, expected ${this.sequence}, got ${sequence}: incorrect`;
      return { code: 32, log, hash };
    }
    const key = readFields(readFields(signer[0]!.value as Uint8Array)![1]!.value as Uint8Array)!;
    const document = concatBytes(
      sizedField(1, body!),
      sizedField(2, auth!),
      sizedField(3, this.chain),
      numberField(4, this.accountNumber),
    );
    const isSigned = secp256k1.verify(signature!, sha256(document), key[0]!.value as Uint8Array, {
      prehash: false,
    });
    if (!isSigned) return { code: 4, log: 'signature verification failed', hash };
    const message = readFields(
      readFields(readFields(body!)![0]!.value as Uint8Array)![1]!.value as Uint8Array,
    )!;
    const commitments = message.filter(({ field }) => field === 4);
    const blobs = outer
      .filter(({ field }) => field === 2)
      .map(({ value }) => {
        const [id, data] = readFields(value as Uint8Array)!.map((each) => each.value as Uint8Array);
        return { namespace: concatBytes(Uint8Array.of(0), id!), data: data!.slice() };
      });
    const isCommitted = blobs.every(({ namespace, data }, i) =>
      equalBytes(shareCommitment(namespace, data), commitments[i]!.value as Uint8Array),
    );
    if (!isCommitted) return { code: 11110, log: 'invalid share commitment', hash };
    this.sequence += 1n;
    this.#txs.set(hash, { height: this.land(blobs), code: 0, log: '' });
    return { code: 0, log: '', hash };
  }
}
