/** The call tree of a transaction, as the node's tracer answers it. */
import type {
  CallTree,
  TraceCall,
  TraceEnd,
  TraceEvent,
  TraceGas,
  TracePredicate,
} from '../../../trace/types.ts';
import { grouped } from '../../format.ts';
import { type Child, el } from '../dom.ts';
import { amountOf, badge, bytes, card, chain, idLink, soft, tableOr } from '../parts.ts';

export type { CallTree };

/** Deeper calls are folded at first. */
const OPEN_DEPTH = 3;
const OPCODES_SHOWN = 8;
const PREDICATE_HEAD = [
  '#Input',
  'Owner',
  'Outcome',
  '#Gas',
  '#Instructions',
  'Dearest instructions',
];

function endOf(end: TraceEnd): Child {
  switch (end.type) {
    case 'return':
      return badge(`returns ${grouped(end.value)}`, 'good');
    case 'returnData':
      return [badge('returns', 'good'), ' ', bytes(end.data, 'returned data')];
    case 'revert':
      return badge(`reverts with ${end.value} at byte ${end.offset}`, 'bad');
    case 'panic':
      return [
        badge(`${end.reason} at byte ${end.offset}: ${end.instruction}`, 'bad'),
        end.contract !== null && [' not declared: ', idLink('contract', end.contract)],
      ];
    case 'unfinished':
      return badge('not finished: something below it failed', 'bad');
  }
}

function eventText(event: TraceEvent): Child {
  switch (event.type) {
    case 'log':
      return `logs ${event.values.map(grouped).join(', ')}`;
    case 'logData':
      return [`logs under ${event.logId}: `, bytes(event.data, 'logged data')];
    case 'transfer':
      return [
        'pays ',
        amountOf(event.amount, event.assetId),
        ' to ',
        idLink(event.isContract ? 'contract' : 'account', event.to),
      ];
    case 'message':
      return ['sends ', amountOf(event.amount, chain.base), ' to Ethereum'];
    default:
      return event.type;
  }
}

function callNode(call: TraceCall, depth: number): HTMLElement {
  const name: Child =
    call.contract === null
      ? 'script'
      : [idLink('contract', call.contract), `.${call.method ?? '?'}`];
  const coins = call.assetId !== null &&
    call.amount !== '0' && [' with ', amountOf(call.amount, call.assetId)];
  const gas =
    call.gasUsed !== null && el('span', { class: 'soft' }, ` ${grouped(call.gasUsed)} gas`);
  const steps = call.steps.map((step) =>
    el('li', {}, step.type === 'call' ? callNode(step, depth + 1) : eventText(step)),
  );
  const hidden = call.hiddenCalls > 0 && soft(`${call.hiddenCalls} deeper calls are not shown.`);
  return el(
    'details',
    { class: 'call', open: depth < OPEN_DEPTH },
    el('summary', {}, name, coins, gas, ' ', endOf(call.end)),
    steps.length > 0 && el('ul', {}, steps),
    hidden,
  );
}

const dearest = (opcodes: TraceGas['opcodes']): string =>
  opcodes
    .slice(0, OPCODES_SHOWN)
    .map((each) => `${each.name} ${grouped(each.gas)}`)
    .join(', ');

function gasRow(row: TraceGas): Child[] {
  return [
    row.contract === null ? 'script' : idLink('contract', row.contract),
    row.method ?? '',
    grouped(row.calls),
    grouped(row.gas),
    el('span', { class: 'soft' }, dearest(row.opcodes)),
  ];
}

function changes(tree: CallTree): Child {
  const value = (hex: string | null): Child => (hex === null ? 'not set' : bytes(hex, 'value'));
  const slots = tree.slots.map((slot): Child[] => [
    idLink('contract', slot.contract),
    el('span', { class: 'id' }, slot.key),
    value(slot.before),
    value(slot.after),
  ]);
  const balances = tree.balances.map((each): Child[] => [
    idLink('contract', each.contract),
    idLink('asset', each.assetId),
    grouped(each.before ?? '0'),
    grouped(each.after ?? '0'),
  ]);
  return [
    slots.length > 0 && [
      el('h3', {}, 'Slots that changed'),
      tableOr('', 'Slots', ['Contract', 'Key', 'Before', 'After'], slots),
    ],
    balances.length > 0 && [
      el('h3', {}, 'Balances that changed'),
      tableOr('', 'Balances', ['Contract', 'Asset', '#Before', '#After'], balances),
    ],
  ];
}

function predicateRow(predicate: TracePredicate): Child[] {
  const { input, owner, refused, gasUsed, instructions, opcodes } = predicate;
  return [
    String(input),
    idLink('account', owner),
    refused === null ? badge('passed', 'good') : badge(refused, 'bad'),
    grouped(gasUsed),
    instructions === null ? '' : grouped(instructions),
    el('span', { class: 'soft' }, dearest(opcodes)),
  ];
}

/** null: nothing was called, so the receipts say it all. */
export function callTree(tree: CallTree): HTMLElement | null {
  if (tree.call === null && tree.predicates.length === 0) return null;
  const head = ['Contract', 'Method', '#Calls', '#Gas', 'Dearest instructions'];
  const code = tree.code.map(
    ({ offset, text }) => `${offset.toString(16).padStart(5, '0')}  ${text}`,
  );
  return card(
    'Trace',
    tree.whyReceipts !== null && soft(`Pieced together from receipts: ${tree.whyReceipts}`),
    tree.predicates.length > 0 && [
      el('h3', {}, 'Predicates'),
      tableOr('', 'Predicates', PREDICATE_HEAD, tree.predicates.map(predicateRow)),
    ],
    tree.call !== null && [
      tree.predicates.length > 0 && el('h3', {}, 'Calls'),
      callNode(tree.call, 0),
    ],
    code.length > 0 && [
      el('h3', {}, 'Where it ended'),
      el('pre', { class: 'listing', tabindex: 0, 'aria-label': 'code' }, code.join('\n')),
    ],
    changes(tree),
    tree.gas.length > 0 && [el('h3', {}, 'Gas'), tableOr('', 'Gas', head, tree.gas.map(gasRow))],
  );
}
