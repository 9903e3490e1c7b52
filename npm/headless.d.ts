export type { ClientError, Snapshot } from "./widget/banq-headless.js";
export { Client } from "./widget/banq-headless.js";

/**
 * Loads the headless client's WebAssembly, which a bundler finds without configuration. Call it once, before anything
 * else.
 */
export default function init(): Promise<unknown>;
