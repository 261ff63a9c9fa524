import { defaultImpactSettings, type ImpactSettings } from 'kernel-helpers/impact';
import type { Policy } from '../execution.ts';

/** What a user may change while the daemon runs; kept in the history. */
export interface Settings {
  /** How energy is split; applies to executions that start later. */
  policy: Policy;
  /** Executions older than this many days are deleted; 0 keeps them for ever. */
  retention_days: number;
  /** Where and how the machine gets its electricity. */
  impact: ImpactSettings;
}

/** Changes of settings: what is left out stays as it is, also within `impact`. */
export type SettingsChanges = Partial<Omit<Settings, 'impact'>> & {
  impact?: Partial<ImpactSettings>;
};

/** The three policies, the default first. */
export const policies = ['active', 'share-idle', 'exclusive'] as const satisfies Policy[];

/** Whether a text names a policy. */
export function isPolicy(text: unknown): text is Policy {
  return policies.some(policy => policy === text);
}

/**
 * The settings where none are stored.
 * @param environment Holds `JOULEBOOK_POLICY`; a value that is no policy counts as absent.
 */
export function defaultSettings(environment: Record<string, string | undefined>): Settings {
  const policy = environment['JOULEBOOK_POLICY'];
  return {
    policy: isPolicy(policy) ? policy : policies[0],
    retention_days: 0,
    impact: defaultImpactSettings
  };
}
