// Steps through a sequence picture, one message after the other: buttons, or the arrow keys while it has the focus.
//
// A view is <div class="nl-seq"> with drawings and a list. In both, data-m is a message's number in the order of time,
// and data-after the message from which on a mark is to be seen. The picture is whole until the reader steps, when
// there is no script, and in print; nothing ever moves by itself. All listeners are the document's, so a view that a
// panel draws later works like the others.
(() => {
  "use strict";
  /** @type {Record<string, string>} what each button is called, by the key that does the same */
  const BUTTONS = { Home: "First", ArrowLeft: "Back", ArrowRight: "Forward", End: "All" };

  const LINES = 4; // of a hexdump, at most, below the buttons: a phone shows the picture, too
  const HEADER = 64; // px that the page's header covers

  /** @param {Element} view @returns {HTMLElement[]} the rows of its list, one for each message */
  const rows = (view) => [...view.querySelectorAll("li[data-m]")].filter((row) => row instanceof HTMLElement);

  /** @param {Event} event @returns {Element | null} what it happened to */
  const target = (event) => (event.target instanceof Element ? event.target : null);

  /**
   * Make an element.
   * @param {string} tag @param {Record<string, string>} attributes @param {string} text
   */
  function made(tag, attributes, text = "") {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  }

  /** Give a view its buttons, unless it has them. @param {Element} view */
  function build(view) {
    const count = rows(view).length;
    if (!count || view.querySelector(".nl-steps")) return;
    const bar = made("div", { class: "nl-steps", role: "group", "aria-label": "Step through the messages" });
    for (const [key, name] of Object.entries(BUTTONS)) {
      bar.append(made("button", { type: "button", "data-step": key, "aria-keyshortcuts": key }, name));
    }
    bar.append(made("p", { class: "nl-said", "aria-live": "polite" }), made("pre", { class: "nl-octets" }));
    view.insertBefore(bar, [...view.children].find((child) => child.querySelector("li[data-m]")) ?? null);
    show(view, count);
  }

  /** Return the bytes of a row as the lines of a hexdump. @param {Element} row @param {number} width */
  function dump(row, width) {
    const code = row.querySelector("code")?.textContent ?? "";
    const octets = code.match(/[0-9a-f]{2}/g) ?? [];
    /** @type {string[]} */
    const lines = [];
    for (let at = 0; at < octets.length; at += width) {
      const some = octets.slice(at, at + width).map((octet) => parseInt(octet, 16));
      const seen = some.map((octet) => (octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : "·"));
      const place = at.toString(16).padStart(4, "0");
      lines.push(`${place}  ${octets.slice(at, at + width).join(" ").padEnd(3 * width - 1)}  ${seen.join("")}`);
    }
    const more = code.endsWith("…") || lines.length > LINES; // than the row tells, or than there is room for
    return lines.slice(0, LINES).map((line, n, all) => (more && n === all.length - 1 ? `${line} …` : line));
  }

  /**
   * Show a view up to a message; whole, if the number is how many there are.
   * @param {Element} view @param {number} now
   */
  function show(view, now) {
    const list = rows(view), whole = now >= list.length;
    view.setAttribute("data-now", String(now));
    view.classList.toggle("stepping", !whole);
    for (const mark of view.querySelectorAll("[data-m], [data-after]")) {
      const number = Number(mark.getAttribute("data-m") ?? mark.getAttribute("data-after"));
      mark.classList.toggle("later", number > now);
      mark.classList.toggle("now", number === now && mark.hasAttribute("data-m"));
    }
    for (const button of view.querySelectorAll("[data-step]")) {
      const idle = next(now, button.getAttribute("data-step") ?? "", list.length) === now;
      button.setAttribute("aria-disabled", String(idle)); // a disabled one would lose the focus
    }
    const said = view.querySelector(".nl-said"), octets = view.querySelector(".nl-octets");
    const width = view.clientWidth < 540 ? 8 : 16;
    if (said) said.textContent = whole ? `All ${list.length}. The arrow keys step, too.` : sentence(list, now);
    if (octets instanceof HTMLElement) {
      const most = Math.max(...list.map((row) => dump(row, width).length)); // always as many lines, so nothing jumps
      const lines = whole ? [] : dump(list[now], width);
      octets.hidden = whole || !most;
      octets.textContent = [...lines, ...Array(most - lines.length).fill(" ")].join("\n");
    }
  }

  /** Return what is said of a message. @param {HTMLElement[]} list @param {number} now */
  function sentence(list, now) {
    return `${now + 1} of ${list.length}: ${list[now].dataset.says ?? ""}`;
  }

  /** Return which message follows. @param {number} now @param {string} key @param {number} count */
  function next(now, key, count) {
    if (key === "Home") return 0;
    if (key === "End") return count;
    if (key === "ArrowLeft") return Math.max(0, now - 1);
    return now >= count ? 0 : Math.min(now + 1, count - 1); // from the whole picture to the first message
  }

  /** @param {Element} view @param {string} key */
  function step(view, key) {
    build(view);
    show(view, next(Number(view.getAttribute("data-now")), key, rows(view).length));
    reveal(view);
  }

  /**
   * Scroll, at once, if the present message is above or below what is seen: the reader has just asked for it.
   * @param {Element} view
   */
  function reveal(view) {
    const marks = [...view.querySelectorAll("svg .now")].map((mark) => mark.getBoundingClientRect());
    const seen = marks.filter((place) => place.height > 0); // of two drawings one is hidden
    const floor = view.querySelector(".nl-steps")?.getBoundingClientRect().top ?? innerHeight;
    const below = Math.max(...seen.map((place) => place.bottom)) + 8 - floor;
    const above = Math.min(...seen.map((place) => place.top)) - 8 - HEADER;
    const by = below > 0 ? below : Math.min(above, 0);
    if (Number.isFinite(by) && by) scrollBy({ top: by, behavior: "instant" });
  }

  document.addEventListener("click", (event) => {
    const view = target(event)?.closest(".nl-seq");
    const key = target(event)?.closest("[data-step]")?.getAttribute("data-step");
    const mark = target(event)?.closest("[data-m]")?.getAttribute("data-m");
    if (view && key) step(view, key);
    else if (view && mark && getSelection()?.isCollapsed !== false) show(view, Number(mark));
  });

  document.addEventListener("keydown", (event) => {
    const view = target(event)?.closest(".nl-seq");
    if (!view || !(event.key in BUTTONS) || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    step(view, event.key);
  });

  /** Give all views in an element their buttons. It may be called again. @param {ParentNode} root */
  function attach(root = document) {
    if (root instanceof Element && root.matches(".nl-seq")) build(root);
    for (const view of root.querySelectorAll(".nl-seq:not(:has(.nl-steps))")) build(view);
  }

  Object.assign(window, { netlabSteps: { attach } });
  attach();
  new MutationObserver(() => attach()).observe(document.body, { childList: true, subtree: true });
})();
