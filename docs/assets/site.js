/* Of the site alone: a table or block of code that scrolls can be reached by keyboard (WCAG 2.2, 2.1.1). */
const SCROLLING = ".md-typeset__scrollwrap, .md-typeset pre > code";

const sizes = new ResizeObserver(entries => {
  for (const { target } of entries) {
    target.toggleAttribute("tabindex", false);
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  }
});

/* The theme wraps tables while the page opens, and shows hidden ones later: both change a size. */
const known = new WeakSet();
function look() {
  for (const each of document.querySelectorAll(SCROLLING)) {
    if (!known.has(each)) sizes.observe(each);
    known.add(each);
  }
  /* The button that copies a block of code is no way through the site. */
  for (const each of document.querySelectorAll("nav.md-code__nav")) each.setAttribute("role", "none");
}

new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
look();
