// Stripe's fields in a page of ours: what is typed into them goes from Stripe's frames to Stripe, and we get a token for it (PCI DSS,
// self-assessment A). Made before there is an intent, as in https://docs.stripe.com/payments/accept-a-payment-deferred, since the server
// makes it. The package says which release of Stripe.js is loaded.
import fontOfOurs from '@fontsource-variable/anek-latin/files/anek-latin-latin-wght-normal.woff2?url';
import type { Appearance, StripeElementLocale, StripeElementsOptionsMode } from '@stripe/stripe-js';
import { loadStripe } from '@stripe/stripe-js/pure';
import type { Money } from '../../lib/money';
import { stripeAmount } from './units';

/** A token, and which way of paying it is. */
export interface Made {
  type: 'card' | 'wallet' | 'bank';
  token: string;
}

export interface Wanted {
  /** The key that anybody may know. */
  publishableKey: string;
  /** What is paid; nothing where a card is to be kept. */
  due?: Money;
  /** Which of our ways of paying are offered. */
  types: string[];
  locale: string;
}

interface Heard {
  ready: () => void;
  failed: () => void;
  /** Something else stands in the fields. */
  changed: () => void;
}

export interface Fields {
  /** What is typed in as a token, or what is wrong with it in Stripe's words; without words, Stripe was not reached. */
  make: () => Promise<Made | { wrong: string | undefined }>;
  /** The amount is another. */
  due: (money: Money) => void;
  /** Takes them off the page. */
  end: () => void;
}

/** Stripe has no Hindi (https://docs.stripe.com/js/appendix/supported_locales). */
export const LANGUAGES: Record<string, StripeElementLocale> = { en: 'en' };

/** A token for Stripe's name of each of our ways. */
const NAMES: Record<string, string> = { card: 'card', bank: 'us_bank_account' };

/** Any will do where nothing is paid: cards are kept whatever the currency. */
const ANY_CURRENCY = 'usd';

const isDark = (): boolean => {
  const { colorScheme } = document.documentElement.style;
  return colorScheme === 'dark' || (colorScheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
};

/** As the page looks: our colours as they are now, since a frame knows none of our names for them. */
function appearance(at: HTMLElement): Appearance {
  const probe = at.appendChild(document.createElement('span'));
  const colour = (name: string) => {
    probe.style.color = `var(--color-${name})`;
    return getComputedStyle(probe).color;
  };
  const look: Appearance = {
    theme: isDark() ? 'night' : 'stripe',
    disableAnimations: matchMedia('(prefers-reduced-motion: reduce)').matches,
    variables: {
      colorPrimary: colour('brand'),
      colorBackground: colour('card'),
      colorText: colour('ink'),
      colorTextSecondary: colour('soft'),
      colorTextPlaceholder: colour('soft'),
      colorDanger: colour('bad'),
      fontFamily: getComputedStyle(at).fontFamily,
      fontSizeBase: getComputedStyle(at).fontSize,
      borderRadius: '12px',
    },
    rules: {
      '.Input': { border: `1.5px solid ${colour('field')}`, boxShadow: 'none' },
      '.Input:focus': { outline: `3px solid ${colour('ring')}`, boxShadow: 'none' },
      '.Input--invalid': { border: `1.5px solid ${colour('bad')}`, boxShadow: 'none' },
    },
  };
  probe.remove();
  return look;
}

function options({ due, types, locale }: Wanted, at: HTMLElement): StripeElementsOptionsMode {
  return {
    ...(due
      ? { mode: 'payment', amount: stripeAmount(due), currency: due.currency.toLowerCase() }
      : { mode: 'setup', currency: ANY_CURRENCY }),
    // We ask for the token ourselves: the server makes the intent, with it.
    paymentMethodCreation: 'manual',
    allowedPaymentMethodTypes: types.flatMap((type) => NAMES[type] ?? []),
    locale: LANGUAGES[locale] ?? 'en',
    appearance: appearance(at),
    // Frames of Stripe take letters by https alone.
    fonts:
      location.protocol === 'https:'
        ? [{ family: 'Anek', src: `url(${new URL(fontOfOurs, location.href)})`, weight: '100 800' }]
        : [],
  };
}

const RENEWED = 'udaan.page-renewed';

/**
 * A page that the service worker kept has the policy of that day. Where it refuses Stripe, Stripe's fields were switched on since: the page
 * is fetched anew, once, since a server that refuses them itself would be asked for ever.
 */
async function renewPage(): Promise<void> {
  const kept = (await caches.keys()).filter((name) => name.includes('precache'));
  if (kept.length === 0 || sessionStorage.getItem(RENEWED)) return;
  sessionStorage.setItem(RENEWED, 'yes');
  await Promise.all(kept.map((name) => caches.delete(name)));
  await (await navigator.serviceWorker.getRegistration())?.unregister();
  location.reload();
}

async function load(publishableKey: string) {
  let isRefused = false;
  const hear = ({ blockedURI }: SecurityPolicyViolationEvent) => {
    isRefused ||= blockedURI.startsWith('https://js.stripe.com/');
  };
  document.addEventListener('securitypolicyviolation', hear);
  try {
    return await loadStripe(publishableKey);
  } catch (error) {
    if (isRefused) await renewPage();
    throw error;
  } finally {
    document.removeEventListener('securitypolicyviolation', hear);
  }
}

/** Puts Stripe's fields into an empty place of the page. Fails where Stripe's script does not come; asked again, it tries again. */
export async function stripeFields(at: HTMLElement, wanted: Wanted, heard: Heard): Promise<Fields> {
  const stripe = await load(wanted.publishableKey);
  if (!stripe) throw new Error('no page');
  const elements = stripe.elements(options(wanted, at));
  const wallet = wanted.due && wanted.types.includes('wallet') ? 'auto' : 'never';
  const element = elements.create('payment', {
    layout: 'tabs',
    wallets: { applePay: wallet, googlePay: wallet, link: 'never' },
  });
  element.on('ready', heard.ready);
  element.on('loaderror', heard.failed);
  element.on('change', heard.changed);
  const place = at.appendChild(document.createElement('div'));
  element.mount(place);
  const look = () => elements.update({ appearance: appearance(at) });
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', look);
  const chosen = new MutationObserver(look);
  chosen.observe(document.documentElement, { attributeFilter: ['style'] });
  return {
    make: async () => {
      const checked = await elements.submit();
      if (checked.error) return { wrong: checked.error.message };
      const { error, paymentMethod } = await stripe.createPaymentMethod({ elements });
      if (error) return { wrong: error.type === 'api_connection_error' ? undefined : error.message };
      const type = paymentMethod.type === 'us_bank_account' ? 'bank' : paymentMethod.card?.wallet ? 'wallet' : 'card';
      return { type, token: paymentMethod.id };
    },
    due: (money) => elements.update({ amount: stripeAmount(money), currency: money.currency.toLowerCase() }),
    end: () => {
      scheme.removeEventListener('change', look);
      chosen.disconnect();
      element.destroy();
      place.remove();
    },
  };
}
