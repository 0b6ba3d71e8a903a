/** A node in this process with two small contracts: one calls what it is told to, one acts. */
import { composeNode, type Node } from '../../node/compose.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import { fetchOver } from '../../node/inProcessFetch.ts';
import { SILENT_LOG } from '../../node/log.ts';
import { concatBytes, hexToBytes, writeU64 } from '../../primitives/bytes.ts';
import { type ContractId, type TxId, ZERO_B256 } from '../../primitives/types.ts';
import { assemblePlan, signPlan } from '../../sdk/client/assemble.ts';
import { getChainInfo } from '../../sdk/client/chain.ts';
import { callScript } from '../../sdk/client/contractCall.ts';
import { planDeploy } from '../../sdk/client/deploy.ts';
import { type Client, createClient } from '../../sdk/client/graphql.ts';
import { submitAndWait } from '../../sdk/client/transactions.ts';
import type { ScriptTx } from '../../tx/types.ts';
import { assemble, parseInstruction } from '../../vm/asm.ts';

/** What the second contract does. */
export const ACT = { write: 0n, revert: 1n, panic: 2n } as const;

/** Calls what its second parameter points to. */
const FORWARD = ['LW $16 $fp 74', 'CALL $16 $zero $zero $cgas', 'RET $ret'];
/** By its second parameter: logs and writes a slot; reverts with 77; divides by zero. */
const ACTOR = [
  'LW $17 $fp 74',
  'JNEI $17 $zero 5',
  'LOG $17 $zero $zero $one',
  'SWW $fp $19 $one',
  'RET $one',
  'JNEI $17 $one 8',
  'MOVI $18 77',
  'RVRT $18',
  'DIV $18 $one $zero',
  'RET $one',
];

export type TraceNode = {
  readonly node: Node;
  readonly client: Client;
  readonly forward: ContractId;
  readonly actor: ContractId;
  /** Script → forwarder → actor, in a block. The transaction, declared and signed. */
  run(act: bigint): Promise<TxId>;
  get(path: string): Promise<{ status: number; body: any }>;
  /** To `/trace`. */
  post(body: unknown): Promise<{ status: number; body: any }>;
};

const codeOf = (lines: readonly string[]): Uint8Array => assemble(lines.map(parseInstruction));

export async function traceNode(
  over: Parameters<typeof embeddedConfig>[0] = {},
): Promise<TraceNode> {
  const node = await composeNode(embeddedConfig({ workerCount: 0, debug: true, ...over }), {
    log: SILENT_LOG,
  });
  await node.start();
  const fetch = fetchOver(node.api) as never;
  const client = createClient({ url: 'http://node.invalid/v1/graphql', fetch });
  const [rich] = node.accounts;
  if (rich === undefined) throw new Error('the local chain has accounts');
  const secret = hexToBytes(rich.secret);
  const deploy = async (code: Uint8Array): Promise<ContractId> => {
    const deployment = { bytecode: code, salt: ZERO_B256, storageSlots: [] };
    const plan = await planDeploy(client, rich.address, deployment);
    await submitAndWait(client, signPlan(plan, secret));
    return plan.contractId;
  };
  const forward = await deploy(codeOf(FORWARD));
  const actor = await deploy(codeOf(ACTOR));
  return {
    node,
    client,
    forward,
    actor,
    async run(act) {
      const chain = await getChainInfo(client);
      const params = new Uint8Array(16);
      writeU64(params, 8, act);
      const args = concatBytes(hexToBytes(actor), params);
      const start = scriptTx(callScript([{ contractId: forward, method: 'forward', args }], chain));
      const how = { chain, from: rich.address, spends: [], reserveGas: 10_000n };
      const plan = await assemblePlan(client, start, how);
      await submitAndWait(client, signPlan(plan, secret));
      return plan.id;
    },
    get: (path) => ask(node, 'GET', path, ''),
    post: (body) => ask(node, 'POST', '/trace', JSON.stringify(body)),
  };
}

async function ask(
  node: Node,
  method: string,
  path: string,
  body: string,
): Promise<{ status: number; body: any }> {
  const answer = await node.api.handle({ path, method, headers: {}, body });
  return { status: answer.status, body: JSON.parse((answer.body as string) || 'null') };
}

function scriptTx(program: { script: Uint8Array; scriptData: Uint8Array }): ScriptTx {
  return {
    type: 'script',
    scriptGasLimit: 0n,
    receiptsRoot: ZERO_B256,
    ...program,
    policies: { maxFee: 0n },
    inputs: [],
    outputs: [],
    witnesses: [],
  };
}
