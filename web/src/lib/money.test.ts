import { describe, expect, it } from 'vitest';
import { decimalText, formatMoney, total } from './money';

describe('money', () => {
  it.each([
    [{ amount: 18900, currency: 'USD' }, '189.00'],
    [{ amount: 5, currency: 'USD' }, '0.05'],
    [{ amount: -150, currency: 'EUR' }, '-1.50'],
    [{ amount: 18900, currency: 'JPY' }, '18900'],
    [{ amount: 1234, currency: 'KWD' }, '1.234'],
    [{ amount: 9007199254740991, currency: 'INR' }, '90071992547409.91'],
  ])('%o has the decimals of its currency', (money, text) => expect(decimalText(money)).toBe(text));

  it.each([
    [{ amount: 12345600, currency: 'INR' }, 'en', false, '₹1,23,456.00'],
    [{ amount: 12345600, currency: 'INR' }, 'hi', true, '₹1,23,456'],
    [{ amount: 15900, currency: 'USD' }, 'en', true, '$159'],
    [{ amount: 15950, currency: 'USD' }, 'en', true, '$159.50'],
    [{ amount: 15900, currency: 'JPY' }, 'en', false, 'JP¥15,900'],
    [{ amount: 15900, currency: 'USD' }, 'hi', false, '$159.00'],
  ])('%o in %s', (money, locale, short, text) => expect(formatMoney(money, locale, short)).toBe(text));

  it.each(['en', 'hi'])('tells currencies of one sign apart in %s', (locale) => {
    for (const group of [
      ['USD', 'CAD', 'AUD', 'SGD', 'HKD'],
      ['JPY', 'CNY'],
      ['INR', 'NPR', 'PKR', 'LKR'],
      ['KWD', 'BHD'],
    ]) {
      const written = group.map((currency) => formatMoney({ amount: 123450, currency }, locale));
      expect(new Set(written).size).toBe(group.length);
      // None of them is the plain sign of another.
      expect(written.filter((one) => /^[$¥₹]\d/.test(one)).length).toBeLessThanOrEqual(1);
    }
  });

  it('shows three decimals', () => {
    expect(formatMoney({ amount: 1234, currency: 'KWD' }, 'en')).toContain('1.234');
  });

  it('adds up', () => {
    const usd = (amount: number) => ({ amount, currency: 'USD' });
    expect(total([usd(1), usd(2), usd(39)])).toEqual(usd(42));
    expect(total([])).toBeUndefined();
  });
});
