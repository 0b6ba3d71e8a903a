/** Inputs and outputs in words. */

import { grouped, hexBytes } from '../../format.ts';
import { type Child, el } from '../dom.ts';
import { amountOf, bytes, chain, idLink, link, tableOr } from '../parts.ts';
import { codeOf } from './code.ts';
import type { Input, Output } from './transactionQuery.ts';

/** The transaction that made a coin is the first part of its id. */
function utxo(utxoId: string): Child {
  const index = Number.parseInt(utxoId.slice(66), 16);
  return [
    link(`tx/${utxoId.slice(0, 66)}`, `${utxoId.slice(0, 10)}…`, utxoId),
    ` output ${Number.isNaN(index) ? '0' : index}`,
  ];
}

function unlocked(input: Input): Child {
  if (input.predicate === undefined || hexBytes(input.predicate) === 0) return 'signature';
  return [
    `predicate, ${grouped(input.predicateGasUsed ?? '0')} gas`,
    codeOf(input.predicate, 'predicate'),
    hexBytes(input.predicateData ?? '0x') > 0 && [
      'data ',
      bytes(input.predicateData ?? '0x', 'predicate data'),
    ],
  ];
}

function inputRow(input: Input, index: number): Child[] {
  const at = String(index);
  switch (input.type) {
    case 'InputCoin':
      return [
        at,
        'coin',
        idLink('account', input.owner ?? ''),
        amountOf(input.amount ?? '0', input.assetId ?? ''),
        ['from ', utxo(input.utxoId ?? ''), ', by ', unlocked(input)],
      ];
    case 'InputContract':
      return [at, 'contract', idLink('contract', input.contractId ?? ''), '', 'may be called'];
    case 'InputMessage':
      return [
        at,
        'message',
        idLink('account', input.recipient ?? ''),
        amountOf(input.amount ?? '0', chain.base),
        [
          idLink('message', input.nonce ?? ''),
          ' from ',
          el('span', { class: 'id', title: input.sender }, (input.sender ?? '').slice(0, 10), '…'),
          ', by ',
          unlocked(input),
        ],
      ];
  }
}

export function inputsTable(inputs: readonly Input[]): HTMLElement {
  const head = ['#Index', 'Kind', 'Whose', 'Amount', 'How'];
  return tableOr('None.', 'Inputs', head, inputs.map(inputRow));
}

function outputRow(output: Output, index: number): Child[] {
  const at = String(index);
  const paid = (kind: string): Child[] => [
    at,
    kind,
    idLink('account', output.to ?? ''),
    amountOf(output.amount ?? '0', output.assetId ?? ''),
  ];
  switch (output.type) {
    case 'CoinOutput':
      return paid('coin');
    case 'ChangeOutput':
      return paid('change');
    case 'VariableOutput':
      if (BigInt(output.amount ?? '0') === 0n) return [at, 'variable, unused', '', ''];
      return paid('variable');
    case 'ContractOutput':
      return [at, 'contract', `after input ${output.inputIndex ?? 0}`, ''];
    case 'ContractCreated':
      return [at, 'new contract', idLink('contract', output.contract ?? ''), ''];
  }
}

export function outputsTable(outputs: readonly Output[]): HTMLElement {
  return tableOr('None.', 'Outputs', ['#Index', 'Kind', 'To', 'Amount'], outputs.map(outputRow));
}
