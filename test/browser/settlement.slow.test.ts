/**
 * The explorer's page about Ethereum over the real thing: nodes on anvil, one behind Fuel's bridge,
 * one behind the project's contracts with a batch that was convicted.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Address, bn } from 'fuels';
import type { Browser, Page } from 'playwright-core';
import { type Hex, parseEther } from 'viem';
import { startHttp } from '../../node/http.ts';
import { batchOf, blockProof, commitArguments } from '../../settlement/index.ts';
import { anvilPath } from '../support/anvil.ts';
import { FINAL_AFTER_S, openWorld, settle, takeIn, USER } from '../support/bridgeWorld.ts';
import {
  barriers,
  launchBrowser,
  NO_BROWSER,
  overflow,
  visit,
  watchedPage,
  weakTexts,
} from '../support/browser.ts';
import { randomOf } from '../support/chainMaker.ts';
import { claimOf, commitOf } from '../support/claim.ts';
import { PORTAL } from '../support/fuelBridge.ts';
import { BOND, CHALLENGER, grow, OPERATOR, openRollup, SILENCE_S } from '../support/rollup.ts';
import { SETTLEMENT } from '../support/settlementContracts.ts';
import { until } from '../support/until.ts';

const TARGET: Hex = '0x00000000000000000000000000000000000dead8';
/** A folder for pictures of the pages. */
const PICTURES = process.env['FUELRAIL_PICTURES'];

/** What is undone at the end, last first. */
class Later {
  readonly #tasks: (() => unknown)[] = [];
  after = (task?: () => unknown): void => {
    if (task !== undefined) this.#tasks.push(task);
  };
  async run(): Promise<void> {
    for (const task of this.#tasks.reverse()) await task();
  }
}

describe('settlement in the explorer', { skip: NO_BROWSER || anvilPath() === null }, () => {
  let browser: Browser;
  const later = new Later();
  before(async () => {
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await later.run();
  });

  /** Opens the page and looks at it in both lights and widths. */
  async function look(origin: string, name: string, isReady: RegExp): Promise<string> {
    const { page, complaints } = await watchedPage(browser, origin);
    for (const [colorScheme, width] of [
      ['light', 390],
      ['dark', 1200],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await until(`${name} shows ${isReady}`, async () => {
        await visit(page, `${origin}/explorer/settlement`);
        return isReady.test(await textOf(page));
      });
      assert.deepEqual(await weakTexts(page), [], `${colorScheme} ${name}`);
      assert.deepEqual(await barriers(page), []);
      assert.ok((await overflow(page)) <= 0, `${name} is ${await overflow(page)} px too wide`);
      if (PICTURES === undefined) continue;
      await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}.png`), fullPage: true });
    }
    assert.deepEqual(complaints, []);
    return await textOf(page);
  }

  const textOf = async (page: Page): Promise<string> =>
    ((await page.locator('main').textContent()) ?? '').replace(/\s+/g, ' ');

  it("Fuel's bridge: a deposit that was spent, one that waits, a withdrawal that was paid", async () => {
    const world = await openWorld(later as never);
    const { anvil, bridge, provider, node, rich } = world;
    const send = (to: string, ether: string): Promise<unknown> =>
      anvil.send('in', USER, bridge.portal, PORTAL, 'depositETH', [to], parseEther(ether));
    await send(rich.address.toB256(), '1');
    await takeIn(world);
    const target = Address.fromEvmAddress(TARGET);
    const sent = await rich.withdrawToBaseLayer(target, bn(250_000_000));
    await sent.waitForResult();
    await settle(world);
    const where = await commitOf(node, sent.id, anvil.url, bridge.chainState);
    assert.ok(where.type === 'committed');
    await anvil.pass(FINAL_AFTER_S + 1);
    const claim = await claimOf(node, sent.id, where.rootHeight);
    await anvil.send('claim', USER, bridge.portal, PORTAL, 'relayMessage', claim);
    await send(rich.address.toB256(), '0.5');
    const origin = provider.url.replace(/\/v1\/graphql$/, '');
    const text = await look(origin, 'fuel', /paid/);
    assert.match(text, /ContractsFuel's bridge/);
    assert.match(text, /Committed up to block10/);
    assert.match(text, /0\.25 base asset.*paid/);
    assert.match(text, /1 base asset.*spent/);
  });

  it("the project's contracts: batches, deposits, a conviction", async () => {
    const rollup = await openRollup(later as never, randomOf(3), 4);
    const { anvil, node, settlement } = rollup;
    await grow(rollup);
    const committed = (): number => node.services.committer.progress()?.committed?.height ?? 0;
    while (committed() < 8) {
      await anvil.test.mine({ blocks: 1 });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await rollup.block(3);
    await convicted();
    const http = await startHttp(node.api, { ip: '127.0.0.1', port: 0 });
    later.after(() => http.close());
    const text = await look(
      `http://${http.ip}:${http.port}`,
      'own',
      /^(?!.*no block of this chain).*wrong end/,
    );
    assert.match(text, /ContractsFuelrail's, with disputes/);
    assert.match(text, /15 to 80x.*final/);
    assert.match(text, /0\.000001 base asset.*spent/);

    /** Somebody else goes on with a lie after the operator's silence. */
    async function convicted(): Promise<void> {
      await anvil.pass(SILENCE_S + 1);
      const blocks = await rollup.committable();
      const from = committed();
      const rest = blocks.slice(from);
      assert.ok(rest.length > 0, 'blocks are left for a batch');
      const batch = batchOf(rest);
      const parent = blocks[from - 1]!.header.id;
      const [before, height, root, , ...more] = commitArguments(batch, parent, Uint8Array.of(2));
      const args = [before, height, root, parent, ...more];
      const by = OPERATOR + 2;
      await anvil.send('lie', by, settlement, SETTLEMENT, 'commitBatch', args, BOND);
      const count = await anvil.read<bigint>(settlement, SETTLEMENT, 'batchCount');
      const proof = blockProof(count - 1n, batch, rest.length - 1);
      await anvil.send('convict', CHALLENGER, settlement, SETTLEMENT, 'wrongEnd', [proof]);
    }
  });
});
