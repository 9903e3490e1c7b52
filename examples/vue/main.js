import "banq-checkout/element";
import { createApp } from "vue";

import Cart from "./Cart.vue";

createApp(Cart).mount("#app");
