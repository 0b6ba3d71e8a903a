/** The playground: a program, its run, and the machine at every step of it. */
import { bytesToHex, hexToBytes } from '../../../primitives/bytes.ts';
import { formatInstruction, REGISTER_NAMES } from '../../../vm/asm.ts';
import { assembleText } from '../../../vm/asmText.ts';
import { panicName } from '../../../vm/panic.ts';
import { bytesText, grouped, plural } from '../format.ts';
import { byId, type Child, el, say } from './dom.ts';
import { badge, facts } from './parts.ts';
import { bytesDump } from './playground/dump.ts';
import { EXAMPLES } from './playground/examples.ts';
import {
  type Moment,
  momentAt,
  type Program,
  type Run,
  receiptText,
  run,
  STEPS_MAX,
  type Window,
} from './playground/session.ts';

const FIRST_WRITABLE = 16;
const MEMORY_BYTES = 512;
/** Lines of code that are shown around the present one. */
const CODE_LINES = 60;

type Assembled = { readonly code: Uint8Array; readonly lines: readonly number[] };
type Shown = { program: Program; lines: readonly number[]; ran: Run; step: number };

let shown: Shown | null = null;
let before: Moment | null = null;

const input = (id: string): HTMLInputElement => byId<HTMLInputElement>(id);
const choice = (id: string): HTMLSelectElement => byId<HTMLSelectElement>(id);

function bytesIn(text: string, what: string): Uint8Array {
  const digits = text.replace(/\s+/g, '').replace(/^0x/, '').toLowerCase();
  if (digits.length % 2 === 1 || /[^0-9a-f]/.test(digits)) {
    throw new Error(`${what} is not hex: an even number of digits 0-9 and a-f`);
  }
  return hexToBytes(`0x${digits}`);
}

function assembled(): Assembled {
  const source = byId<HTMLTextAreaElement>('source').value;
  if (choice('form').value === 'assembly') return assembleText(source);
  const code = bytesIn(source, 'the bytecode');
  if (code.length % 4 !== 0) throw new Error('bytecode is a multiple of 4 bytes');
  return { code, lines: [] };
}

function gasLimit(): bigint {
  const text = input('gas').value.trim();
  if (!/^\d{1,9}$/.test(text)) throw new Error('the gas limit is a number up to 999999999');
  return BigInt(text);
}

function outcomeOf({ steps, result }: Run, limit: bigint): Child[] {
  if (result === null) {
    return [badge(`cut after ${grouped(STEPS_MAX)} instructions: does it end?`, 'bad')];
  }
  const last = result.receipts.find((each) => each.type === 'panic');
  const state = result.programState;
  const how: Child =
    last?.type === 'panic'
      ? badge(`panic: ${panicName(last.reason)} at ${formatInstruction(last.instruction)}`, 'bad')
      : state.type === 'revert'
        ? badge(`reverted with ${state.value}`, 'bad')
        : badge(state.type === 'return' ? `returned ${state.value}` : 'returned data', 'good');
  const receipts = result.receipts.map((each) => el('li', { class: 'id' }, receiptText(each)));
  return [
    facts([
      ['End', how],
      ['Instructions', grouped(steps)],
      ['Gas', `${grouped(result.gasUsed)} of ${grouped(limit)}`],
    ]),
    el('h3', {}, plural(receipts.length, 'receipt')),
    el('ol', { id: 'receipts' }, receipts),
  ];
}

function start(): void {
  const fault = byId('fault');
  fault.textContent = '';
  try {
    const { code, lines } = assembled();
    const program = { code, data: bytesIn(input('data').value, 'the data'), gasLimit: gasLimit() };
    const ran = run(program);
    shown = { program, lines, ran, step: 0 };
    byId('outcome').replaceChildren(
      ...(outcomeOf(ran, program.gasLimit) as Node[]),
      el('p', { class: 'soft' }, `${bytesText(code.length)} of code`),
    );
    byId('stepper').hidden = false;
    input('slider').max = String(ran.steps);
    before = null;
    goTo(ran.steps);
  } catch (error) {
    shown = null;
    byId('stepper').hidden = true;
    fault.textContent = (error as Error).message;
  }
}

function windowOf(): Window {
  const from = choice('from').value;
  input('address').disabled = from !== 'address';
  const text = input('address').value.trim();
  const address = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : 0;
  const chosen = from === 'address' ? address : (from as 'stack' | 'heap' | 'script');
  return { from: chosen, length: MEMORY_BYTES };
}

function registerRow(moment: Moment, i: number): HTMLElement {
  const value = moment.registers[i] ?? 0n;
  const isChanged = before !== null && before.registers[i] !== value;
  const name = `$${REGISTER_NAMES[i] ?? i}`;
  return el(
    'div',
    { class: isChanged ? 'changed' : null },
    el('dt', {}, name),
    el('dd', { title: `0x${value.toString(16)}` }, grouped(value)),
  );
}

function drawRegisters(moment: Moment): void {
  const system = Array.from({ length: FIRST_WRITABLE }, (_, i) => i);
  const own = moment.registers.flatMap((value, i) =>
    i >= FIRST_WRITABLE && (value !== 0n || (before?.registers[i] ?? 0n) !== 0n) ? [i] : [],
  );
  const list = (indexes: readonly number[]): HTMLElement =>
    el(
      'dl',
      { class: 'registers' },
      indexes.map((i) => registerRow(moment, i)),
    );
  const rest = el('p', { class: 'soft' }, 'All other registers are 0.');
  byId('registers').replaceChildren(list(system), own.length > 0 ? list(own) : '', rest);
}

function drawCode(at: Shown, moment: Moment): void {
  const { code } = at.program;
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  const here = Math.floor(moment.offset / 4);
  const first = Math.max(0, Math.min(here - CODE_LINES / 2, code.length / 4 - CODE_LINES));
  const rows: HTMLElement[] = [];
  for (let i = first; i < Math.min(code.length / 4, first + CODE_LINES); i++) {
    const isHere = i === here && moment.next !== null;
    const line = at.lines[i];
    rows.push(
      el(
        'li',
        { 'aria-current': isHere ? 'step' : null },
        el('span', { class: 'soft' }, `${(i * 4).toString(16).padStart(4, '0')} `),
        formatInstruction(view.getUint32(i * 4)),
        line !== undefined && el('span', { class: 'soft' }, `  line ${line}`),
      ),
    );
  }
  byId('code').replaceChildren(el('ol', {}, rows));
  const current = byId('code').querySelector<HTMLElement>('[aria-current]');
  if (current !== null) byId('code').scrollTop = current.offsetTop - 120;
}

function goTo(step: number): void {
  if (shown === null) return;
  const to = Math.max(0, Math.min(step, shown.ran.steps));
  const moment = momentAt(shown.program, to, windowOf());
  if (moment === null) return;
  shown.step = to;
  input('slider').value = String(to);
  const next = moment.next === null ? 'at the end' : `next: ${moment.next}`;
  byId('where').textContent = `${grouped(to)} of ${grouped(shown.ran.steps)}, ${next}`;
  drawCode(shown, moment);
  drawRegisters(moment);
  byId('memory').textContent = bytesDump(moment.memory.address, moment.memory.bytes);
  byId<HTMLButtonElement>('back').disabled = to === 0;
  byId<HTMLButtonElement>('next').disabled = to === shown.ran.steps;
  before = moment;
}

async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied ${what}`);
  } catch {
    byId('fault').textContent = 'This page may not use the clipboard here.';
  }
}

function linkTo(): string {
  const fields = new URLSearchParams({
    [choice('form').value]: byId<HTMLTextAreaElement>('source').value,
  });
  if (input('data').value !== '') fields.set('data', input('data').value);
  return `${location.origin}${location.pathname}#${fields}`;
}

/** A link carries the program behind the hash, which no server sees. */
function readLink(): boolean {
  const fields = new URLSearchParams(location.hash.slice(1));
  for (const form of ['assembly', 'bytecode']) {
    const source = fields.get(form);
    if (source === null) continue;
    choice('form').value = form;
    byId<HTMLTextAreaElement>('source').value = source;
    input('data').value = fields.get('data') ?? '';
    return true;
  }
  return false;
}

function onKey(event: KeyboardEvent): void {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    start();
    return;
  }
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test((event.target as Element).tagName);
  if (isTyping || shown === null || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'n') goTo(shown.step + 1);
  if (event.key === 'p') goTo(shown.step - 1);
}

function listen(): void {
  const examples = choice('example');
  for (const name of Object.keys(EXAMPLES)) examples.append(el('option', { value: name }, name));
  const show = (): void => {
    choice('form').value = 'assembly';
    byId<HTMLTextAreaElement>('source').value = EXAMPLES[examples.value] ?? '';
  };
  examples.addEventListener('change', show);
  if (!readLink()) show();
  const steps: Readonly<Record<string, (at: Shown) => number>> = {
    first: () => 0,
    back: (at) => at.step - 1,
    next: (at) => at.step + 1,
    last: (at) => at.ran.steps,
  };
  for (const [id, target] of Object.entries(steps)) {
    byId(id).addEventListener('click', () => shown !== null && goTo(target(shown)));
  }
  byId('run').addEventListener('click', start);
  byId('link').addEventListener('click', () => void copy(linkTo(), 'the link'));
  byId('hex').addEventListener('click', () => {
    try {
      void copy(bytesToHex(assembled().code), 'the bytecode');
    } catch (error) {
      byId('fault').textContent = (error as Error).message;
    }
  });
  input('slider').addEventListener('input', () => goTo(Number(input('slider').value)));
  for (const id of ['from', 'address']) {
    byId(id).addEventListener('change', () => shown !== null && goTo(shown.step));
  }
  // What scrolls can be reached by keyboard.
  for (const id of ['code', 'memory']) byId(id).tabIndex = 0;
  windowOf();
  document.addEventListener('keydown', onKey);
  byId('start').addEventListener('click', async () => {
    byId<HTMLButtonElement>('start').disabled = true;
    const { startNode } = await import('./playground/tabNode.ts');
    await startNode(byId('node'));
  });
}

listen();
