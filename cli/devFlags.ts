/** From the flags of `run` to the settings of a fork. */
import { resolve } from 'node:path';
import type { NodeConfig } from '../node/config.ts';
import { CodedError } from '../primitives/errors.ts';

/** What is read of the flags; the class in `runConfig.ts` fits. */
type FlagReader = {
  switch(name: string): boolean;
  text(name: string): string | null;
  num(name: string): number;
};

/** Nothing without --fork. @throws CodedError CLI_CONFLICT, CLI_BAD_VALUE */
export function forkOf(flags: FlagReader, dev: boolean): Pick<NodeConfig, 'fork'> {
  const url = flags.text('fork');
  const cache = flags.text('fork-cache');
  const offline = flags.switch('fork-offline');
  const height = flags.text('fork-height') === null ? null : flags.num('fork-height');
  if (url === null) {
    if (cache === null && height === null && !offline) return {};
    throw new CodedError(
      'CLI_CONFLICT',
      '--fork-height, --fork-cache and --fork-offline need --fork',
    );
  }
  if (!dev) throw new CodedError('CLI_CONFLICT', '--fork needs --dev');
  if (flags.text('snapshot') !== null) {
    throw new CodedError('CLI_CONFLICT', 'choose one of --fork and --snapshot');
  }
  if (offline && cache === null) {
    throw new CodedError('CLI_CONFLICT', '--fork-offline reads --fork-cache: name that directory');
  }
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new CodedError(
      'CLI_BAD_VALUE',
      `invalid value '${url}' for '--fork': expected a URL such as https://mainnet.fuel.network/v1/graphql`,
    );
  }
  return { fork: { url, height, cacheDir: cache === null ? null : resolve(cache), offline } };
}
