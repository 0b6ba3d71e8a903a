import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { createApi } from '../../../node/graphql/api.ts';
import { type HttpServer, startHttp } from '../../../node/http.ts';
import { readHead } from '../../../node/httpDirect.ts';
import { fakeServices } from '../../support/fakeServices.ts';

const BODY = '{"query":"{ health }"}';
const ANSWER = /\{"data":\{"health":true\},"extensions":\{[^}]*\}\}/g;
let server: HttpServer;

before(async () => {
  const api = createApi(fakeServices().services);
  // These clients close their side early: Node's server does not wait for slow answers then.
  await api.warmUp();
  server = await startHttp(api, { ip: '127.0.0.1', port: 0 });
});
after(() => server.close());

function head(more: readonly string[] = [], length: number = BODY.length): string {
  const lines = ['POST /v1/graphql HTTP/1.1', 'Host: x', 'Content-Type: application/json'];
  return `${[...lines, `Content-Length: ${length}`, ...more].join('\r\n')}\r\n\r\n`;
}

/** Everything that comes back for `parts`, sent one after the other, until the server closes. */
function talk(parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.ip, port: server.port, noDelay: true });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    const sendNext = (at: number): void => {
      if (at === parts.length) socket.end();
      else socket.write(parts[at] as string, () => setTimeout(() => sendNext(at + 1), 20));
    };
    sendNext(0);
  });
}
const answerCount = (text: string): number => text.match(ANSWER)?.length ?? 0;

test('whole requests, one after the other on one connection', async () => {
  const text = await talk([head() + BODY, head() + BODY, head() + BODY]);
  assert.equal(answerCount(text), 3);
  assert.match(text, /^HTTP\/1\.1 200 OK\r\ncontent-type: application\/json\r\n/);
  const date = /^Date: (.*)\r$/m.exec(text)?.[1] as string;
  assert.ok(Math.abs(Date.parse(date) - Date.now()) < 60_000, date);
});

test('parts, several at once, and chunks go on through the ordinary server', async () => {
  const chunked = head(['Transfer-Encoding: chunked']).replace(/Content-Length: .*\r\n/, '');
  const body = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
  const one = head() + BODY;
  const cases: [string, string[], number][] = [
    ['head, body', [head(), BODY], 1],
    ['body in halves', [head() + BODY.slice(0, 9), BODY.slice(9), one], 2],
    ['head in halves', [one.slice(0, 30), one.slice(30)], 1],
    ['two at once', [one + one], 2],
    ['whole, then three at once', [one, one + one + one], 4],
    ['whole, then chunked', [one, chunked + body, one], 3],
    ['asked to close', [head(['Connection: close']) + BODY], 1],
  ];
  for (const [name, parts, count] of cases)
    assert.equal(answerCount(await talk(parts)), count, name);
});

test('what comes before the answer waits for it', async () => {
  const socket = connect({ host: server.ip, port: server.port });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  for (let i = 0; i < 20; i += 1) socket.write(head() + BODY);
  socket.end();
  await new Promise((resolve) => socket.on('close', resolve));
  assert.equal(answerCount(text), 20);
});

test('a body that is not ASCII, and one that is too large', async () => {
  const query = JSON.stringify({ query: '{ größe }' });
  const text = await talk([head([], Buffer.byteLength(query)) + query]);
  assert.match(text, /Syntax Error/);
  assert.match(text, /content-length: \d+\r\n/);
  assert.match(await talk([head([], 2 ** 20 + 1)]), /^HTTP\/1\.1 413 /);
});

test('heads that Node shall read', () => {
  const good = head().trimEnd();
  assert.deepEqual(
    { ...readHead(good)?.headers },
    { host: 'x', 'content-type': 'application/json', 'content-length': `${BODY.length}` },
  );
  assert.equal(readHead(good.replace('graphql', 'graphql?x'))?.path, '/v1/graphql');
  const left: string[] = [
    good.replace('POST', 'GET'),
    good.replace('1.1', '1.0'),
    good.replace('Host: x\r\n', ''),
    good.replace(/Content-Length.*/, 'X: y'),
    good.replace(/Length: .*/, 'Length: -1'),
    `${good}\r\nContent-Length: 5`,
    `${good}\r\nContent-Length : 5`,
    `${good}\r\n folded`,
    `${good}\r\nA: \u0000`,
    `${good}\r\nA: b\nC: d`,
    `${good}\r\nExpect: 100-continue`,
    `${good}\r\nUpgrade: h2c`,
    `${good}\r\nConnection: close`,
    `${good}\r\nTransfer-Encoding: chunked`,
  ];
  for (const text of left) assert.equal(readHead(text), null, JSON.stringify(text));
});

test('closing ends idle connections', async () => {
  const other = await startHttp(createApi(fakeServices().services), { ip: '127.0.0.1', port: 0 });
  const socket = connect({ host: other.ip, port: other.port });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write(head() + BODY);
  await new Promise((resolve) => socket.once('data', resolve));
  await other.close();
  await closed;
});
