/** The digits of a card as they are printed on it: in fours, nineteen at most (ISO/IEC 7812-1). */
export const grouped = (text: string): string =>
  text
    .replaceAll(/\D/g, '')
    .slice(0, 19)
    .replaceAll(/(\d{4})(?=\d)/g, '$1 ');

export const digitsOf = (text: string): string => text.replaceAll(/\D/g, '');

/** Whether it may be one; the gateway knows whether it is. */
export const mayBeCard = (text: string): boolean => digitsOf(text).length >= 12;
