/** A GraphQL client over a bounded number of keep-alive connections. */
import { Agent, request } from 'node:http';

export const SUBMIT = 'mutation($tx:HexString!){submit(tx:$tx){id}}';

export class Client {
  private readonly url: URL;
  private readonly agent: Agent;

  constructor(url: string, connections: number) {
    this.url = new URL(url);
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Text of the answer. */
  post(query: string, variables: object): Promise<string> {
    const body = JSON.stringify({ query, variables });
    const { hostname, port, pathname: path } = this.url;
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const options = { agent: this.agent, hostname, port, path, method: 'POST', headers };
    return new Promise((resolve, reject) => {
      const sent = request(options, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve(text));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async ask(query: string, variables: object = {}): Promise<Record<string, any>> {
    return (JSON.parse(await this.post(query, variables)) as { data: Record<string, any> }).data;
  }

  async height(): Promise<number> {
    return Number((await this.ask('{chain{latestBlock{height}}}'))['chain'].latestBlock.height);
  }

  async txCount(height: number): Promise<number> {
    const query = 'query($h:U32!){block(height:$h){header{transactionsCount}}}';
    const { block } = await this.ask(query, { h: String(height) });
    // The mint is not ours.
    return Number(block.header.transactionsCount) - 1;
  }

  close(): void {
    this.agent.destroy();
  }
}
