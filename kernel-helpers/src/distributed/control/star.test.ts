import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Farewell } from './farewell.ts';
import { Line } from './line.ts';
import { areAllReady } from './readiness.ts';
import { Star } from './star.ts';

/** The stars of three workers, over real connections, and the first's end of each. */
async function threeStars(): Promise<{ stars: Star[]; sockets: Socket[] }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pairs: [Line, Line, Socket][] = [];
  for (let rank = 1; rank <= 2; rank++) {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [end] = (await once(server, 'connection')) as [Socket];
    pairs.push([new Line(end), new Line(socket), end]);
  }
  server.close();
  const first = new Star(new Map(pairs.map(([line], i) => [i + 1, line])));
  const others = pairs.map(([, line]) => new Star(new Map([[0, line]])));
  return { stars: [first, ...others], sockets: pairs.map(([, , end]) => end) };
}

const all = { areThere: () => true, areHeard: () => true };

describe('the lines of a group', () => {
  let stars: Star[];
  let sockets: Socket[];
  beforeEach(async () => {
    ({ stars, sockets } = await threeStars());
  });
  afterEach(() => stars.forEach(star => star.close()));

  for (const leaver of [0, 1, 2]) {
    it(`worker ${leaver} leaves when the others are done with what it took part in`, async () => {
      const reached = [7, 7, 7];
      const [slow, other] = [0, 1, 2].filter(rank => rank !== leaver) as [number, number];
      reached[slow] = 6;
      const farewells = stars.map(
        (star, rank) => new Farewell(star, rank, sequence => reached[rank]! >= sequence)
      );
      const answered = new Promise<void>(resolve =>
        stars.forEach((star, rank) =>
          star.listen(
            (message, from) => {
              farewells[rank]!.hear(message, from);
              if (message.type === 'finished' && from === other) resolve();
            },
            () => undefined
          )
        )
      );
      let hasLeft = false;
      const leaving = farewells[leaver]!.leave(7).then(() => (hasLeft = true));
      await answered;
      expect(hasLeft).toBe(false);
      reached[slow] = 7;
      farewells[slow]!.confirm();
      await leaving;
    });
  }

  it('a group that broke lets everyone go', async () => {
    const farewell = new Farewell(stars[1]!, 1, () => false);
    const leaving = farewell.leave(3);
    farewell.abandon();
    await leaving;
  });

  it('all are ready when the last says so, whenever the first begins to listen', async () => {
    const early = areAllReady(stars[1]!, false, all);
    await once(sockets[0]!, 'data');
    const first = areAllReady(stars[0]!, true, all);
    const last = areAllReady(stars[2]!, false, all);
    expect(await Promise.all([early, first, last])).toEqual([true, true, true]);
  });

  it('a worker that is alone is ready at once', async () => {
    expect(await areAllReady(new Star(new Map()), true, all)).toBe(true);
  });

  it('a worker lost before all are ready ends the wait of the others', async () => {
    const first = areAllReady(stars[0]!, true, all);
    const other = areAllReady(stars[1]!, false, all);
    stars[2]!.close();
    expect(await first).toBe(false);
    stars[0]!.close();
    expect(await other).toBe(false);
  });

  it('one that fell silent ends it too', async () => {
    const lost = { ...all, areThere: () => false };
    expect(await areAllReady(stars[0]!, true, lost)).toBe(false);
  });

  it('nobody is ready before it has heard all others', async () => {
    let isHeard = false;
    let isOver = false;
    const first = areAllReady(stars[0]!, true, all).then(() => (isOver = true));
    const other = areAllReady(stars[1]!, false, { ...all, areHeard: () => isHeard });
    const last = areAllReady(stars[2]!, false, all);
    await once(sockets[1]!, 'data');
    expect(isOver).toBe(false);
    isHeard = true;
    expect(await Promise.all([first, other, last])).toEqual([true, true, true]);
  });
});
