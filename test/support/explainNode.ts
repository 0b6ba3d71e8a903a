/** A node in this process that runs a workload and is asked for explanations. */
import { type Workload, type WorkloadName, workload } from '../../bench/workloads/index.ts';
import { composeNode, type Node } from '../../node/compose.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import { SILENT_LOG } from '../../node/log.ts';

export type ExplainNode = {
  readonly node: Node;
  readonly made: Workload;
  /** Submits transactions first … last and makes a block of them. @returns its height */
  block(first: number, last: number): Promise<number>;
  /** Status and parsed body. */
  get(path: string): Promise<{ status: number; body: any }>;
  post(path: string, body: unknown): Promise<{ status: number; body: any }>;
};

export async function explainNode(
  name: WorkloadName,
  options: Parameters<typeof workload>[1],
  over: Parameters<typeof embeddedConfig>[0] = {},
): Promise<ExplainNode> {
  const made = workload(name, options);
  const config = embeddedConfig({ trigger: { type: 'never' }, workerCount: 0, ...over });
  const { chainConfig, stateConfig } = made.chain();
  const node = await composeNode(config, {
    log: SILENT_LOG,
    snapshot: { chainConfig, stateConfig },
  });
  await node.start();
  const ask = async (
    method: string,
    path: string,
    body: string,
  ): Promise<{ status: number; body: any }> => {
    const answer = await node.api.handle({ path, method, headers: {}, body });
    return { status: answer.status, body: JSON.parse((answer.body as string) || 'null') };
  };
  return {
    node,
    made,
    async block(first, last) {
      for (const { raw } of made.txs.slice(first, last + 1)) await node.services.txs.submit(raw);
      return await node.services.blocks.produceBlocks(1, null);
    },
    get: (path) => ask('GET', path, ''),
    post: (path, body) => ask('POST', path, JSON.stringify(body)),
  };
}
