// The elements in Svelte templates: `import type {} from "banq-checkout/types/svelte";`

import type { HTMLAttributes } from "svelte/elements";

import type { Elements } from "./elements.js";

type ElementProps = {
  [Tag in keyof Elements]: Omit<
    HTMLAttributes<Elements[Tag]["element"]>,
    keyof Elements[Tag]["properties"] | keyof Elements[Tag]["handlers"]
  > &
    Elements[Tag]["properties"] &
    Elements[Tag]["handlers"];
};

declare module "svelte/elements" {
  interface SvelteHTMLElements extends ElementProps {}
}
