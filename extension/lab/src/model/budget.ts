/** How a run stands with its budget. */
export type BudgetLevel = 'near' | 'over';

/** The part of a budget from which a warning comes. */
export const NEAR = 0.8;

/** Decides when to speak of a budget: once per run and level. */
export class BudgetWatch {
  private told = new Set<string>();

  /**
   * Returns the level to tell of now, or null when there is nothing new to say.
   * @param run The run's id; another run starts afresh.
   * @param used Joules so far.
   * @param budget Joules; 0 for none.
   */
  check(run: string, used: number, budget: number): BudgetLevel | null {
    if (budget <= 0) return null;
    const level = used >= budget ? 'over' : used >= NEAR * budget ? 'near' : null;
    if (level === null) return null;
    const key = `${run}/${level}/${budget}`;
    if (this.told.has(key)) return null;
    this.told.add(key);
    // Who goes over in one step needs no warning afterwards that it is near.
    this.told.add(`${run}/near/${budget}`);
    return level;
  }
}
