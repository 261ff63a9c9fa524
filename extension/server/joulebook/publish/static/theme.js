// The button for dark and light; the choice is kept where the browser allows it.
(() => {
  const body = document.body;
  const stored = () => {
    try {
      return localStorage.getItem('joulebook-theme');
    } catch {
      return null;
    }
  };
  body.dataset.theme = stored() ?? 'auto';
  document.getElementById('theme').addEventListener('click', () => {
    const system = matchMedia('(prefers-color-scheme: dark)').matches;
    const dark = body.dataset.theme === 'dark' || (body.dataset.theme === 'auto' && system);
    body.dataset.theme = dark ? 'light' : 'dark';
    try {
      localStorage.setItem('joulebook-theme', body.dataset.theme);
    } catch {
      // A page of a file may keep nothing.
    }
  });
})();
