// The elements in JSX, for React 19, which sets properties and hears the events of custom elements:
// `import type {} from "banq-checkout/types/react";`

import type { DetailedHTMLProps, HTMLAttributes } from "react";

import type { Elements } from "./elements.js";

type ElementProps = {
  [Tag in keyof Elements]: Omit<
    DetailedHTMLProps<HTMLAttributes<Elements[Tag]["element"]>, Elements[Tag]["element"]>,
    keyof Elements[Tag]["properties"] | keyof Elements[Tag]["handlers"]
  > &
    Elements[Tag]["properties"] &
    Elements[Tag]["handlers"];
};

declare module "react" {
  namespace JSX {
    interface IntrinsicElements extends ElementProps {}
  }
}
