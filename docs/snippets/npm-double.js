import { installBanqDouble } from 'banq-checkout/testing';

const banq = installBanqDouble(); // before the page loads the widget
// … render your page in jsdom …
await banq.app.press(); // the shopper presses the button; your getPaymentInfo is called
banq.app.play('paid'); // or 'declined', 'expired', 'processing', …
banq.restore();
