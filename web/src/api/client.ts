import { i18n } from '@lingui/core';
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** The API said no, and why; `code` is stable (docs/errors.md), title and detail are for people, in their language. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly more: Record<string, unknown>,
  ) {
    super(detail || title || code);
  }
}

/** The pass to one booking, got with a code from the mail. It lives as long as the page: storage would outlive the borrowed device. */
const pass: { booking?: string | undefined; token?: string | undefined } = {};

export function keepPass(booking: string, token: string): void {
  Object.assign(pass, { booking, token });
}

export function forgetPass(): void {
  pass.booking = undefined;
  pass.token = undefined;
}

/** Whether a pass to the booking is held, or to any where none is named. */
export const hasPass = (booking = pass.booking): boolean => booking !== undefined && pass.booking === booking;

export const api = createClient<paths>({ baseUrl: '/' });

api.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', i18n.locale);
    // A cookie counts for writes only with a header that no form of another site can set.
    request.headers.set('X-Udaan-Client', 'web');
    const path = new URL(request.url).pathname;
    // It opens what is below its booking and nothing else, payments neither.
    if (pass.token && path.includes(`/bookings/${pass.booking}`)) {
      request.headers.set('Authorization', `Bearer ${pass.token}`);
    }
    return request;
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer's body, or a refusal thrown. */
export async function ask<T>(question: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await question;
  if (response.ok) return data as T;
  const problem = (error ?? {}) as Record<string, unknown>;
  const text = (key: string) => (typeof problem[key] === 'string' ? (problem[key] as string) : '');
  throw new Refusal(response.status, text('code') || 'unreachable', text('title'), text('detail'), problem);
}

export const isRefusal = (error: unknown, ...codes: string[]): error is Refusal =>
  error instanceof Refusal && (codes.length === 0 || codes.includes(error.code));

const CLOSED = [401, 403, 404, 410];

interface Question {
  data: unknown;
  error: unknown;
  isPaused: boolean;
}

/**
 * Whether there is nothing to show of a question. An answer stays when asking again fails, with all that was typed beside it; it goes when it is
 * not for whoever asks any more.
 */
export function isLost({ data, error, isPaused }: Question): boolean {
  if (error instanceof Refusal && CLOSED.includes(error.status)) return true;
  return data === undefined && (Boolean(error) || isPaused);
}
