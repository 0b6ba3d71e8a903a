/** Checks that every layer makes before it sends. */
import { CodedError } from '../primitives/errors.ts';
import type { DataAvailability } from './ports.ts';

/** @throws CodedError DA_TOO_LARGE when a blob, or their number, is beyond the layer's bounds */
export function checkSizes(
  layer: Pick<DataAvailability, 'name' | 'blobBytesMax' | 'blobCountMax'>,
  blobs: readonly Uint8Array[],
): void {
  for (const { length } of blobs) {
    if (length <= layer.blobBytesMax) continue;
    throw new CodedError(
      'DA_TOO_LARGE',
      `the blob has ${length} bytes, the layer takes ${layer.blobBytesMax}; split the frame`,
      { layer: layer.name, bytes: length, bytesMax: layer.blobBytesMax },
    );
  }
  if (blobs.length >= 1 && blobs.length <= layer.blobCountMax) return;
  throw new CodedError(
    'DA_TOO_LARGE',
    `${blobs.length} blobs in one submission, the layer takes 1 to ${layer.blobCountMax}`,
    { layer: layer.name, count: blobs.length, countMax: layer.blobCountMax },
  );
}
