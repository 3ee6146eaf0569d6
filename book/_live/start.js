// The front door, the one live script that every page loads: it waits for a click, and only then fetches the rest.

(() => {
  const here = new URL(".", /** @type {HTMLScriptElement} */ (document.currentScript).src);
  const FROM_DISK = "A page read from the disk may not start Python. Start serve.py, which lies in the book's folder, "
    + "with Python (python3 serve.py), and open the address that it prints.";

  /** @param {string} name */
  const part = name => import(new URL(name, here).href);
  const served = location.protocol !== "file:";

  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form.nl-panel"))) {
    form.hidden = false;
    const says = /** @type {HTMLElement} */ (form.querySelector(".nl-says"));
    if (!served) {
      form.addEventListener("submit", event => event.preventDefault());
      form.addEventListener("input", () => (says.textContent = FROM_DISK));
      form.addEventListener("click", () => (says.textContent = FROM_DISK));
      continue;
    }
    /** @type {Promise<boolean> | undefined} */
    let live;
    const setUp = () => (live ??= wake(form));
    if (location.search.includes(`${form.dataset.panel}.`)) {
      setUp().then(asked => asked && (says.textContent = "The settings come from this page's address. Run it to see them."));
    }
    for (const kind of ["submit", "input"]) {
      form.addEventListener(kind, async event => {
        if (live) return event.preventDefault();
        event.preventDefault();
        await setUp();
        if (kind === "submit") form.requestSubmit();
        else event.target?.dispatchEvent(new Event("input", { bubbles: true }));
      });
    }
  }

  for (const bar of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".nl-bar[data-cell]"))) {
    bar.hidden = false;
    const button = /** @type {HTMLButtonElement} */ (bar.querySelector("button"));
    const says = /** @type {HTMLElement} */ (bar.querySelector(".nl-says"));
    button.addEventListener("click", async () => {
      if (!served) says.textContent = FROM_DISK;
      else (await part("cell.js")).attach(bar);
    }, { once: served });
  }

  const explain = document.querySelector("form.nl-explain");
  if (explain instanceof HTMLFormElement) {
    if (served) {
      part("explain.js").then(({ attach }) => {
        attach(explain);
        explain.hidden = false;
      });
    } else {
      explain.hidden = false;
      explain.addEventListener("submit", event => {
        event.preventDefault();
        /** @type {HTMLElement} */ (explain.querySelector(".nl-says")).textContent = FROM_DISK;
      });
    }
  }

  /** Set a panel up. @param {HTMLFormElement} form @returns {Promise<boolean>} whether the address had settings for it */
  async function wake(form) {
    const [{ attach }, { recall }] = await Promise.all([part("panel.js"), part("values.js")]);
    const asked = recall(form);
    attach(form);
    return asked;
  }
})();
