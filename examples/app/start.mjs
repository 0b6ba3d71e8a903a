/**
 * The whole application: a chain, the contract on it, a page. `npm start`, then open the address
 * that it prints. Nothing outlives the process.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createNode } from 'fuelrail';
import { Provider, Wallet } from 'fuels';
import { deployCounter } from './counter.mjs';

const page = readFileSync(new URL('./page.html', import.meta.url));

/** @param port of the page; 0: any free one. @returns its address, and what ends everything */
export async function startApp({ port = 3000 } = {}) {
  const node = await createNode({ dev: true });
  const provider = new Provider(node.url, { fetch: node.fetch });
  const wallet = Wallet.fromPrivateKey(node.accounts[0].secret, provider);
  const counter = await deployCounter(wallet);

  const routes = {
    'GET /': () => ({ type: 'text/html; charset=utf-8', body: page }),
    'GET /count': async () => {
      const { value } = await counter.functions.count().get();
      return { type: 'application/json', body: JSON.stringify({ count: String(value) }) };
    },
    'POST /increment': async () => {
      const call = await counter.functions.increment(1).call();
      const { value, transactionId } = await call.waitForResult();
      const answer = { count: String(value), transaction: transactionId };
      return { type: 'application/json', body: JSON.stringify(answer) };
    },
  };
  const server = createServer(async (request, response) => {
    const route = routes[`${request.method} ${request.url}`];
    if (route === undefined) return response.writeHead(404).end();
    try {
      const { type, body } = await route();
      response.writeHead(200, { 'content-type': type }).end(body);
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    }
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    node,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await node.close();
    },
  };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const app = await startApp({ port: Number(process.env.PORT ?? 3000) });
  console.log(`ready: ${app.url}`);
  process.once('SIGINT', () => app.close());
  process.once('SIGTERM', () => app.close());
}
