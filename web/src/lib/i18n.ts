import { i18n } from '@lingui/core';

export type Locale = 'en' | 'hi';
const KEY = 'udaan.locale';
const TAGS: Record<Locale, string> = { en: 'en-IN', hi: 'hi-IN' };

/** The tag that numbers and dates are written by. */
export const localeTag = (locale: string): string => TAGS[locale as Locale] ?? TAGS.en;

/** What was chosen, else the first language of the browser that we speak. */
export function preferredLocale(): Locale {
  const chosen = localStorage.getItem(KEY);
  if (chosen === 'en' || chosen === 'hi') return chosen;
  for (const language of navigator.languages) {
    const base = language.split('-')[0];
    if (base === 'en' || base === 'hi') return base;
  }
  return 'en';
}

/** Loads the texts of a language and shows everything in it. */
export async function activate(locale: Locale): Promise<void> {
  const { messages } = locale === 'hi' ? await import('../locales/hi.mjs') : await import('../locales/en.mjs');
  // Beside those of the screen, which may be here already.
  i18n.load(locale, messages);
  i18n.activate(locale);
  document.documentElement.lang = locale;
}

let later: Promise<void> | undefined;

/** Loads the texts of the screens that most visits do without (`lingui.config.ts` says which), once. */
export function activateLater(): Promise<void> {
  later ??= load().catch((error) => {
    // Whoever was offline may try again.
    later = undefined;
    throw error;
  });
  return later;
}

async function load(): Promise<void> {
  // A page has one language from its beginning on (`chooseLocale`).
  const locale = preferredLocale();
  const { messages } =
    locale === 'hi' ? await import('../locales/later/hi.mjs') : await import('../locales/later/en.mjs');
  i18n.load(locale, messages);
}

/** Keeps the choice. React Aria learns its words when a page begins, so the page begins anew. */
export function chooseLocale(locale: Locale): void {
  localStorage.setItem(KEY, locale);
  location.reload();
}
