// The page that a developer would write instead of the widget: a button that asks for a payment link, shows it as a
// QR code in a dialog, and says "Paid" when the stream of events says so. One language, one look, no second try.
import { encode } from 'uqr';

const STYLE = `
.pay-button { font: 600 16px system-ui, sans-serif; padding: 12px 24px; border: 0; border-radius: 8px;
  background: #0b6bcb; color: #fff; cursor: pointer }
.pay-button:focus-visible { outline: 3px solid #1f2328; outline-offset: 2px }
.pay-dialog { width: min(360px, 92vw); border: 0; border-radius: 12px; padding: 24px; text-align: center;
  font: 16px/1.5 system-ui, sans-serif; color: #1f2328 }
.pay-dialog::backdrop { background: rgb(0 0 0 / .5) }
.pay-dialog svg { display: block; width: 240px; margin: 12px auto; background: #fff }
.pay-dialog .close { position: absolute; inset: 8px 8px auto auto; border: 0; background: none; font-size: 24px }
.pay-dialog .paid { color: #1a7f37; font-weight: 600 }
.pay-dialog .failed { color: #cf222e }`;

function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

function draw(text) {
  const { data, size } = encode(text, { border: 4 });
  let path = '';
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (data[y][x]) path += `M${x} ${y}h1v1h-1z`;
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', 'QR code of the payment link');
  const modules = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  modules.setAttribute('d', path);
  svg.append(modules);
  return svg;
}

/** Puts the button into the element; `endpoint` answers with the payment link of `order`. */
export function mount(element, { endpoint, order, onPaid }) {
  let stream;
  const button = make('button', { type: 'button', className: 'pay-button' }, 'Pay with banq');
  const status = make('p', { role: 'status' });
  const place = make('div', {});
  const close = make('button', { type: 'button', className: 'close', ariaLabel: 'Close' }, '×');
  const dialog = make('dialog', { className: 'pay-dialog' }, close, place, status);
  close.onclick = () => dialog.close();
  dialog.onclose = () => {
    stream?.close();
    button.focus();
  };

  const say = (text, className = '') => {
    status.textContent = text;
    status.className = className;
  };
  const end = (text, className) => {
    stream.close();
    place.replaceChildren();
    say(text, className);
  };

  button.onclick = async () => {
    place.replaceChildren();
    say('One moment…');
    dialog.showModal();
    try {
      const answer = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(order),
      });
      const { data } = await answer.json();
      const link = make('a', { href: data.url, target: '_blank', rel: 'noopener' }, 'Open the link');
      place.replaceChildren(make('strong', {}, `$${data.funds}`), draw(data.url), link);
      say('Waiting for your payment…');
      stream = new EventSource(data.eventsUrl);
      stream.addEventListener('status', (event) => {
        const checkout = JSON.parse(event.data);
        if (checkout.status === 'paid') {
          end('Paid. Thank you!', 'paid');
          onPaid?.(checkout);
        } else if (['declined', 'failed', 'canceled', 'expired'].includes(checkout.status)) {
          end('The payment was not made.', 'failed');
        }
      });
    } catch {
      say('The payment cannot be started now.', 'failed');
    }
  };
  document.head.append(make('style', {}, STYLE));
  element.append(button, dialog);
}
