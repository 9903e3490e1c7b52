// The elements in Vue templates: `import type {} from "banq-checkout/types/vue";`

import type { HTMLAttributes } from "vue";

import type { OriginalEventMap } from "../element.js";
import type { Elements } from "./elements.js";

type BanqEventMap = Pick<HTMLElementEventMap, Extract<keyof HTMLElementEventMap, `banq:${string}`>>;

/** Each event as Vue's property for its listener. */
type Listeners<Map> = { [Name in keyof Map & string as `on${Capitalize<Name>}`]?: (event: Map[Name]) => void };

/** The form that Vue's language tools read. */
type Component<Tag extends keyof Elements, Events = {}> = new () => {
  $props: Omit<HTMLAttributes, keyof Elements[Tag]["properties"] | keyof Listeners<Events>> &
    Elements[Tag]["properties"] &
    Listeners<Events>;
};

declare module "vue" {
  interface GlobalComponents {
    "banq-checkout": Component<"banq-checkout", BanqEventMap>;
    "pay-with-banq-button": Component<"pay-with-banq-button">;
    "checkout-widget-dialog": Component<"checkout-widget-dialog", OriginalEventMap>;
    "checkout-widget": Component<"checkout-widget", OriginalEventMap>;
  }
}
