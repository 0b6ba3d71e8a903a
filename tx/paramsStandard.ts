/** The parameters that the reference's libraries start from; real chains have their own. */

import { ZERO_B256 } from '../primitives/types.ts';
import { gasCostsFromText } from './gasTable.ts';
import type { ConsensusParameters } from './params.ts';

// biome-ignore format: number table
const GAS_V7 = `
  add=1 addi=1 and=1 andi=1 bal=13 bhei=1 bhsh=1 burn=132 cb=1 cfsi=1 div=1 divi=1 eck1=951
  ecr1=3000 eq=1 exp=1 expi=1 flag=1 gm=1 gt=1 gtf=1 ji=1 jmp=1 jne=1 jnei=1 jnzi=1 jmpf=1
  jmpb=1 jnzf=1 jnzb=1 jnef=1 jneb=1 lb=1 log=9 lt=1 lw=1 mint=135 mlog=1 mod=1 modi=1 move=1
  movi=1 mroo=2 mul=1 muli=1 mldv=1 niop=1 noop=1 not=1 or=1 ori=1 poph=2 popl=2 pshh=2 pshl=2
  ret_contract=13 rvrt_contract=13 sb=1 sll=1 slli=1 srl=1 srli=1 sub=1 subi=1 sw=1 time=1
  tr=105 tro=60 wdcm=1 wqcm=1 wdop=1 wqop=1 wdml=1 wqml=1 wddv=1 wqdv=2 wdmd=3 wqmd=4 wdam=2
  wqam=3 wdmm=3 wqmm=3 xor=1 xori=1 ecop=3500 aloc=2+u/214 bsiz=17+u/790 bldd=15+u/272
  cfe=2+u/214 cfei=2+u/214 call=144+u/214 ccp=15+u/103 croo=1+u/1 csiz=17+u/790 ed19=3000+u/214
  k256=11+u/214 ldc=15+u/272 logd=26+u/64 mcl=1+u/3333 mcli=1+u/3333 mcp=1+u/2000 mcpi=3+u/2000
  meq=1+u/2500 retd_contract=29+u/62 s256=2+u/214 smo=209+u/55 epar=69000+u*52000
  storage_read_cold=100+u/123 storage_read_hot=10+u/123 storage_write=10+u/1234
  storage_clear=10+u/4 contract_root=75+u/1 state_root=412+u/1 new_storage_per_byte=1
  vm_initialization=2000+u*0
`;

let standard: ConsensusParameters | null = null;

/** Equal to `ConsensusParameters::standard()` of fuel-tx 0.66.4. One frozen object for all. */
export function standardParams(): ConsensusParameters {
  standard ??= Object.freeze(makeStandard());
  return standard;
}

function makeStandard(): ConsensusParameters {
  return {
    version: 2,
    txParams: {
      maxInputs: 255,
      maxOutputs: 255,
      maxWitnesses: 255,
      maxGasPerTx: 100_000_000n,
      maxSizeBytes: 112_640n,
      maxBytecodeSubsections: 255,
    },
    predicateParams: {
      maxPredicateLength: 1_048_576n,
      maxPredicateDataLength: 1_048_576n,
      maxMessageDataLength: 1_048_576n,
      maxGasPerPredicate: 100_000_000n,
    },
    scriptParams: {
      version: 2,
      maxScriptLength: 1_048_576n,
      maxScriptDataLength: 1_048_576n,
      maxStorageSlotLength: 1_048_576n,
    },
    contractParams: { contractMaxSize: 102_400n, maxStorageSlots: 255n },
    feeParams: { gasPriceFactor: 1_000_000_000n, gasPerByte: 4n },
    chainId: 0n,
    gasCosts: gasCostsFromText(7, GAS_V7),
    baseAssetId: ZERO_B256,
    blockGasLimit: 100_000_000n,
    blockTransactionSizeLimit: 129_024n,
    privilegedAddress: ZERO_B256,
  };
}
