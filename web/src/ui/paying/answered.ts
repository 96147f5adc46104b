import { isRefusal } from '../../api/client';

/** Whether a failure says what became of it: what it was asked with is used up. Silence and what is still under way say nothing. */
export const isAnswered = (error: unknown): boolean =>
  isRefusal(error) && error.status < 500 && error.code !== 'request_in_progress';
