/** Small pages: an asset, a blob, a message. */

import { bytesText, grouped, hexBytes } from '../../format.ts';
import { ApiError, query } from '../api.ts';
import { el } from '../dom.ts';
import { amountOf, badge, bytes, card, chain, facts, soft, wholeId } from '../parts.ts';
import { type Drawn, NotFound, type Place } from '../router.ts';
import { codeOf } from './code.ts';

function idOf(args: readonly string[], what: string): string {
  const id = (args[0] ?? '').toLowerCase();
  if (!/^0x[0-9a-f]{64}$/.test(id)) throw new NotFound(`“${id}” is no ${what}`);
  return id;
}

type Details = { contractId: string; subId: string; totalSupply: string };

/** null: minted by no contract of this chain. */
async function detailsOf(id: string): Promise<Details | null> {
  try {
    const text = 'query($id: AssetId!){assetDetails(id: $id){contractId subId totalSupply}}';
    return (await query<{ assetDetails: Details | null }>(text, { id })).assetDetails;
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

/** @see View */
export async function asset({ args }: Place): Promise<Drawn> {
  const id = idOf(args, 'asset id');
  const details = await detailsOf(id);
  const isBase = id === chain.base;
  const about = facts([
    ['Id', wholeId(id, 'asset id')],
    isBase ? ['Kind', 'the base asset: fees are paid in it, 9 decimals'] : null,
    details === null ? null : ['Minted by', wholeId(details.contractId, 'contract id', 'contract')],
    details === null ? null : ['Sub id', wholeId(details.subId, 'sub id')],
    details === null ? null : ['Supply', `${grouped(details.totalSupply)} units`],
  ]);
  const unknown =
    details === null && !isBase && soft('No contract has minted it since the chain began.');
  return { title: 'Asset', content: [card('About', about, unknown)] };
}

/** @see View */
export async function blob({ args }: Place): Promise<Drawn> {
  const id = idOf(args, 'blob id');
  const text = 'query($id: BlobId!){blob(id: $id){bytecode}}';
  const { blob: found } = await query<{ blob: { bytecode: string } | null }>(text, { id });
  if (found === null) throw new NotFound(`There is no blob ${id}`);
  const about = facts([
    ['Id', wholeId(id, 'blob id')],
    ['Length', bytesText(hexBytes(found.bytecode))],
    ['Bytes', bytes(found.bytecode, 'blob')],
  ]);
  return {
    title: 'Blob',
    content: [card('About', about), card('Read as a program', codeOf(found.bytecode, 'blob'))],
  };
}

type Message = {
  amount: string;
  sender: string;
  recipient: string;
  data: string;
  daHeight: string;
};

const MESSAGE = `query Message($nonce: Nonce!) {
  message(nonce: $nonce) { amount sender recipient data daHeight }
  messageStatus(nonce: $nonce) { state }
}`;

/** @see View */
export async function message({ args }: Place): Promise<Drawn> {
  const nonce = idOf(args, 'nonce');
  const answer = await query<{ message: Message | null; messageStatus: { state: string } }>(
    MESSAGE,
    { nonce },
  );
  const { state } = answer.messageStatus;
  if (state === 'NOT_FOUND') throw new NotFound(`There is no message ${nonce}`);
  const found = answer.message;
  return {
    title: 'Message',
    content: [
      card(
        'From Ethereum',
        facts([
          ['Nonce', wholeId(nonce, 'nonce')],
          ['State', state === 'SPENT' ? badge('spent', 'plain') : badge('not spent', 'good')],
          ...(found === null
            ? []
            : ([
                ['Amount', amountOf(found.amount, chain.base)],
                ['Sender', el('span', { class: 'id' }, found.sender)],
                ['Recipient', wholeId(found.recipient, 'address', 'account')],
                ['Ethereum height', grouped(found.daHeight)],
                ['Data', bytes(found.data, 'message data')],
              ] as const)),
        ]),
      ),
    ],
  };
}
