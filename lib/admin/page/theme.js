// Loaded before the page is drawn, so that it does not flash in the other colours.

const KEY = 'passport-gateway-theme'
const NEXT = /** @type {const} */ ({ auto: 'light', light: 'dark', dark: 'auto' })

/** @typedef {keyof typeof NEXT} Theme */

/** @returns {Theme} */
const stored = () => {
  try {
    const value = localStorage.getItem(KEY) ?? ''
    return Object.hasOwn(NEXT, value) ? /** @type {Theme} */ (value) : 'auto'
  } catch {
    return 'auto' // the browser keeps nothing
  }
}

/** @param {Theme} theme */
const apply = (theme) => {
  document.documentElement.dataset['theme'] = theme
}

apply(stored())

/** @param {HTMLElement} button goes through the themes */
export const bindTheme = (button) => {
  const say = (/** @type {Theme} */ theme) => {
    button.textContent = `Theme: ${theme}`
  }
  let theme = stored()
  say(theme)
  button.addEventListener('click', () => {
    theme = NEXT[theme]
    apply(theme)
    say(theme)
    try {
      localStorage.setItem(KEY, theme)
    } catch {
      // it lasts as long as the page
    }
  })
}
