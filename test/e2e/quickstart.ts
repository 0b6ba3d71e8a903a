/** What the README promises, done with the npm package `fuels`, unmodified. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bn,
  type Contract,
  ContractFactory,
  type JsonAbi,
  Predicate,
  type Provider,
  type StorageSlot,
  Wallet,
  type WalletUnlocked,
} from 'fuels';

const SWAY = join(dirname(fileURLToPath(import.meta.url)), '../../../test/data/sway');

type Program = { code: Uint8Array; abi: JsonAbi; slots: StorageSlot[] };

function load(name: string, kind: 'contract' | 'predicate' = 'contract'): Program {
  const path = (file: string): string => join(SWAY, name, file);
  return {
    code: readFileSync(path(`${name}.bin`)),
    abi: JSON.parse(readFileSync(path(`${name}-abi.json`), 'utf8')),
    slots:
      kind === 'contract'
        ? JSON.parse(readFileSync(path(`${name}-storage_slots.json`), 'utf8'))
        : [],
  };
}

async function deploy(
  name: string,
  wallet: WalletUnlocked,
  configurables: Record<string, unknown> = {},
): Promise<Contract> {
  const { code, abi, slots } = load(name);
  const factory = new ContractFactory(code, abi, wallet);
  const sent = await factory.deploy({
    storageSlots: slots,
    ...(Object.keys(configurables).length > 0 ? { configurableConstants: configurables } : {}),
  });
  return (await sent.waitForResult()).contract;
}

export type Step = readonly [name: string, run: () => Promise<void>];

/** The whole tour; `secret` owns base asset on the node behind `provider`. */
export function quickstartSteps(provider: Provider, secret: string): Step[] {
  const owner: WalletUnlocked = Wallet.fromPrivateKey(secret, provider);
  const friend: WalletUnlocked = Wallet.generate({ provider });
  const others = [1, 2, 3].map(() => Wallet.generate({ provider }));
  return [
    ['create and fund a wallet', () => transfer(owner, friend)],
    ['send to many', () => sendToMany(owner, others)],
    ['spend from a predicate', () => predicateSpend(provider, owner, friend)],
    ['counter: write and read', () => counter(owner)],
    ['token: storage maps', () => token(owner, friend)],
    ['amm: swap, and a revert with a readable reason', () => amm(owner)],
    ['order book', () => orderBook(owner)],
    ['oracle feed', () => oracle(owner)],
    ['watch a status subscription', () => watch(owner, friend)],
    ['page through blocks', () => pages(provider)],
  ];
}

async function transfer(owner: WalletUnlocked, friend: WalletUnlocked): Promise<void> {
  const base = await owner.provider.getBaseAssetId();
  const sent = await owner.transfer(friend.address, 10_000_000, base);
  const result = await sent.waitForResult();
  assert.equal(result.isStatusSuccess, true);
  assert.equal((await friend.getBalance()).toString(), '10000000');
}

async function sendToMany(owner: WalletUnlocked, others: WalletUnlocked[]): Promise<void> {
  const base = await owner.provider.getBaseAssetId();
  const sent = await owner.batchTransfer(
    others.map((each, index) => ({
      amount: 100 + index,
      destination: each.address,
      assetId: base,
    })),
  );
  assert.equal((await sent.waitForResult()).isStatusSuccess, true);
  for (const [index, each] of others.entries()) {
    assert.equal((await each.getBalance()).toNumber(), 100 + index);
  }
}

async function predicateSpend(
  provider: Provider,
  owner: WalletUnlocked,
  friend: WalletUnlocked,
): Promise<void> {
  const base = await provider.getBaseAssetId();
  // `RET $one`: whoever knows the code may spend.
  const code = new Uint8Array([0x24, 0x04, 0x00, 0x00]);
  const bool = 'b760f44fa5965c2474a3b471467a22c43185152129295af588b022ae50b50903';
  const abi = {
    programType: 'predicate',
    specVersion: '1',
    encodingVersion: '1',
    concreteTypes: [{ type: 'bool', concreteTypeId: bool }],
    metadataTypes: [],
    functions: [{ name: 'main', inputs: [], output: bool, attributes: null }],
    loggedTypes: [],
    messagesTypes: [],
    configurables: [],
  } satisfies JsonAbi;
  const predicate = new Predicate({ bytecode: code, abi, provider });
  await (await owner.transfer(predicate.address, 1_000_000, base)).waitForResult();
  const before = await friend.getBalance();
  const result = await (await predicate.transfer(friend.address, 400_000, base)).waitForResult();
  assert.equal(result.isStatusSuccess, true);
  assert.equal((await friend.getBalance()).sub(before).toNumber(), 400_000);
}

async function counter(owner: WalletUnlocked): Promise<void> {
  const contract = await deploy('counter', owner);
  const sent = await contract.functions['increment']!(5).call();
  const { value } = await sent.waitForResult();
  assert.equal(bn(value).toNumber(), 5);
  await (await contract.functions['increment']!(2).call()).waitForResult();
  const read = await contract.functions['count']!().get();
  assert.equal(bn(read.value).toNumber(), 7);
}

async function token(owner: WalletUnlocked, friend: WalletUnlocked): Promise<void> {
  const contract = await deploy('token', owner);
  const address = (wallet: WalletUnlocked): { bits: string } => ({ bits: wallet.address.toB256() });
  await (await contract.functions['give']!(address(owner), 1000).call()).waitForResult();
  await (
    await contract.functions['send']!(address(owner), address(friend), 250).call()
  ).waitForResult();
  const left = await contract.functions['balance_of']!(address(owner)).get();
  const got = await contract.functions['balance_of']!(address(friend)).get();
  const supply = await contract.functions['supply']!().get();
  assert.deepEqual(
    [left.value, got.value, supply.value].map((each) => bn(each).toNumber()),
    [750, 250, 1000],
  );
}

async function amm(owner: WalletUnlocked): Promise<void> {
  const base = await owner.provider.getBaseAssetId();
  // Both sides in one asset is refused by `add`, so the pool is one-sided: a swap must revert.
  const contract = await deploy('amm', owner, { ASSET_A: base });
  const add = contract.functions['add']!().callParams({ forward: [500_000, base] });
  await (await add.call()).waitForResult();
  const reserves = await contract.functions['reserves']!().get();
  assert.deepEqual(
    reserves.value.map((each: unknown) => bn(each as string).toNumber()),
    [500_000, 0, 0],
  );
  const to = { Address: { bits: owner.address.toB256() } };
  const swap = contract.functions['swap']!(1, to).callParams({ forward: [1000, base] });
  await assert.rejects(
    async () => (await swap.call()).waitForResult(),
    (thrown: Error) => /revert|Empty|TooLittle|panic/i.test(thrown.message),
  );
}

async function orderBook(owner: WalletUnlocked): Promise<void> {
  const contract = await deploy('orderbook', owner);
  const who = { bits: owner.address.toB256() };
  await (await contract.functions['place']!(who, 100, 7, true).call()).waitForResult();
  await (await contract.functions['place']!(who, 100, 5, true).call()).waitForResult();
  const depth = await contract.functions['depth']!(true, 100).get();
  assert.equal(bn(depth.value).toNumber(), 12);
}

async function oracle(owner: WalletUnlocked): Promise<void> {
  const contract = await deploy('oracle_feed', owner);
  await (await contract.functions['set']!(3, 4242).call()).waitForResult();
  const read = await contract.functions['get']!(3).get();
  assert.equal(bn(read.value).toNumber(), 4242);
}

async function watch(owner: WalletUnlocked, friend: WalletUnlocked): Promise<void> {
  const provider = owner.provider;
  const base = await provider.getBaseAssetId();
  const sent = await owner.transfer(friend.address, 77, base);
  const seen: string[] = [];
  for await (const { statusChange } of await provider.operations.statusChange({
    transactionId: sent.id,
  })) {
    seen.push(statusChange.type);
  }
  assert.equal(seen.at(-1), 'SuccessStatus');
}

async function pages(provider: Provider): Promise<void> {
  const { blocks, pageInfo } = await provider.getBlocks({ first: 3 });
  assert.equal(blocks.length, 3);
  assert.equal(blocks[0]?.height.toNumber(), 0);
  const more = await provider.getBlocks({ first: 3, after: pageInfo.endCursor ?? '' });
  assert.equal(more.blocks[0]?.height.toNumber(), 3);
  const { blocks: newest } = await provider.getBlocks({ last: 1 });
  assert.equal(newest[0]?.height.toNumber(), await provider.getBlockNumber().then(Number));
}
