import {
  afterNextRender,
  Component,
  computed,
  CUSTOM_ELEMENTS_SCHEMA,
  type ElementRef,
  signal,
  viewChild,
} from "@angular/core";
import type { BanqCheckoutElement, BanqCheckoutProperties } from "banq-checkout/element";

/** The intermediary's address. The build replaces the name by the text of `define` in angular.json. */
declare const BANQ_SERVER: string;

const firstOrder = `angular-${Date.now()}`;

@Component({
  selector: "shop-cart",
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <h1>Desk lamps, \${{ (2 * lamps()).toFixed(2) }}</h1>
    <button type="button" (click)="lamps.set(lamps() + 1)">One more lamp</button>
    <banq-checkout
      #pay
      id="pay"
      environment="local"
      shop-name="Lamps"
      assets-url="widget/"
      [endpoint]="endpoint"
      [order]="order()"
    />
    <p role="status">{{ status() }}</p>
  `,
})
export class Cart {
  private readonly pay = viewChild.required<ElementRef<BanqCheckoutElement>>("pay");

  protected readonly endpoint = `${BANQ_SERVER}/generate-payment-link`;
  protected readonly lamps = signal(1);
  protected readonly status = signal("");
  protected readonly order = computed<BanqCheckoutProperties["order"]>(() => ({
    orderId: `${firstOrder}-${this.lamps()}`,
    comment: "Desk lamps",
    funds: 2 * this.lamps(),
  }));

  constructor() {
    // In an Angular template, `(banq:paid)` means the event `paid` of a target `banq`, as in `(window:resize)`.
    afterNextRender(() => {
      const pay = this.pay().nativeElement;
      pay.addEventListener("banq:paid", () => this.status.set("Paid. Thank you!"));
      pay.addEventListener("banq:error", ({ detail }) => this.status.set(detail.code));
    });
  }
}
