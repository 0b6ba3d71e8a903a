import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { createApi } from '../../../node/graphql/api.ts';
import { type HttpServer, startHttp } from '../../../node/http.ts';
import { fakeServices } from '../../support/fakeServices.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
let server: HttpServer;
let url: string;

before(async () => {
  server = await startHttp(createApi(fakeServices().services), { ip: '127.0.0.1', port: 0 });
  url = `http://${server.ip}:${server.port}`;
});
after(() => server.close());

test('status codes and CORS', async () => {
  const body = '{"query":"{ health }"}';
  const cases: [string, RequestInit, number][] = [
    ['/v1/graphql', { method: 'POST', headers: JSON_TYPE, body }, 200],
    ['/v1/graphql', { method: 'POST', body }, 415],
    ['/v1/graphql', { method: 'POST', headers: JSON_TYPE, body: '{' }, 400],
    ['/v1/graphql', { method: 'POST', headers: JSON_TYPE, body: '[]' }, 422],
    ['/v1/graphql', { method: 'POST', headers: JSON_TYPE, body: '{"variables":3}' }, 422],
    ['/v1/graphql', { method: 'POST', headers: JSON_TYPE, body: 'x'.repeat(2 ** 20 + 1) }, 413],
    ['/v1/graphql', {}, 405],
    ['/v1/graphql', { method: 'OPTIONS' }, 200],
    ['/v1/graphql-sub', { method: 'OPTIONS' }, 200],
    ['/v1/graphql-sub', {}, 405],
    ['/v1/graphql-sub', { method: 'POST', body }, 415],
    ['/v1/health', {}, 200],
    ['/health?x=1', {}, 200],
    ['/v1/ready', {}, 200],
    ['/v1/metrics', {}, 200],
    ['/v1/playground', { method: 'HEAD' }, 200],
    ['/nothing', {}, 404],
  ];
  for (const [path, init, status] of cases) {
    const response = await fetch(url + path, init);
    await response.arrayBuffer();
    const name = `${init.method ?? 'GET'} ${path}`;
    assert.equal(response.status, status, name);
    assert.equal(response.headers.get('access-control-allow-origin'), '*', name);
    assert.equal(response.headers.get('access-control-allow-headers'), '*', name);
  }
});

test('health, metrics and playground', async () => {
  assert.equal(await (await fetch(`${url}/health`)).text(), '{"up":true}');
  const metrics = await (await fetch(`${url}/v1/metrics`)).text();
  assert.match(metrics, /^chain_height_blocks 0$/m);
  assert.match(metrics, /^graphql_request_total\{operation="health"\} \d+$/m);
  const page = await (await fetch(`${url}/v1/playground`)).text();
  assert.doesNotMatch(page, /https?:\/\//, 'the page needs nothing from elsewhere');
});

test('a stream begins at once and ends when the client goes', async () => {
  const query = 'subscription { statusChange(id: "0x01") { __typename } }';
  const abort = new AbortController();
  const response = await fetch(`${url}/v1/graphql-sub`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ query }),
    signal: abort.signal,
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  abort.abort();
  const other = await fetch(`${url}/v1/graphql-sub`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: '{"query":"{ health }"}',
  });
  assert.match(await other.text(), /^data:\{"data":\{"health":true\},"extensions":\{.*\}\}\n\n$/);
});

test('a taken port is named', async () => {
  const api = createApi(fakeServices().services);
  await assert.rejects(startHttp(api, { ip: '127.0.0.1', port: server.port }), {
    code: 'PORT_IN_USE',
  });
});

test('a request that takes too long is given up', async () => {
  const fake = fakeServices();
  const graphql = { ...fake.services.config.graphql, requestTimeoutMs: 20 };
  const config = { ...fake.services.config, graphql };
  const slow = createApi({ ...fake.services, config });
  fake.onSubmit = () => new Promise(() => {});
  const other = await startHttp(slow, { ip: '127.0.0.1', port: 0 });
  const tx = `0x${'00'.repeat(200)}`;
  const status = await new Promise((resolve) => {
    const sent = request(
      { host: other.ip, port: other.port, path: '/v1/graphql', method: 'POST', headers: JSON_TYPE },
      (response) => resolve(response.statusCode),
    );
    sent.end(JSON.stringify({ query: `mutation { submit(tx: "${tx}") { id } }` }));
  });
  assert.equal(status, 408);
  await other.close();
});
