import type { BlockHeight } from '../primitives/types.ts';

/** Those who wait for a height. */
export class HeightWaiters {
  private readonly waiting = new Set<{ height: BlockHeight; wake: () => void }>();

  reached(height: BlockHeight): void {
    for (const each of this.waiting) {
      if (each.height > height) continue;
      this.waiting.delete(each);
      each.wake();
    }
  }
  wait(height: BlockHeight, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = { height, wake: resolve };
      this.waiting.add(entry);
      signal.addEventListener('abort', () => {
        if (this.waiting.delete(entry)) reject(signal.reason);
      });
    });
  }
}
