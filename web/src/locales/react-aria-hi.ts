/**
 * What React Aria says by itself, in Hindi: it has 34 languages, and not this one. Its dictionaries are looked up here first; one that is
 * missing throws, so all that our dialogs make use of stand here, whole (`react-aria-hi.test.ts` looks).
 */
type Said = (words: Record<string, string>) => string;

export const WORDS: Record<string, Record<string, string | Said>> = {
  '@react-aria/calendar': {
    previous: 'पिछला',
    next: 'अगला',
    selectedDateDescription: ({ date }) => `चुनी तारीख: ${date}`,
    selectedRangeDescription: ({ dateRange }) => `चुनी तारीखें: ${dateRange}`,
    todayDate: ({ date }) => `आज, ${date}`,
    todayDateSelected: ({ date }) => `आज, ${date}, चुनी हुई`,
    dateSelected: ({ date }) => `${date}, चुनी हुई`,
    startRangeSelectionPrompt: 'जाने की तारीख चुनने के लिए दबाएँ',
    finishRangeSelectionPrompt: 'लौटने की तारीख चुनने के लिए दबाएँ',
    minimumDate: 'पहली उपलब्ध तारीख',
    maximumDate: 'आख़िरी उपलब्ध तारीख',
    dateRange: ({ startDate, endDate }) => `${startDate} से ${endDate}`,
  },
  '@react-aria/overlays': { dismiss: 'बंद करें' },
  '@react-aria/searchfield': { 'Clear search': 'खोज मिटाएँ' },
  '@react-aria/autocomplete': { collectionLabel: 'सुझाव' },
};

/** Says them on this page from now on: before the first dialog is drawn, as React Aria looks once. */
export function speakHindi(): void {
  Object.assign(globalThis, {
    [Symbol.for('react-aria.i18n.locale')]: 'hi-IN',
    [Symbol.for('react-aria.i18n.strings')]: WORDS,
  });
}
