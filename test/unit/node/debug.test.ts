/** The debug API, with what the reference answers to the same requests. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { DEBUG_SESSIONS_MAX } from '../../../node/debug/sessions.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { getTransaction } from '../../../sdk/client/lookup.ts';
import { ACT, type TraceNode, traceNode } from '../../support/traceNode.ts';

let world: TraceNode;
before(async () => {
  world = await traceNode();
});
after(() => world.node.close());

async function ask(query: string, variables: Record<string, unknown> = {}): Promise<any> {
  return world.client.request<any>(query, variables);
}

const session = async (): Promise<string> => (await ask('mutation { startSession }')).startSession;
const register = async (id: string, index: number): Promise<string> =>
  (
    await ask('query($id: ID!, $r: U32!) { register(id: $id, register: $r) }', {
      id,
      r: String(index),
    })
  ).register;
const execute = async (id: string, op: unknown): Promise<boolean> =>
  (
    await ask('mutation($id: ID!, $op: String!) { execute(id: $id, op: $op) }', {
      id,
      op: JSON.stringify(op),
    })
  ).execute;
const stepping = (id: string, enable: boolean): Promise<unknown> =>
  ask('mutation($id: ID!, $on: Boolean!) { setSingleStepping(id: $id, enable: $on) }', {
    id,
    on: enable,
  });
const breakAt = (id: string, contract: string, pc: number): Promise<unknown> =>
  ask('mutation($id: ID!, $b: Breakpoint!) { setBreakpoint(id: $id, breakpoint: $b) }', {
    id,
    b: { contract, pc: String(pc) },
  });

type Result = {
  state: string;
  breakpoint: { contract: string; pc: string } | null;
  jsonReceipts: string[];
};
const RESULT = '{ state breakpoint { contract pc } jsonReceipts }';
async function start(id: string, tx: unknown): Promise<Result> {
  const query = `mutation($id: ID!, $tx: String!) { startTx(id: $id, txJson: $tx) ${RESULT} }`;
  return (await ask(query, { id, tx: JSON.stringify(tx) })).startTx;
}
async function go(id: string): Promise<Result> {
  return (await ask(`mutation($id: ID!) { continueTx(id: $id) ${RESULT} }`, { id })).continueTx;
}

const NO_ID = '00'.repeat(32);
/** `ADDI $16 $zero 5`, `ADDI $17 $17 1`, `JNEI $16 $17 1`, `RET $16`: goes round five times. */
const LOOP = [0x50, 0x40, 0, 5, 0x50, 0x45, 0x10, 1, 0x5b, 0x41, 0x10, 1, 0x24, 0x40, 0, 0];

const txOf = (script: readonly number[], more: object = {}): unknown => ({
  Script: {
    body: { script_gas_limit: 100_000, script, script_data: [], receipts_root: NO_ID, ...more },
    policies: { bits: 'Maturity | MaxFee', values: [0, 0, 0, 0] },
    inputs: [
      {
        CoinSigned: {
          utxo_id: { tx_id: NO_ID, output_index: 0 },
          owner: NO_ID,
          amount: 5,
          asset_id: NO_ID,
          tx_pointer: { block_height: 0, tx_index: 0 },
          witness_index: 0,
          predicate_gas_used: null,
          predicate: null,
          predicate_data: null,
        },
      },
    ],
    outputs: [],
    witnesses: [{ data: [] }],
  },
});

it('instructions by hand, memory, reset', async () => {
  const id = await session();
  assert.equal(await register(id, 16), '0');
  assert.equal(await execute(id, { ADDI: [0x41, 0x00, 0xfa] }), true);
  assert.equal(await register(id, 16), '250');
  assert.equal(await execute(id, { MOVI: [0x44, 0, 8] }), true);
  assert.equal(await execute(id, { ALOC: [0x44, 0, 0] }), true);
  assert.equal(await execute(id, { SW: [0x1d, 0x00, 0] }), true, '$hp, $16');
  assert.equal(await execute(id, { SW: [0x01, 0x00, 0] }), false, 'panics: not its memory');
  const query = 'query($id: ID!, $at: U32!, $n: U32!) { memory(id: $id, start: $at, size: $n) }';
  const { memory } = await ask(query, { id, at: await register(id, 7), n: '8' });
  assert.equal(memory.length > 0, true);
  await assert.rejects(ask(query, { id, at: '30000000', n: '8' }), /Invalid memory range/);
  await assert.rejects(register(id, 64), /Invalid register identifier/);
  assert.deepEqual(await ask('mutation($id: ID!) { reset(id: $id) }', { id }), { reset: true });
  assert.equal(await register(id, 16), '0');
  const end = 'mutation($id: ID!) { endSession(id: $id) }';
  assert.deepEqual(await ask(end, { id }), { endSession: true });
  assert.deepEqual(await ask(end, { id }), { endSession: false });
  await assert.rejects(go(id), /VM not found/);
});

it('a script without code ends before a debugger looks', async () => {
  const id = await session();
  await stepping(id, true);
  await breakAt(id, ZERO_B256, 0);
  const result = await start(id, txOf([]));
  assert.deepEqual([result.state, result.breakpoint], ['COMPLETED', null]);
  assert.match(result.jsonReceipts[0] ?? '', /"Return".*"val":1/);
});

it('single steps stop where the reference stops', async () => {
  const id = await session();
  await stepping(id, true);
  const stops: (string | undefined)[] = [];
  let result = await start(id, txOf(LOOP));
  while (result.state === 'BREAKPOINT') {
    stops.push(result.breakpoint?.pc);
    result = await go(id);
  }
  const wanted = [0, 4, 8, 4, 8, 4, 8, 4, 8, 4, 8, 12];
  assert.deepEqual(stops, wanted.map(String));
  assert.equal(result.jsonReceipts.length, 2);
  assert.match(
    result.jsonReceipts[0] ?? '',
    /^{"Return":{"id":"0{64}","val":5,"pc":\d+,"is":\d+}}$/,
  );
  assert.match(result.jsonReceipts[1] ?? '', /"ScriptResult":{"result":"Success","gas_used":\d+}/);
  assert.deepEqual(await go(id), { state: 'COMPLETED', breakpoint: null, jsonReceipts: [] });
});

it('breakpoints in scripts and contracts', async () => {
  const id = await session();
  await breakAt(id, ZERO_B256, 3);
  const first = await start(id, txOf(LOOP));
  assert.deepEqual(first.breakpoint, { contract: ZERO_B256, pc: '12' });
  assert.equal(await register(id, 17), '5');
  assert.equal((await go(id)).state, 'COMPLETED');

  const found = await getTransaction(world.client, await world.run(ACT.write));
  assert.ok(found?.tx.type === 'script');
  const { script, scriptData } = found.tx;
  const call = txOf([...script], { script_data: [...scriptData] }) as { Script: any };
  [world.forward, world.actor].forEach((contractId, i) => {
    const roots = { balance_root: NO_ID, state_root: NO_ID };
    const utxo = { utxo_id: { tx_id: NO_ID, output_index: 0 }, ...roots };
    const tx_pointer = { block_height: 0, tx_index: 0 };
    const contract_id = contractId.slice(2);
    call.Script.inputs.push({ Contract: { ...utxo, tx_pointer, contract_id } });
    call.Script.outputs.push({ Contract: { input_index: i + 1, ...roots } });
  });
  const other = await session();
  await breakAt(other, world.actor, 4);
  const stopped = await start(other, call);
  assert.deepEqual(stopped.breakpoint, { contract: world.actor, pc: '16' });
  assert.deepEqual(
    stopped.jsonReceipts.map((text) => Object.keys(JSON.parse(text))[0]),
    ['Call', 'Call', 'Log'],
  );
  const rest = await go(other);
  assert.equal(rest.state, 'COMPLETED');
  assert.match(rest.jsonReceipts.at(-1) ?? '', /Success/);
});

it('what is no script is refused in the words of the reference', async () => {
  const id = await session();
  for (const [json, message] of [
    ['{', /^Invalid transaction JSON$/],
    ['{"Script":{}}', /^Invalid transaction JSON$/],
    ['{"Mint":{}}', /^`Mint` is not supported$/],
    [JSON.stringify(txOf(LOOP)).replace('[0,0,0,0]', '[0,0]'), /^Invalid transaction JSON$/],
    [JSON.stringify(txOf(LOOP)).replace('"witness_index":0', '"witness_index":9'), /^Validity\(/],
  ] as const) {
    const query = `mutation($id: ID!, $tx: String!) { startTx(id: $id, txJson: $tx) ${RESULT} }`;
    await assert.rejects(ask(query, { id, tx: json }), { message }, json.slice(0, 40));
  }
  const op = 'mutation($id: ID!) { execute(id: $id, op: "ADD") }';
  await assert.rejects(ask(op, { id }), /Invalid instruction JSON/);
});

it('the session that was unused for longest makes room', async () => {
  const first = await session();
  for (let i = 0; i < DEBUG_SESSIONS_MAX; i += 1) await session();
  await assert.rejects(go(first), /VM not found/);
});

it('without --debug there is no debugger', async () => {
  const quiet = await traceNode({ debug: false });
  try {
    const started = quiet.client.request('mutation { startSession }');
    await assert.rejects(started, /^CodedError: The 'debug' feature is disabled$/);
  } finally {
    await quiet.node.close();
  }
});
