// Who looks. Where the coordinator asks for a key or a token, the browser gets a cookie in exchange for it, which
// pictures and streams of events are asked for with, too; no script can read it.
import {del, get, signIn} from './api.js';
import {fill, h, text} from './dom.js';

/** What the API calls callers where nobody has to sign in. */
const NOBODY = 'anonymous';

/** Shows in the page's head who one is, and leaves out what a viewer may not do. */
export async function greet() {
  const place = document.getElementById('who');
  try {
    const {name, role} = await get('/session');
    document.body.dataset.role = role;
    const out = h('button', {type: 'button', class: 'quiet', onclick: leave}, 'Sign out');
    fill(place, ...(name === NOBODY ? [] : [h('span', {}, `${name}, ${role.toLowerCase()}`), out]));
  } catch {
    delete document.body.dataset.role;
    fill(place); // the view says what is wrong
  }
}

async function leave() {
  try {
    await del('/session');
    location.reload();
  } catch (error) {
    const place = document.getElementById('who');
    place.querySelector('.bad')?.remove();
    place.append(h('span', {class: 'bad', role: 'alert'}, error.message));
  }
}

/** A form that asks for a key; calls back when it was taken. */
export function signInForm(root, done) {
  const key = h('input', {type: 'password', id: 'key', autocomplete: 'current-password', required: true});
  const wrong = h('p', {class: 'bad', role: 'alert', hidden: true});
  const form = h(
    'form',
    {
      class: 'submit signin',
      onsubmit: async event => {
        event.preventDefault();
        try {
          await signIn(key.value.trim());
          await greet();
          done();
        } catch (error) {
          wrong.hidden = false;
          text(wrong, error.message);
          key.select();
        }
      },
    },
    h('div', {class: 'field'}, h('label', {for: 'key'}, 'API key or token'), key,
      h('span', {class: 'hint'}, 'kept by the browser until it is closed')),
    wrong,
    h('div', {class: 'actions'}, h('button', {class: 'primary'}, 'Sign in')),
  );
  fill(root, h('h1', {}, 'Sign in'), form);
  return {title: 'Sign in', close() {}};
}
