/**
 * Rows of another chain under the rows of this one: what is not here is asked for once, as it was
 * at the height of the fork. What is deleted here stays deleted. Chains of blocks and transactions,
 * and walks over a whole table or over all slots of a contract, know this chain alone.
 */
import { hexToBytes } from '../../../primitives/bytes.ts';
import type { Address, AssetId, B256, UtxoKey } from '../../../primitives/types.ts';
import { COLUMNS, type Column, keyOf, partsOf } from '../../../state/columns.ts';
import type { Engine, Row, RowBatch, Scan } from '../../../state/engine/port.ts';
import type { RemoteAmount, RemoteCoin, RemoteContract, RemoteMessage } from './questions.ts';

export type ForkAnswers = {
  readonly chain: { readonly height: number; readonly daHeight: string };
  ask(question: string): unknown;
  close(): Promise<void>;
};

type Amount = { readonly amount: string };
type Encoded = Uint8Array | null;
/** Finds the row of a key on the other chain. */
type Finder = (key: Uint8Array) => Encoded;

const textOf = (key: Uint8Array): string => Buffer.from(key).toString('latin1');

function encoded<K extends readonly unknown[], V>(column: Column<K, V>, value: V | null): Encoded {
  return value === null ? null : column.value.encode(value);
}

export class ForkEngine implements Engine {
  readonly name = 'memory' as const;
  readonly location = null;
  readonly #base: Engine;
  readonly #source: ForkAnswers;
  readonly #finders: ReadonlyMap<number, Finder>;
  /** Rows of the other chain that were asked for; null: it has none. */
  readonly #found: Map<string, Encoded> = new Map();
  /** Keys that were deleted here. */
  readonly #deleted: Set<string> = new Set();
  /** Lists that were fetched. */
  readonly #listed: Set<string> = new Set();

  constructor(base: Engine, source: ForkAnswers) {
    this.#base = base;
    this.#source = source;
    this.#finders = this.#makeFinders();
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const here = this.#base.get(key);
    if (here !== undefined) return here;
    const find = this.#finders.get(key[0] as number);
    if (find === undefined) return undefined;
    const name = textOf(key);
    if (this.#deleted.has(name)) return undefined;
    let found = this.#found.get(name);
    if (found === undefined) this.#found.set(name, (found = find(key)));
    return found ?? undefined;
  }

  async scan(scan: Scan): Promise<Row[]> {
    await this.#list(scan.prefix);
    return await this.#base.scan(scan);
  }

  async write(fill: (batch: RowBatch) => void): Promise<void> {
    await this.#base.write((batch) =>
      fill({
        put: (key, value) => {
          this.#deleted.delete(textOf(key));
          batch.put(key, value);
        },
        del: (key) => {
          this.#deleted.add(textOf(key));
          batch.del(key);
        },
      }),
    );
  }

  async close(): Promise<void> {
    await this.#source.close();
    await this.#base.close();
  }

  #makeFinders(): ReadonlyMap<number, Finder> {
    const finders = new Map<number, Finder>();
    const find = <K extends readonly unknown[], V>(
      column: Column<K, V>,
      ask: (...parts: K) => V | null,
    ): void => {
      const finder: Finder = (key) => encoded(column, ask(...partsOf(column, key)));
      finders.set(column.id, finder);
    };
    const ask = <T>(question: string): T => this.#source.ask(question) as T;
    const { height, daHeight } = this.#source.chain;
    find(COLUMNS.coins, (key) => this.#coinRow(ask<RemoteCoin | null>(`coin:${key}`)));
    find(COLUMNS.balances, (owner, assetId) => {
      const { amount } = ask<{ amount: string }>(`balance:${owner}:${assetId}`);
      return amount === '0' ? null : BigInt(amount);
    });
    find(COLUMNS.messages, (nonce) => {
      const message = ask<RemoteMessage | null>(`message:${nonce}`);
      return message === null ? null : messageRow(message, BigInt(daHeight));
    });
    finders.set(COLUMNS.messagesSpent.id, (key) => {
      const [nonce] = partsOf(COLUMNS.messagesSpent, key);
      return ask<{ state: string }>(`messageStatus:${nonce}`).state === 'SPENT' ? EMPTY : null;
    });
    const contract = (id: B256): RemoteContract | null => ask(`contract:${id}`);
    find(COLUMNS.contractCode, (id) => optional(contract(id)?.bytecode, hexToBytes));
    find(COLUMNS.contractSalt, (id) => ask<{ salt: B256 } | null>(`salt:${id}`)?.salt ?? null);
    // The API does not show it; execution replaces it by this wherever a transaction names another.
    find(COLUMNS.contractUtxo, (id) =>
      contract(id) === null ? null : { txId: id, outputIndex: 0, blockHeight: height, txIndex: 0 },
    );
    find(COLUMNS.slots, (id, key) => {
      const found = ask<{ key: string; value: string }[]>(`slot:${id}:${key}`);
      return optional(found[0]?.value, hexToBytes);
    });
    find(COLUMNS.contractBalances, (id, assetId) => {
      const found = ask<Amount | readonly Amount[]>(`contractBalance:${id}:${assetId}`);
      const amount = 'amount' in found ? found.amount : (found[0]?.amount ?? '0');
      return amount === '0' ? null : BigInt(amount);
    });
    find(COLUMNS.blobs, (id) =>
      optional(ask<{ bytecode: string } | null>(`blob:${id}`)?.bytecode, hexToBytes),
    );
    return finders;
  }

  /** What was made after the fork is not there. */
  #coinRow(coin: RemoteCoin | null): {
    owner: Address;
    amount: bigint;
    assetId: AssetId;
    blockHeight: number;
    txIndex: number;
  } | null {
    if (coin === null || Number(coin.blockCreated) > this.#source.chain.height) return null;
    return {
      owner: coin.owner,
      amount: BigInt(coin.amount),
      assetId: coin.assetId,
      blockHeight: Number(coin.blockCreated),
      txIndex: Number(coin.txCreatedIdx),
    };
  }

  /** Fetches the rows of the list that a walk goes over, once. */
  async #list(prefix: Uint8Array): Promise<void> {
    const first = prefix.length >= ID_END ? idOf(prefix) : null;
    if (first === null) return;
    const fetch = this.#lists()[prefix[0] as number];
    if (fetch === undefined) return;
    const name = `${fetch.kind}:${first}`;
    if (this.#listed.has(name)) return;
    const rows = fetch.rows(first, this.#source.ask(name) as readonly unknown[]);
    await this.#base.write((batch) => {
      for (const [key, value] of rows) {
        if (this.#base.get(key) !== undefined || this.#deleted.has(textOf(key))) continue;
        batch.put(key, value);
      }
    });
    this.#listed.add(name);
  }

  #lists(): Readonly<Record<number, List>> {
    const coins: List = {
      kind: 'coins',
      rows: (owner, items) =>
        (items as readonly RemoteCoin[]).flatMap((item) => {
          const row = this.#coinRow(item);
          const key: UtxoKey = item.utxoId;
          if (row === null || this.#isGone(keyOf(COLUMNS.coins, [key]))) return [];
          const { assetId, amount } = row;
          return [
            [keyOf(COLUMNS.coins, [key]), COLUMNS.coins.value.encode(row)],
            [keyOf(COLUMNS.coinsByOwner, [owner, key]), EMPTY],
            [keyOf(COLUMNS.coinsByAmount, [owner, assetId, amount, key]), EMPTY],
          ];
        }),
    };
    const messages: List = {
      kind: 'messages',
      rows: (owner, items) =>
        (items as readonly RemoteMessage[]).flatMap((item) => {
          const key = keyOf(COLUMNS.messages, [item.nonce]);
          const row = messageRow(item, BigInt(this.#source.chain.daHeight));
          if (row === null || this.#isGone(key)) return [];
          return [
            [key, COLUMNS.messages.value.encode(row)],
            [keyOf(COLUMNS.messagesByRecipient, [owner, item.nonce]), EMPTY],
          ];
        }),
    };
    const amounts = (kind: string, column: Column<[B256, B256], bigint>): List => ({
      kind,
      rows: (id, items) =>
        (items as readonly RemoteAmount[])
          .filter(({ amount }) => amount !== '0')
          .map(({ assetId, amount }) => [
            keyOf(column, [id, assetId]),
            column.value.encode(BigInt(amount)),
          ]),
    });
    return {
      [COLUMNS.coinsByOwner.id]: coins,
      [COLUMNS.coinsByAmount.id]: coins,
      [COLUMNS.messagesByRecipient.id]: messages,
      [COLUMNS.balances.id]: amounts('balances', COLUMNS.balances),
      [COLUMNS.contractBalances.id]: amounts('contractBalances', COLUMNS.contractBalances),
    };
  }

  #isGone(key: Uint8Array): boolean {
    return this.#deleted.has(textOf(key));
  }
}

type List = {
  readonly kind: string;
  readonly rows: (id: B256, items: readonly unknown[]) => (readonly [Uint8Array, Uint8Array])[];
};

/** The value of a row without content. */
const EMPTY = new Uint8Array(0);
/** Column, then an id. */
const ID_END = 33;

function idOf(prefix: Uint8Array): B256 {
  return `0x${Buffer.from(prefix.subarray(1, ID_END)).toString('hex')}`;
}

function optional<T>(text: string | undefined, read: (text: string) => T): T | null {
  return text === undefined ? null : read(text);
}

/** What came from the settlement layer after the fork is not there. */
function messageRow(
  { sender, recipient, amount, daHeight, data }: RemoteMessage,
  daHeightMax: bigint,
): { sender: B256; recipient: B256; amount: bigint; daHeight: bigint; data: Uint8Array } | null {
  if (BigInt(daHeight) > daHeightMax) return null;
  const bytes = hexToBytes(data);
  return { sender, recipient, amount: BigInt(amount), daHeight: BigInt(daHeight), data: bytes };
}
