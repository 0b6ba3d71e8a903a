/** What a typed text means: a height, or an id that something on the chain has. */
import { query, restOrNull } from '../api.ts';
import { el } from '../dom.ts';
import { card, link, soft } from '../parts.ts';
import { type Drawn, NotFound, type Place } from '../router.ts';

const ANY =
  `query Any($id: HexString!, $tx: TransactionId!, $block: BlockId!, $contract: ContractId!,
  $blob: BlobId!, $nonce: Nonce!, $owner: Address!) {
  transaction(id: $tx) { id } block(id: $block) { height } contract(id: $contract) { id }
  blob(id: $blob) { id } messageStatus(nonce: $nonce) { state }
  balances(filter: { owner: $owner }, first: 1) { nodes { amount } }
  transactionsByOwner(owner: $owner, last: 1) { nodes { id } }
}`.replace('$id: HexString!, ', '');

type Any = {
  transaction: object | null;
  block: { height: string } | null;
  contract: object | null;
  blob: object | null;
  messageStatus: { state: string };
  balances: { nodes: object[] };
  transactionsByOwner: { nodes: object[] };
};

/** Kinds of things that have this id. */
async function kindsOf(id: string): Promise<string[]> {
  const [found, asset] = await Promise.all([
    query<Any>(ANY, { tx: id, block: id, contract: id, blob: id, nonce: id, owner: id }),
    query<{ assetDetails: object | null }>(
      'query($id: AssetId!){assetDetails(id: $id){totalSupply}}',
      { id },
    ).catch(() => ({ assetDetails: null })),
  ]);
  const { balances, transactionsByOwner } = found;
  return [
    found.transaction !== null && 'tx',
    found.block !== null && 'block',
    found.contract !== null && 'contract',
    found.blob !== null && 'blob',
    found.messageStatus.state !== 'NOT_FOUND' && 'message',
    asset.assetDetails !== null && 'asset',
    (balances.nodes.length > 0 || transactionsByOwner.nodes.length > 0) && 'account',
  ].filter((kind) => kind !== false);
}

const NAMES: Readonly<Record<string, string>> = { tx: 'transaction' };

/** @see View */
export async function find(place: Place): Promise<Drawn> {
  const text = (place.search.get('q') ?? '').trim().toLowerCase();
  if (/^[\d\s_,.]+$/.test(text)) {
    place.go(`block/${Number(text.replace(/\D/g, ''))}`);
    return { title: 'Search', content: [] };
  }
  const id = /^[0-9a-f]{64}$/.test(text) ? `0x${text}` : text;
  // The id of a coin is that of its transaction and two bytes more.
  if (/^0x[0-9a-f]{68}$/.test(id)) {
    place.go(`tx/${id.slice(0, 66)}`);
    return { title: 'Search', content: [] };
  }
  if (!/^0x[0-9a-f]{64}$/.test(id)) {
    throw new NotFound(`“${text}” is no height and no id: those are 0x and 64 hex digits`);
  }
  const kinds = await kindsOf(id);
  const [only] = kinds;
  if (kinds.length === 1 && only !== undefined) {
    place.go(`${only}/${id}`);
    return { title: 'Search', content: [] };
  }
  if (kinds.length === 0) {
    const pooled = await restOrNull(`/v1/fuelrail/explain/tx/${id}`);
    if (pooled !== null) place.go(`tx/${id}`);
    else throw new NotFound(`Nothing on this chain has the id ${id}`);
    return { title: 'Search', content: [] };
  }
  const choices = kinds.map((kind) => el('li', {}, link(`${kind}/${id}`, NAMES[kind] ?? kind)));
  return {
    title: 'Search',
    content: [card('More than one thing has this id', soft(id), el('ul', {}, choices))],
  };
}
