/** A node in this tab: started on demand, asked through its API as any other node is. */
import { bytesToHex, hexToBytes } from '../../../../primitives/bytes.ts';
import { addressOfPublicKey, publicKeyOf, sign } from '../../../../primitives/secp256k1.ts';
import type { Address, AssetId, B256 } from '../../../../primitives/types.ts';
import { encodeTx } from '../../../../tx/codec/transaction.ts';
import { txId } from '../../../../tx/id.ts';
import type { ScriptTx } from '../../../../tx/types.ts';
import { composeNode, type Node as FuelNode } from '../../../compose.ts';
import { embeddedConfig } from '../../../defaults.ts';
import { SILENT_LOG } from '../../../log.ts';
import { decimal, short } from '../../format.ts';
import { el } from '../dom.ts';
import { facts, table } from '../parts.ts';

const SENT = 1_000_000_000n;
const MAX_FEE = 1_000_000n;
const DECIMALS = 9;

type Coin = { utxoId: B256; amount: string };

async function ask<T>(node: FuelNode, query: string): Promise<T> {
  const { body } = await node.api.handle({
    path: '/v1/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = JSON.parse(body as string) as {
    data: T;
    errors?: { message: string }[];
  };
  if (errors?.[0] !== undefined) throw new Error(errors[0].message);
  return data;
}

function newKey(): { secret: B256; address: Address } {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  return { secret: bytesToHex(secret), address: addressOfPublicKey(publicKeyOf(secret)) };
}

async function transferTx(
  node: FuelNode,
  from: { secret: B256; address: Address },
  to: Address,
): Promise<Uint8Array> {
  const { baseAssetId, chainId } = node.services.params().params;
  const { coins } = await ask<{ coins: { nodes: Coin[] } }>(
    node,
    `{ coins(filter: { owner: "${from.address}", assetId: "${baseAssetId}" }, first: 1) {
      nodes { utxoId amount } } }`,
  );
  const coin = coins.nodes[0];
  if (coin === undefined) throw new Error('the account has no coins');
  const outputIndex = Number.parseInt(coin.utxoId.slice(66), 16);
  const output = { type: 'coin', to, amount: SENT, assetId: baseAssetId as AssetId } as const;
  const tx: ScriptTx = {
    type: 'script',
    scriptGasLimit: 0n,
    receiptsRoot: `0x${'00'.repeat(32)}`,
    script: new Uint8Array(0),
    scriptData: new Uint8Array(0),
    policies: { maxFee: MAX_FEE },
    inputs: [
      {
        type: 'coin',
        utxoId: { txId: coin.utxoId.slice(0, 66) as B256, outputIndex },
        owner: from.address,
        amount: BigInt(coin.amount),
        assetId: baseAssetId,
        txPointer: { blockHeight: 0, txIndex: 0 },
        witnessIndex: 0,
        predicateGasUsed: 0n,
        predicate: new Uint8Array(0),
        predicateData: new Uint8Array(0),
      },
    ],
    outputs: [output, { type: 'change', to: from.address, amount: 0n, assetId: baseAssetId }],
    witnesses: [new Uint8Array(64)],
  };
  const signature = sign(hexToBytes(from.secret), hexToBytes(txId(tx, chainId)));
  return encodeTx({ ...tx, witnesses: [signature] });
}

async function balance(node: FuelNode, owner: Address): Promise<bigint> {
  const { baseAssetId } = node.services.params().params;
  const query = `{ balance(owner: "${owner}", assetId: "${baseAssetId}") { amount } }`;
  const answer = await ask<{ balance: { amount: string } }>(node, query);
  return BigInt(answer.balance.amount);
}

function blocksTable(node: FuelNode): HTMLElement {
  const { store } = node.services;
  const rows: string[][] = [];
  for (let height = store.latest.height; height >= 0 && rows.length < 8; height--) {
    const block = store.block(height);
    if (block === null) break;
    rows.push([String(height), short(block.header.id), String(block.transactionIds.length)]);
  }
  return table('Blocks of this tab', ['#Height', 'Id', '#Transactions'], rows);
}

/** Starts it and draws it into `place`. */
export async function startNode(place: HTMLElement): Promise<void> {
  place.replaceChildren(el('p', { class: 'soft' }, 'Starting …'));
  const begun = performance.now();
  const node = await composeNode(embeddedConfig({ workerCount: 0 }), { log: SILENT_LOG });
  await node.start();
  const tookMs = performance.now() - begun;
  const [alice] = node.accounts;
  if (alice === undefined) throw new Error('the built-in chain has a funded account');
  const bob = newKey();
  const out = el('div', {});
  const draw = async (): Promise<void> => {
    const [left, right] = await Promise.all([
      balance(node, alice.address),
      balance(node, bob.address),
    ]);
    const amount = (units: bigint): string => `${decimal(units, DECIMALS)} of the base asset`;
    out.replaceChildren(
      facts([
        ['Started in', `${tookMs.toFixed(0)} ms`],
        ['Alice', [el('span', { class: 'id' }, short(alice.address)), `, ${amount(left)}`]],
        ['Bob', [el('span', { class: 'id' }, short(bob.address)), `, ${amount(right)}`]],
      ]),
      blocksTable(node),
    );
  };
  const send = el('button', { type: 'button', id: 'send' }, 'Send 1 from Alice to Bob');
  send.addEventListener('click', async () => {
    send.disabled = true;
    const reached = node.services.visibleHeight() + 1;
    try {
      await node.services.txs.submit(await transferTx(node, alice, bob.address));
      await node.services.waitForHeight(reached, AbortSignal.timeout(5000));
      await draw();
    } catch (error) {
      out.append(el('p', { class: 'error', role: 'alert' }, (error as Error).message));
    }
    send.disabled = false;
  });
  await draw();
  place.replaceChildren(el('div', { class: 'row' }, send), out);
}
