// Elements of the page around a drawing: lists, links, what is folded.

/**
 * Return an HTML element; what it holds is text or elements, never markup.
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Element | string)} inner
 */
export function html(name, attributes, ...inner) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inner);
  return made;
}
