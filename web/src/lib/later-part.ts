import { type ComponentType, lazy } from 'react';
import { activateLater } from './i18n';

type Load<P> = () => Promise<{ default: ComponentType<P> }>;

const withTexts = async <P>(load: Load<P>) => (await Promise.all([load(), activateLater()]))[0];

/** A part of any screen that is loaded when it is wanted, and its texts with it, which `lingui.config.ts` puts into the later catalogue. */
export const laterPart = <P extends object>(load: Load<P>) => lazy(() => withTexts(load));

/** One that comes by itself, and that its screen does without where it does not get through. */
export const extraPart = <P extends object>(load: Load<P>) =>
  lazy(() => withTexts(load).catch(() => ({ default: (() => null) as ComponentType<P> })));
