// Everything on the page is made here, and every text becomes a text node: nothing is ever markup.

/**
 * An HTML element with attributes and children; a string becomes text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export const element = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}

/**
 * An SVG element.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export const drawn = (tag, attributes = {}, ...children) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value))
  node.append(...children)
  return node
}

/**
 * An element that `page.html` has.
 * @template {HTMLElement} [E=HTMLElement]
 * @param {string} id
 * @returns {E}
 */
export const byId = (id) => {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no #${id}`)
  return /** @type {E} */ (found)
}

/**
 * Sets a text, unless it stands there already: what somebody has selected stays selected.
 * @param {Node} node
 * @param {string} text
 */
export const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text
}

const ICONS = {
  up: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm3.3 4.9L7.4 11 4.8 8.6l1-1.1 1.5 1.4 2.8-3.4z',
  down: 'M5.1 1.5h5.8l4 4.1v5.8l-4 4.1H5.1l-4-4.1V5.6zm.5 3.1-1 1L7 8l-2.4 2.4 1 1L8 9l2.4 2.4 1-1L9 8l2.4-2.4-1-1L8 7z',
  ejected: 'M8 1 15.5 14.5H.5zM7.2 5.8v4h1.6v-4zm0 5.1v1.7h1.6v-1.7z',
  waiting: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM4.5 7.2h7v1.6h-7z',
}

/**
 * A shape that goes with a word: a disc with a tick, an octagon with a cross, a triangle, a disc with a dash.
 * @param {keyof typeof ICONS} name
 */
export const icon = (name) =>
  drawn(
    'svg',
    { class: `icon ${name}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    drawn('path', { d: ICONS[name], 'fill-rule': 'evenodd' }),
  )
