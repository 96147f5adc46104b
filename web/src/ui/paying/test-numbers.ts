/** As it is read out: a number that breaks at the end of a line is two. */
const whole = (number: string) => number.replaceAll(' ', '\u00a0');

/** Numbers that the test gateway takes for cards, by what comes of them. */
export const TEST_NUMBERS = {
  good: whole('4242 4242 4242 4242'),
  asks: whole('4000 0027 6000 3184'),
  declined: whole('4000 0000 0000 0002'),
};
