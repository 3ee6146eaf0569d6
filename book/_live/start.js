// The front door, the one live script that every page loads: it waits for a click, and only then fetches the rest.

(() => {
  const here = new URL(".", /** @type {HTMLScriptElement} */ (document.currentScript).src);
  const FROM_DISK = "A page read from the disk may not start Python. Start serve.py, which lies in the book's folder, "
    + "with Python (python3 serve.py), and open the address that it prints.";

  const COSTS = "The first run fetches Python: 6 MB, once.";
  const LOST = "A part of this page did not arrive. Is there a network? If there is, load the page again.";

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
    says.textContent = COSTS;
    document.addEventListener("netlab-ready", () => says.textContent === COSTS && (says.textContent = ""));
    /** @type {Promise<boolean> | undefined} */
    let waking;
    let live = false;
    const setUp = () => (waking ??= wake(form).finally(() => (waking = undefined)));
    if (location.search.includes(`${form.dataset.panel}.`)) {
      setUp().then(asked => {
        live = true;
        if (asked) says.textContent = `The settings come from this page's address. Run it to see them. ${COSTS}`;
      }, () => {});
    }
    for (const kind of ["submit", "input"]) {
      form.addEventListener(kind, async event => {
        event.preventDefault();
        if (live) return;
        try {
          await setUp();
        } catch {
          return void (says.textContent = LOST);
        }
        live = true;
        if (kind === "submit") form.requestSubmit();
        else event.target?.dispatchEvent(new Event("input", { bubbles: true }));
      });
    }
  }

  for (const bar of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".nl-bar[data-cell]"))) {
    bar.hidden = false;
    const button = /** @type {HTMLButtonElement} */ (bar.querySelector("button"));
    const says = /** @type {HTMLElement} */ (bar.querySelector(".nl-says"));
    if (changed(bar)) says.textContent = "You changed this cell: in this browser, yours runs.";
    const open = async () => {
      if (!served) return void (says.textContent = FROM_DISK);
      button.removeEventListener("click", open);
      try {
        (await part("cell.js")).attach(bar);
      } catch {
        says.textContent = LOST;
        button.addEventListener("click", open);
      }
    };
    button.addEventListener("click", open);
  }

  const explain = document.querySelector("form.nl-explain");
  if (explain instanceof HTMLFormElement) {
    if (served) {
      part("explain.js").then(({ attach }) => {
        attach(explain);
        explain.hidden = false;
      }, () => dead(explain, LOST));
    } else dead(explain, FROM_DISK);
  }

  /** Show a form that can do nothing, and why. @param {HTMLFormElement} form @param {string} why */
  function dead(form, why) {
    form.hidden = false;
    /** @type {HTMLElement} */ (form.querySelector(".nl-says")).textContent = why;
    form.addEventListener("submit", event => event.preventDefault());
  }

  /** @param {HTMLElement} bar @returns {boolean} whether the reader left a version of this cell (cell.js keeps it) */
  function changed(bar) {
    try {
      const kept = localStorage.getItem(`netlab ${location.pathname} ${bar.dataset.cell}`);
      const cells = JSON.parse((kept && document.getElementById("nl-cells")?.textContent) || "[]");
      return kept !== null && JSON.parse(kept)[0] === cells[Number(bar.dataset.cell)].code;
    } catch {
      return false;
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
