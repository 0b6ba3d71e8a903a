/** Answers to a fork's questions from the public GraphQL API of a Fuel node. */
import { CodedError } from '../../../primitives/errors.ts';
import { FORK_LIST_MAX, FORK_PAGE, type RemoteChain, type RemoteParams } from './questions.ts';

type Variables = Readonly<Record<string, unknown>>;

const TIMEOUT_MS = 30_000;

const COIN = 'utxoId owner amount assetId blockCreated txCreatedIdx';
const MESSAGE = 'nonce sender recipient amount data daHeight';

/** @throws CodedError FORK_REMOTE */
async function request<T>(url: string, query: string, variables: Variables = {}): Promise<T> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new CodedError('FORK_REMOTE', `${url} cannot be read: ${why}`, { url }, cause);
  };
  let answer: { data?: T; errors?: { message: string }[] };
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    answer = (await response.json()) as typeof answer;
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (answer.errors !== undefined) return refuse(answer.errors.map((e) => e.message).join('; '));
  return answer.data ?? refuse('an answer without data');
}

type Page<T> = { nodes: T[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };

async function list<T>(url: string, head: string, fields: string, id: string): Promise<T[]> {
  const query = `query list($id: ${head.includes('contract') ? 'ContractId' : 'Address'}!, $after: String) {
    list: ${head.replace('$page', `first: ${FORK_PAGE}, after: $after`)} {
      nodes { ${fields} } pageInfo { hasNextPage endCursor }
    }
  }`;
  const all: T[] = [];
  let after: string | null = null;
  do {
    const variables: Variables = { id, after };
    const found: { list: Page<T> } = await request(url, query, variables);
    all.push(...found.list.nodes);
    after = found.list.pageInfo.hasNextPage ? found.list.pageInfo.endCursor : null;
  } while (after !== null && all.length < FORK_LIST_MAX);
  return all.slice(0, FORK_LIST_MAX);
}

/** @param at where storage is read: a height, or null for the newest */
export async function answer(url: string, question: string, at: number | null): Promise<unknown> {
  const [kind, id = '', key = ''] = question.split(':');
  const one = async (query: string): Promise<unknown> =>
    (await request<{ one: unknown }>(url, query, { id, key })).one;
  switch (kind) {
    case 'coin':
      return one(`query q($id: UtxoId!) { one: coin(utxoId: $id) { ${COIN} } }`);
    case 'coins':
      return list(url, 'coins(filter: { owner: $id }, $page)', COIN, id);
    case 'balance':
      return one(`query q($id: Address!, $key: AssetId!) {
        one: balance(owner: $id, assetId: $key) { amount: amountU128 } }`);
    case 'balances':
      return list(url, 'balances(filter: { owner: $id }, $page)', 'assetId amount: amountU128', id);
    case 'message':
      return one(`query q($id: Nonce!) { one: message(nonce: $id) { ${MESSAGE} } }`);
    case 'messageStatus':
      return one('query q($id: Nonce!) { one: messageStatus(nonce: $id) { state } }');
    case 'messages':
      return list(url, 'messages(owner: $id, $page)', MESSAGE, id);
    case 'contract':
      return one('query q($id: ContractId!) { one: contract(id: $id) { bytecode } }');
    case 'salt':
      return await saltOf(one);
    case 'run':
      return one(`query q($id: HexString!) {
        one: dryRunRecordStorageReads(txs: [$id], utxoValidation: false, gasPrice: "0") {
          storageReads { column key value } } }`);
    case 'blob':
      return one('query q($id: BlobId!) { one: blob(id: $id) { bytecode } }');
    case 'contractBalances':
      return list(url, 'contractBalances(filter: { contract: $id }, $page)', 'assetId amount', id);
    case 'slot':
      if (at === null) return await slotOfOurs(url, id, key);
      return one(`query q($id: ContractId!, $key: Bytes32!) {
        one: contractSlotValues(contractId: $id, storageSlots: [$key], blockHeight: ${at}) {
          key value } }`);
    case 'contractBalance':
      if (at === null) {
        return one(`query q($id: ContractId!, $key: AssetId!) {
          one: contractBalance(contract: $id, asset: $key) { amount } }`);
      }
      return one(`query q($id: ContractId!, $key: AssetId!) {
        one: contractBalanceValues(contractId: $id, assets: [$key], blockHeight: ${at}) {
          amount } }`);
    default:
      throw new CodedError('FORK_REMOTE', `a fork does not ask '${question}'`);
  }
}

/** Contracts of a genesis have none, and asking for it is an error. */
async function saltOf(one: (query: string) => Promise<unknown>): Promise<unknown> {
  try {
    return await one('query q($id: ContractId!) { one: contract(id: $id) { salt } }');
  } catch (thrown) {
    if (thrown instanceof CodedError && thrown.message.includes('not found')) return null;
    throw thrown;
  }
}

/** Without a history only Fuelrail shows slots, those of its newest block. */
async function slotOfOurs(url: string, id: string, key: string): Promise<{ value: string }[]> {
  const path = `/v1/fuelrail/contract/${id}/slot/${key}`;
  try {
    const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) {
      const { value } = (await response.json()) as { value: string | null };
      return value === null ? [] : [{ value }];
    }
  } catch {
    // What is not there and what does not answer is told alike.
  }
  throw new CodedError(
    'FORK_REMOTE',
    `${url} does not show storage of contracts but to transactions that are tried: dry-run the call first, set the slot with setContractSlot, or fork a node with --historical-execution`,
  );
}

type Introspection = {
  type: { fields: { name: string; type: { kind: string; ofType: { kind: string } | null } }[] };
};

/** Scalar fields of a type, and of its fields that are costs: nodes of other versions have others. */
async function fieldsOf(url: string, name: string): Promise<string> {
  const { type } = await request<Introspection>(
    url,
    `{ type: __type(name: "${name}") { fields { name type { kind ofType { kind } } } } }`,
  );
  const cost =
    '{ ... on LightOperation { base unitsPerGas } ... on HeavyOperation { base gasPerUnit } }';
  return type.fields
    .filter((field) => field.name !== 'version')
    .map((field) => {
      const kind = field.type.kind === 'NON_NULL' ? field.type.ofType?.kind : field.type.kind;
      return kind === 'UNION' ? `${field.name} ${cost}` : field.name;
    })
    .join(' ');
}

const PARTS: readonly (readonly [field: string, type: string])[] = [
  ['txParams', 'TxParameters'],
  ['predicateParams', 'PredicateParameters'],
  ['scriptParams', 'ScriptParameters'],
  ['contractParams', 'ContractParameters'],
  ['feeParams', 'FeeParameters'],
  ['gasCosts', 'GasCosts'],
];

/** @throws CodedError FORK_REMOTE, FORK_HEIGHT */
export async function fetchChain(url: string, wanted: number | null): Promise<RemoteChain> {
  type Tip = { chain: { name: string; latestBlock: { height: string } } };
  const { chain } = await request<Tip>(url, '{ chain { name latestBlock { height } } }');
  const newest = Number(chain.latestBlock.height);
  const height = wanted ?? newest;
  if (height > newest) {
    throw new CodedError('FORK_HEIGHT', `${url} is at ${newest}: --fork-height cannot be above`);
  }
  const header = 'daHeight consensusParametersVersion stateTransitionBytecodeVersion';
  type Block = { block: { header: Record<string, string> } | null };
  const { block } = await request<Block>(
    url,
    `query b($height: U32!) { block(height: $height) { header { ${header} } } }`,
    { height: String(height) },
  );
  if (block === null) {
    throw new CodedError('FORK_HEIGHT', `${url} does not have block ${height} any more`);
  }
  const parts: string[] = [];
  for (const [field, type] of PARTS) parts.push(`${field} { ${await fieldsOf(url, type)} }`);
  const scalars = await fieldsOf(url, 'ConsensusParameters');
  const own = scalars.split(' ').filter((name) => !PARTS.some(([field]) => field === name));
  const version = Number(block.header['consensusParametersVersion']);
  const { params } = await request<{ params: RemoteParams }>(
    url,
    `query p($version: Int!) { params: consensusParameters(version: $version) {
      ${own.join(' ')} ${parts.join(' ')} } }`,
    { version },
  );
  return {
    name: chain.name,
    height,
    storage: await storageOf(url, height),
    daHeight: String(block.header['daHeight']),
    consensusParametersVersion: String(version),
    stateTransitionBytecodeVersion: String(block.header['stateTransitionBytecodeVersion']),
    params,
  };
}

const ZERO = `0x${'00'.repeat(32)}`;

/** Only nodes with historical execution read storage at a height. */
async function storageOf(url: string, height: number): Promise<RemoteChain['storage']> {
  try {
    await answer(url, `slot:${ZERO}:${ZERO}`, height);
    return 'history';
  } catch {
    const path = `/v1/fuelrail/contract/${ZERO}/slot/${ZERO}`;
    const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const type = response.headers.get('content-type') ?? '';
    return type.startsWith('application/json') ? 'newest' : 'runs';
  }
}
