import { describe, expect, test } from 'vitest';
import { bytesOf, sameBytes } from './subscription';

describe('the key of pushes', () => {
  test('is read from base64url without padding', () => {
    expect([...bytesOf('-_8')]).toEqual([0xfb, 0xff]);
    const key = bytesOf('BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8');
    expect([key.length, key[0]]).toEqual([65, 4]);
  });

  test('is told from another', () => {
    const key = bytesOf('-_8');
    expect(sameBytes(key.buffer, bytesOf('-_8'))).toBe(true);
    expect(sameBytes(key.buffer, bytesOf('-_4'))).toBe(false);
    expect(sameBytes(key.buffer, bytesOf('-_8A'))).toBe(false);
    expect(sameBytes(null, key)).toBe(false);
  });
});
