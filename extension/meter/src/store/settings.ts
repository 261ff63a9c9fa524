import { defaultImpactSettings, type ImpactSettings } from 'kernel-helpers/impact';
import { MeterError } from '../errors.ts';
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
 * @param environment May hold `JOULEBOOK_POLICY`.
 * @throws MeterError `cli/bad-argument` when that is no policy.
 */
export function defaultSettings(environment: Record<string, string | undefined>): Settings {
  const policy = environment['JOULEBOOK_POLICY'] || policies[0];
  if (!isPolicy(policy)) {
    throw new MeterError(
      'cli/bad-argument',
      `expected JOULEBOOK_POLICY to be ${policies.join(', ')}, got ${policy}: correct it or unset it`
    );
  }
  return {
    policy,
    retention_days: 0,
    impact: defaultImpactSettings
  };
}
