import { expect, test } from 'vitest';
import { deviceOf } from './device';

test('a browser is told by what it really is', () => {
  const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)';
  expect(deviceOf(`${windows} Chrome/150.0.0.0 Safari/537.36 Edg/150.0`)).toEqual({
    browser: 'Edge',
    system: 'Windows',
  });
  expect(deviceOf(`${windows} Chrome/150.0.0.0 Safari/537.36`)).toEqual({ browser: 'Chrome', system: 'Windows' });
  const phone =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1';
  expect(deviceOf(phone)).toEqual({ browser: 'Safari', system: 'iOS' });
  const android = 'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/150.0.0.0 Mobile Safari/537.36';
  expect(deviceOf(android)).toEqual({ browser: 'Chrome', system: 'Android' });
  expect(deviceOf('curl/8.5')).toEqual({ browser: undefined, system: undefined });
});
