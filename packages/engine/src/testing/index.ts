/** `@mainspring/engine/testing`: the contract that every store must keep, and what tests of a game's own service need. */
export { beginGroup } from "./begin-group.js";
export type { ContractCase, StoreFixture } from "./contract/fixture.js";
export {
  createFaultStore,
  type FaultKind,
  type FaultRates,
  type FaultStore,
  type FaultStoreOptions,
  type FaultyCall,
} from "./fault-store.js";
export { createManualClock, type ManualClock } from "./manual-clock.js";
export {
  createModelServer,
  type Delivery,
  type ModelConnection,
  type ModelConnectionOptions,
  type ModelServer,
  type Parcel,
} from "./model-remote.js";
export { decodeRecord } from "../record/decode-record.js";
export { measureRecord, type RecordSize } from "../record/measure-record.js";
export { storeContract, type StoreContractOptions } from "./store-contract.js";
