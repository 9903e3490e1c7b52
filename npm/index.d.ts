import type { BanqAppClass, BanqAssets } from "./widget/ecommerce.js";

export type * from "./widget/ecommerce.js";

export interface BanqLoadOptions {
  /**
   * Where the widget's files are: the address of a folder, as your own server's `/widget/`, or a function that returns a
   * file's absolute address. Default: the files of this package, which a bundler finds without configuration.
   */
  assetsUrl?: BanqAssets;
}

/**
 * Loads the widget's script once, however often it is called, and resolves to its class, `window.ecommerceBanqWidget`.
 * The first call's options count. After a failure the next call tries again. Rejects on a server.
 */
export function loadBanqCheckout(options?: BanqLoadOptions): Promise<BanqAppClass>;
