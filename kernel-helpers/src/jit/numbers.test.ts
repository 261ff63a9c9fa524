import { sharedPlaces } from './numbers.ts';

describe('sharedPlaces', () => {
  it('lets numbers share a place that are equal in all rehearsals', () => {
    expect(
      sharedPlaces([
        [0.9, 0.1, 0.1, 0.9],
        [0.9, 0.1, 0.19, 0.9]
      ])
    ).toEqual([0, 1, 2, 0]);
    expect(sharedPlaces([])).toEqual([]);
  });
});
