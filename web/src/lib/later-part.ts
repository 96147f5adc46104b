import { type ComponentType, lazy } from 'react';
import { activateLater } from './i18n';

/** A part of any screen that is loaded when it is wanted, and its texts with it, which `lingui.config.ts` puts into the later catalogue. */
export const laterPart = <P extends object>(load: () => Promise<{ default: ComponentType<P> }>) =>
  lazy(async () => (await Promise.all([load(), activateLater()]))[0]);
