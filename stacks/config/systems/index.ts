/** The systems that a stack may be. `stack.system` names one of them. */
import { RULES as ARCHITECT_RULES } from '../rules/architect.ts';
import { RULES as IMAGE_RULES } from '../rules/image.ts';
import { RULES } from '../rules/index.ts';
import { RULES as STANDALONE_RULES } from '../rules/standalone.ts';
import { RULES as TRIA_RULES } from '../rules/tria.ts';
import { systemOf, type SecretKeyIn, type SettingsIn } from '../system.ts';
import * as architect from './architect.ts';
import * as corporateIntelligence from './corporate-intelligence.ts';
import * as image from './image.ts';
import * as standalone from './standalone.ts';
import * as tria from './tria.ts';

export const SYSTEMS = {
  'corporate-intelligence': systemOf({
    title: 'Corporate Intelligence Platform',
    settings: corporateIntelligence.SETTINGS,
    secretKeys: corporateIntelligence.SECRET_KEYS,
    rules: RULES,
  }),
  architect: systemOf({
    title: 'Architect Dashboard API',
    settings: architect.SETTINGS,
    secretKeys: architect.SECRET_KEYS,
    rules: ARCHITECT_RULES,
  }),
  tria: systemOf({
    title: 'Tria AI-BPO chatbot',
    settings: tria.SETTINGS,
    secretKeys: tria.SECRET_KEYS,
    rules: TRIA_RULES,
  }),
  standalone: systemOf({
    title: 'Corporate Intelligence Platform on one Docker host',
    settings: standalone.SETTINGS,
    secretKeys: standalone.SECRET_KEYS,
    rules: STANDALONE_RULES,
  }),
  image: systemOf({
    title: 'image of a product',
    settings: image.SETTINGS,
    secretKeys: image.SECRET_KEYS,
    rules: IMAGE_RULES,
  }),
} as const;

export type SystemName = keyof typeof SYSTEMS;

/** What a stack is that does not say. */
export const USUAL = 'corporate-intelligence' satisfies SystemName;

export type SettingsOf<N extends SystemName> = SettingsIn<(typeof SYSTEMS)[N]>;

export type SecretKeyOf<N extends SystemName> = SecretKeyIn<(typeof SYSTEMS)[N]>;
