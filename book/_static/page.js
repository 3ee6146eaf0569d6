// Small repairs to what the theme and Sphinx leave undone.

// From the disk a page may not read another page, so the search lists its findings without their surroundings.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// A button that is only a drawing gets a name that can be heard.
addEventListener("load", () => {
  for (const button of document.querySelectorAll(".copybtn")) button.ariaLabel = "Copy this code";
  for (const drawing of document.querySelectorAll("button svg")) drawing.ariaHidden = "true";
  // What says its name in words is not given another.
  for (const named of document.querySelectorAll(".search-button-field, summary[aria-label]")) named.removeAttribute("aria-label");
  const sidebar = document.getElementById("pst-primary-sidebar");
  if (sidebar?.localName === "div") {
    sidebar.role = "navigation";
    sidebar.ariaLabel = "This book";
  }
});

// A formula that is wider than the page can be scrolled, by keyboard too.
const wide = new ResizeObserver(seen => {
  for (const { target } of seen) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
});
addEventListener("load", () => document.querySelectorAll(".nl-math").forEach(formula => wide.observe(formula)));

// The theme's button says what it does in an attribute, which the site's own policy forbids (book/_ext/csp.py).
addEventListener("click", event => {
  if (event.target.closest?.("[data-print]")) print();
});
