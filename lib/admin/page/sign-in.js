import { byId, setText } from './elements.js'

const view = byId('sign-in')
const form = /** @type {HTMLFormElement} */ (byId('sign-in-form'))
const field = /** @type {HTMLInputElement} */ (byId('admin-token'))
const complaint = byId('sign-in-error')
const content = byId('content')

/**
 * The view that asks for the token of operators, in place of everything else.
 * @type {import('./session.js').Door}
 */
export const door = {
  ask: (message) =>
    new Promise((resolve) => {
      content.hidden = true
      view.hidden = false
      setText(complaint, message)
      field.setAttribute('aria-invalid', String(message !== ''))
      field.focus()
      form.onsubmit = (event) => {
        event.preventDefault()
        const token = field.value.trim()
        if (!/^[\x21-\x7e]+$/.test(token)) {
          setText(complaint, 'A token is visible ASCII characters, without spaces.')
          return
        }
        field.value = ''
        form.onsubmit = (again) => again.preventDefault()
        resolve(token)
      }
    }),

  open: () => {
    if (view.hidden) return
    view.hidden = true
    content.hidden = false
    field.value = ''
    byId('main').focus({ preventScroll: true })
  },
}
