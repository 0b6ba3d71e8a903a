/** The consensus parameters that vectors name or carry. */
import type { ConsensusParameters } from '../../tx/params.ts';
import { gasCostsFromText } from '../../tx/gasTable.ts';
import { parseConsensusParameters } from '../../tx/paramsJson.ts';
import { standardParams } from '../../tx/paramsStandard.ts';

// biome-ignore format: number table
const LOCAL_GAS_V7 = `
  add=1 addi=1 and=2 andi=1 bal=429 bhei=2 bhsh=89 burn=867 cb=2 cfsi=1 div=1 divi=1 eck1=2381
  ecr1=31208 eq=1 exp=2 expi=2 flag=1 gm=1 gt=2 gtf=3 ji=1 jmp=2 jne=2 jnei=1 jnzi=1 jmpf=1
  jmpb=1 jnzf=1 jnzb=1 jnef=1 jneb=1 lb=1 log=123 lt=1 lw=1 mint=1159 mlog=2 mod=2 modi=1 move=1
  movi=1 mroo=4 mul=1 muli=1 mldv=3 niop=1 noop=1 not=1 or=1 ori=1 poph=3 popl=3 pshh=3 pshl=3
  ret_contract=64 rvrt_contract=65 sb=2 sll=2 slli=1 srl=2 srli=1 sub=2 subi=1 sw=2 time=2
  tr=891 tro=914 wdcm=2 wqcm=2 wdop=3 wqop=3 wdml=3 wqml=3 wddv=4 wqdv=5 wdmd=8 wqmd=13 wdam=7
  wqam=9 wdmm=8 wqmm=8 xor=1 xori=1 ecop=8976 aloc=2+u/435 bsiz=30+u/373 bldd=47+u/87
  cfe=2+u/416 cfei=2+u/654 call=780+u/65 ccp=48+u/88 croo=96+u/3 csiz=29+u/372 ed19=5238+u/4
  k256=30+u/4 ldc=48+u/88 logd=442+u/3 mcl=2+u/888 mcli=2+u/888 mcp=3+u/740 mcpi=4+u/1023
  meq=2+u/871 retd_contract=347+u/3 s256=36+u/3 smo=3438+u/3 epar=132324+u*96693
  storage_read_cold=733+u/31 storage_read_hot=28+u/33 storage_write=138+u/126
  storage_clear=45+u*45 contract_root=36+u/2 state_root=284+u*143 new_storage_per_byte=63
  vm_initialization=4846+u/39
`;

/** Parameters of the built-in local chain, as the vectors' `"local"` means them. */
export const LOCAL_PARAMS: ConsensusParameters = {
  version: 2,
  txParams: {
    maxInputs: 255,
    maxOutputs: 255,
    maxWitnesses: 255,
    maxGasPerTx: 30_000_000n,
    maxSizeBytes: 112_640n,
    maxBytecodeSubsections: 256,
  },
  predicateParams: {
    maxPredicateLength: 102_400n,
    maxPredicateDataLength: 102_400n,
    maxMessageDataLength: 102_400n,
    maxGasPerPredicate: 30_000_000n,
  },
  scriptParams: {
    version: 2,
    maxScriptLength: 102_400n,
    maxScriptDataLength: 102_400n,
    maxStorageSlotLength: 1_048_576n,
  },
  contractParams: { contractMaxSize: 102_400n, maxStorageSlots: 1760n },
  feeParams: { gasPriceFactor: 92_000n, gasPerByte: 63n },
  chainId: 0n,
  gasCosts: gasCostsFromText(7, LOCAL_GAS_V7),
  baseAssetId: '0xf8f8b6283d7fa5b672b530cbb84fcccb4ff8dc40f8176ef4544ddb1f1952ad07',
  blockGasLimit: 30_000_000n,
  blockTransactionSizeLimit: 129_024n,
  privilegedAddress: '0x9f0e19d6c2a6283a3222426ab2630d35516b1799b503f37b02105bebe1b8a3e9',
};

type WithParams = { readonly params?: unknown; readonly chainId?: number | bigint | string };

const parsed: Map<string, ConsensusParameters> = new Map();

function named(params: unknown): ConsensusParameters {
  if (params === undefined || params === 'standard') return standardParams();
  if (params === 'local') return LOCAL_PARAMS;
  const text = JSON.stringify(params, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v));
  let known = parsed.get(text);
  if (known === undefined) {
    known = parseConsensusParameters(params);
    parsed.set(text, known);
  }
  return known;
}

/** Parameters of a vector's request; `chainId` in the request overrides theirs. */
export function paramsOf(request: WithParams): ConsensusParameters {
  const params = named(request.params);
  return request.chainId === undefined ? params : { ...params, chainId: BigInt(request.chainId) };
}
