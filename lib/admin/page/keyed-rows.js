/**
 * @template Item
 * @typedef {{ node: Element, update: (item: Item) => void }} Row
 */

/**
 * Keeps the children of a node in step with a list. A row lives as long as its key is there, so that
 * the focus and a selection in it stay.
 * @template Item
 * @param {Element} parent
 * @param {(item: Item) => string} keyOf
 * @param {(item: Item) => Row<Item>} create
 * @returns {(items: readonly Item[]) => void}
 */
export const keyedRows = (parent, keyOf, create) => {
  /** @type {Map<string, Row<Item>>} */
  let rows = new Map()

  return (items) => {
    /** @type {Map<string, Row<Item>>} */
    const next = new Map()
    for (const item of items) {
      const key = keyOf(item)
      if (next.has(key)) continue
      const row = rows.get(key) ?? create(item)
      row.update(item)
      next.set(key, row)
    }
    for (const [key, { node }] of rows) if (!next.has(key)) node.remove()
    rows = next
    let place = parent.firstElementChild
    for (const { node } of next.values()) {
      if (node === place) place = place.nextElementSibling
      else parent.insertBefore(node, place) // moves nothing that stands right
    }
  }
}
