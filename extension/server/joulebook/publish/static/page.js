// What is wider than the page scrolls by the keyboard too.
(() => {
  const wide =
    '.highlight pre, pre, .cell_output, .joulebook-scroll, .table-wrapper, mjx-container';
  const reach = () => {
    for (const part of document.querySelectorAll(wide)) {
      const scrolls = part.scrollWidth > part.clientWidth + 1;
      if (scrolls && !part.closest('[tabindex="0"]')) part.tabIndex = 0;
    }
  };
  addEventListener('load', reach);
  addEventListener('resize', reach);
})();
