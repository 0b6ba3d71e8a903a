import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { addVmCommand } from '../../../cli/commands/vm.ts';

const LOOP = '7240000a50451001594100017340000124040000';
const ID = `0x${'07'.repeat(32)}`;

async function run(...args: readonly string[]): Promise<string> {
  let text = '';
  const program = new Command().exitOverride();
  addVmCommand(program, (part) => {
    text += part;
  });
  await program.parseAsync(['vm', ...args], { from: 'user' });
  return text;
}

test('vm profile reads bytecode from the command line and from files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'profile-'));
  try {
    const expected = /^32 instructions, \d+ gas, ended with return$/m;
    assert.match(await run('profile', LOOP), expected);
    assert.match(await run('profile', `0x${LOOP}`), expected);
    writeFileSync(join(folder, 'script.bin'), Buffer.from(LOOP, 'hex'));
    assert.match(await run('profile', join(folder, 'script.bin')), expected);
    writeFileSync(join(folder, 'script.hex'), `${LOOP}\n`);
    assert.match(await run('profile', join(folder, 'script.hex')), expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('vm profile --json is one object; contracts come from files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'profile-'));
  try {
    const code = join(folder, 'contract.bin');
    // SRW of the slot at address 0, then RET of it.
    writeFileSync(code, Buffer.from('3aa6900024a80000', 'hex'));
    const slots = join(folder, 'slots.json');
    writeFileSync(slots, JSON.stringify([{ key: '00'.repeat(32), value: '05'.repeat(32) }]));
    const script = '6144000a504910302d44048a24040000';
    const data = ID + '00'.repeat(48);
    const flags = ['--data', data, '--contract', `${ID}=${code}`, '--slots', `${ID}=${slots}`];
    const answer = JSON.parse(await run('profile', script, ...flags, '--json')) as {
      readonly programs: readonly { readonly contract: string | null; readonly calls: number }[];
    };
    assert.equal(answer.programs.find(({ contract }) => contract === ID)?.calls, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('vm profile says what is wrong with its arguments', async () => {
  await assert.rejects(run('profile', 'no-such-file'), { code: 'CLI_FILE' });
  await assert.rejects(run('profile', LOOP, '--gas', 'much'), { code: 'CLI_FLAG' });
  await assert.rejects(run('profile', LOOP, '--contract', 'x=y'), { code: 'CLI_FLAG' });
});
