import { openMemoryEngine } from '../../../../state/engine/memory.ts';
import { engineContract } from '../../../support/engineContract.ts';

engineContract('memory', async () => openMemoryEngine((column) => (column === 2 ? 3 : 1)));
