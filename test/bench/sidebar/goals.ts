/** What the sidebar must reach in a real browser; each number stands here alone. */
export const goals = {
  /** From a cell's idle to its row on screen, in ms, for 19 cells of 20. */
  shownMs: 100,
  /** Opening the panel of a notebook of 1,000 measured cells, in ms. */
  openMs: 200,
  /** Frames a second while its table scrolls; of 60, one may be late. */
  framesPerSecond: 59,
  /** Part of the page's main thread that 10 updates a second take. */
  updateShare: 0.02,
  /** Requests of a hidden page once it has been hidden for a while. */
  hiddenRequests: 0,
  /** What the page fetches of the extension before plotly is asked for, in bytes of gzip. */
  firstLoadBytes: 150_000
};
