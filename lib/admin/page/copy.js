import { drawn, element, setText } from './elements.js'

const SHOWN_MS = 1_500

/**
 * A button that copies a text, and says so.
 * @param {string} what its name, such as `request id`
 * @param {() => string} textOf
 */
export const copyButton = (what, textOf) => {
  const word = element('span', { class: 'copied', 'aria-live': 'polite' })
  const button = element(
    'button',
    { type: 'button', class: 'copy', 'aria-label': `Copy ${what}`, title: `Copy ${what}` },
    drawn(
      'svg',
      { class: 'glyph', viewBox: '0 0 16 16', 'aria-hidden': 'true' },
      drawn('path', {
        d: 'M5.5 1.5h8v10h-2.2V3.7H5.5zM2.5 4.5h8v10h-8zM4 6v7h5V6z',
        'fill-rule': 'evenodd',
      }),
    ),
  )
  button.addEventListener('click', () => {
    void copy(textOf()).then((isCopied) => {
      setText(word, isCopied ? 'Copied' : 'Not copied')
      setTimeout(() => setText(word, ''), SHOWN_MS)
    })
  })
  return element('span', { class: 'copy-box' }, button, word)
}

/** @param {string} text */
const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

/**
 * A page that came over plain HTTP from another machine has no clipboard of its own.
 * @param {string} text
 */
const copyBySelection = (text) => {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement)
  const carrier = element('textarea', { class: 'unseen' }, text)
  document.body.append(carrier)
  carrier.select()
  const isCopied = document.execCommand('copy')
  carrier.remove()
  focused?.focus()
  return isCopied
}
