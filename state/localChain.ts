/**
 * The chain of a node that is started without a snapshot: chain id 0, one funded account whose
 * secret everybody knows, and twelve more whose secrets are not public.
 *
 * @source the numbers of fuel-core 0.48.2's local test chain
 */
import type { Address, B256 } from '../primitives/types.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import { gasCostsFromText } from '../tx/gasTable.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import { baseAssetCode, feeCollectorCode } from './localContracts.ts';
import type { Snapshot } from './snapshot.ts';
import type { CoinConfig, ContractConfig } from './stateConfig.ts';

/** An account with a coin at genesis. */
export type LocalAccount = {
  readonly address: Address;
  /** null: not public. */
  readonly secret: B256 | null;
  /** Base asset units. */
  readonly amount: bigint;
};

const BASE_ASSET: B256 = '0xf8f8b6283d7fa5b672b530cbb84fcccb4ff8dc40f8176ef4544ddb1f1952ad07';
const BASE_ASSET_CONTRACT: B256 =
  '0x7e2becd64cd598da59b4d1064b711661898656c6b1f4918a787156b8965dc83c';
const FEE_COLLECTOR: B256 = `0x${'77'.repeat(32)}`;
const PRIVILEGED: Address = '0x9f0e19d6c2a6283a3222426ab2630d35516b1799b503f37b02105bebe1b8a3e9';
const SIGNING_KEY: Address = '0xe0a9fcde1b73f545252e01b30b50819eb9547d07531fa3df0385c5695736634d';
const STATE_TRANSITION_VERSION = 34;
const AMOUNT = 1n << 60n;
const LAST_AMOUNT = 1n << 50n;

/** The default signer of the Sway tools. */
const FIRST_ACCOUNT: LocalAccount = {
  address: '0x6b63804cfbf9856e68e5b6e7aef238dc8311ec55bec04df774003a2c96e0418e',
  secret: '0xde97d8624a438121b86a1956544bd72ed68cd69f2c99555b08b1e8c51ffd511c',
  amount: AMOUNT,
};

const OTHER_OWNERS: readonly Address[] = [
  '0x54944e5b8189827e470e5a8bacfc6c3667397dc4e1eef7ef3519d16d6d6c6610',
  '0xe10f526b192593793b7a1559a391445faba82a1d669e3eb2dcd17f9c121b24b1',
  '0x577e424ee53a16e6a85291feabc8443862495f74ac39a706d2dd0b9fc16955eb',
  '0xc36be0e14d3eaf5d8d233e0f4a40b3b4e48427d25f84c460d2b03b242a38479e',
  '0xa1184d77d0d08a064e03b2bd9f50863e88faddea4693a05ca1ee9b1732ea99b7',
  '0xb5566df884bee4e458151c2fe4082c8af38095cc442c61e0dc83a371d70d88fd',
  '0x9da7247e1d63d30d69f136f0f8654ee8340362c785b50f0a60513c7edbf5bb7c',
  '0x4b2ca966aad1a9d66994731db5138933cf61679107c3cde2a10d9594e47c084e',
  '0x26183fbe7375045250865947695dfc12500dcc43efb9102b4e8c4d3c20009dcb',
  '0x81f3a10b61828580d06cc4c7b0ed8f59b9fb618be856c55d33decd95489a1e23',
  '0x587aa0482482efea0234752d1ad9a9c438d1f34d2859b8bef2d56a432cb68e33',
  '0x53a9c6a74bee79c5e04115a007984f4bddaafed75f512f68766c6ed59d0aedec',
];

// biome-ignore format: number table
const GAS_V7 = `
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

/** The funded accounts, in the order of their coins. */
export function localAccounts(): readonly LocalAccount[] {
  const last = OTHER_OWNERS.length - 1;
  const others = OTHER_OWNERS.map((address, index): LocalAccount => {
    return { address, secret: null, amount: index === last ? LAST_AMOUNT : AMOUNT };
  });
  return [FIRST_ACCOUNT, ...others];
}

function localParams(): ConsensusParameters {
  return {
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
    gasCosts: gasCostsFromText(7, GAS_V7),
    baseAssetId: BASE_ASSET,
    blockGasLimit: 30_000_000n,
    blockTransactionSizeLimit: 129_024n,
    privilegedAddress: PRIVILEGED,
  };
}

function txIdOf(number: number): B256 {
  return `0x${number.toString(16).padStart(64, '0')}`;
}

function localCoins(): CoinConfig[] {
  return localAccounts().map(({ address, amount }, index) => ({
    key: utxoKeyOf(txIdOf(index + 1), 0),
    owner: address,
    amount,
    assetId: BASE_ASSET,
    txPointer: { blockHeight: 0, txIndex: 0 },
  }));
}

function localContract(contractId: B256, code: Uint8Array, txId: B256): ContractConfig {
  return {
    contractId,
    code,
    utxoId: { txId, outputIndex: 0 },
    txPointer: { blockHeight: 0, txIndex: 0 },
    slots: [],
    balances: [],
  };
}

/** The whole chain as a snapshot. */
export function localChain(): Snapshot {
  return {
    chainConfig: {
      chainName: 'Local testnet',
      consensusParameters: localParams(),
      genesisStateTransitionVersion: STATE_TRANSITION_VERSION,
      stateTransitionBytecode: new Uint8Array(0),
      consensus: {
        type: 'poaV2',
        genesisSigningKey: SIGNING_KEY,
        signingKeyOverrides: new Map(),
      },
    },
    stateConfig: {
      coins: localCoins(),
      messages: [],
      contracts: [
        localContract(FEE_COLLECTOR, feeCollectorCode(), ZERO_B256),
        localContract(BASE_ASSET_CONTRACT, baseAssetCode(), txIdOf(1)),
      ],
      blobs: [],
      lastBlock: null,
    },
  };
}
