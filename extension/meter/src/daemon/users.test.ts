import { userInfo } from 'node:os';
import { Homes } from './users.ts';

describe('Homes', () => {
  it('knows the home folder of whoever runs it', async () => {
    const { uid, homedir } = userInfo();
    expect(await new Homes().of(uid)).toBe(homedir);
  });

  it('says what to do about a user without one, and does not ask for them again at once', async () => {
    await expect(new Homes().of(4_000_000_000)).rejects.toMatchObject({
      code: 'daemon/unknown-user',
      message: expect.stringContaining('getent passwd 4000000000') as string
    });
    const asked: number[] = [];
    const homes = new Homes(user => {
      asked.push(user);
      return user === 1 ? Promise.reject(new Error('none')) : Promise.resolve('/home/two');
    });
    for (let i = 0; i < 3; i++) await expect(homes.of(1)).rejects.toThrow('none');
    expect(await homes.of(2)).toBe('/home/two');
    expect(asked).toEqual([1, 2]);
  });
});
