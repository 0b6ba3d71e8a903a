/** Following Ethereum and committing to it, in numbers; absent where neither is done. */
import type { NodeServices } from './services.ts';

/** Registers one gauge. */
export type AddGauge = (name: string, help: string, read: () => number) => void;

/** A failure is counted as 1, for an alert on it. */
const failing = (text: string | null | undefined): number => (text == null ? 0 : 1);

export function settlementMetrics(add: AddGauge, { relayer, committer }: NodeServices): void {
  if (relayer.progress() !== null) {
    add('relayer_read_height_blocks', 'Newest Ethereum block that was read', () =>
      Number(relayer.progress()?.read ?? 0n),
    );
    add('relayer_finalized_height_blocks', 'Newest final one when last asked', () =>
      Number(relayer.progress()?.finalized ?? 0n),
    );
    add('relayer_failing', '1 while Ethereum cannot be followed', () =>
      failing(relayer.progress()?.failure),
    );
  }
  if (committer.progress() === null) return;
  add('committer_height_blocks', 'Newest block committed to Ethereum', () =>
    Number(committer.progress()?.committed?.height ?? 0),
  );
  add('committer_pending', '1 while a commit waits to be included', () =>
    committer.progress()?.pending == null ? 0 : 1,
  );
  add('committer_obstructed', '1 while nothing can be committed', () =>
    failing(committer.progress()?.obstacle),
  );
}
