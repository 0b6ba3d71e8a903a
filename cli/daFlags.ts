/** From flags to the settings of posting and following; `run` and `da …` share it. */

import { resolve } from 'node:path';
import {
  DA_DEFAULTS,
  type DaLayerName,
  type DaLayerSettings,
  type DaResults,
  type DaSettings,
  LOCAL_POLICY,
  PAID_POLICY,
} from '../node/daSettings.ts';
import { CodedError } from '../primitives/errors.ts';
import type { B256, Hex } from '../primitives/types.ts';
import { parseB256 } from './flagValue.ts';

/** What is read of the flags; the class in `runConfig.ts` fits. */
type FlagReader = {
  text(name: string): string | null;
  list(name: string): readonly string[];
  big(name: string): bigint;
  num(name: string): number;
  ms(name: string): number | null;
};

const LAYERS: readonly DaLayerName[] = ['none', 'local', 'celestia', 'ethereum'];
const RESULTS: readonly DaResults[] = ['auto', 'carried', 'derived'];
const WEI_PER_GWEI = 1_000_000_000n;

function bad(flag: string, text: string | null, expected: string): CodedError {
  return new CodedError(
    'CLI_BAD_VALUE',
    `invalid value '${text ?? ''}' for '--${flag}': expected ${expected}`,
  );
}

function layerName(flag: string, text: string): DaLayerName {
  const layer = LAYERS.find((name) => name === text);
  if (layer === undefined) throw bad(flag, text, LAYERS.join(', '));
  return layer;
}

function urlOf(flags: FlagReader, flag: string, example: string): string {
  const text = flags.text(flag);
  if (text === null) {
    throw new CodedError('CLI_CONFLICT', `this DA layer needs --${flag}, such as ${example}`);
  }
  if (!URL.canParse(text)) throw bad(flag, text, `a URL such as ${example}`);
  return text;
}

function namespaceOf(flags: FlagReader): Hex | null {
  const text = flags.text('da-namespace');
  if (text === null) return null;
  const digits = text.replace(/^0x/i, '').toLowerCase();
  if (!/^[0-9a-f]{20}$/.test(digits)) throw bad('da-namespace', text, '20 hex digits');
  return `0x${digits}`;
}

function gasPriceOf(flags: FlagReader): number | null {
  const text = flags.text('da-gas-price');
  const price = Number(text);
  if (text === null) return null;
  if (!Number.isFinite(price) || price < 0) throw bad('da-gas-price', text, 'utia per gas: 0.004');
  return price;
}

function resultsOf(flags: FlagReader): DaResults {
  const text = flags.text('da-results') ?? 'auto';
  const results = RESULTS.find((each) => each === text);
  if (results === undefined) throw bad('da-results', text, RESULTS.join(', '));
  return results;
}

function secretOf(flags: FlagReader): B256 | null {
  const key = flags.text('da-key');
  return key === null ? null : parseB256('da-key', key);
}

function layerOf(type: DaLayerName, flags: FlagReader): DaLayerSettings {
  const path = flags.text('da-path');
  switch (type) {
    case 'none':
      return { type };
    case 'local':
      return { type, directory: path === null ? null : resolve(path) };
    case 'celestia': {
      const secret = secretOf(flags);
      const consensus = flags.text('da-consensus-url');
      if (consensus !== null && secret === null) {
        throw new CodedError(
          'CLI_CONFLICT',
          '--da-consensus-url needs the key that pays: --da-key',
        );
      }
      const consensusUrl = consensus === null ? null : urlOf(flags, 'da-consensus-url', '…:26657');
      return {
        type,
        url: urlOf(flags, 'da-url', 'http://127.0.0.1:26658'),
        token: flags.text('da-token'),
        namespace: namespaceOf(flags),
        gasPrice: gasPriceOf(flags),
        direct: consensusUrl === null || secret === null ? null : { consensusUrl, secret },
      };
    }
    case 'ethereum':
      return {
        type,
        url: urlOf(flags, 'da-url', 'http://127.0.0.1:8545'),
        beaconUrl: flags.text('da-beacon-url'),
        secret: secretOf(flags),
        confirmations:
          flags.text('da-confirmations') === null ? null : flags.num('da-confirmations'),
        maxFeeCapWei: flags.big('da-max-fee') * WEI_PER_GWEI,
        bumpAfterMs: 60_000,
      };
  }
}

/** @throws CodedError CLI_BAD_VALUE, CLI_CONFLICT */
export function daOf(flags: FlagReader): DaSettings {
  const followed = flags.text('follow-da');
  const name =
    followed === null
      ? layerName('da-layer', flags.text('da-layer') ?? 'local')
      : layerName('follow-da', followed);
  const policy = name === 'local' || name === 'none' ? LOCAL_POLICY : PAID_POLICY;
  const number = (flag: string, otherwise: number): number =>
    flags.text(flag) === null ? otherwise : flags.num(flag);
  const authorities = flags.list('da-authority').map((text) => parseB256('da-authority', text));
  return {
    layer: layerOf(name, flags),
    follow: followed !== null,
    policy: {
      ...policy,
      batchBytes: number('da-batch-bytes', policy.batchBytes),
      batchAgeMs: flags.ms('da-batch-age') ?? policy.batchAgeMs,
      behindAgeMs: flags.ms('da-behind') ?? policy.behindAgeMs,
      backlogBlocksMax: Math.max(1, number('da-backlog', policy.backlogBlocksMax)),
    },
    results: resultsOf(flags),
    authorities: authorities.length === 0 ? null : authorities,
    startHeight: flags.big('da-start-height'),
    followPollMs: flags.ms('da-poll') ?? DA_DEFAULTS.followPollMs,
  };
}
